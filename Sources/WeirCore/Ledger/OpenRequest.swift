/// What is noted of a request when it is admitted, so that a crash of Weir still leaves a row of it.
package struct OpenRequest: Sendable, Equatable {
    /// As `Row.id`.
    package var id: String
    /// Wall-clock microseconds since 1970.
    package var receivedAt: Int64
    package var caller: String?
    package var project: String?
    package var endpoint: Endpoint
    package var requestedModel: String?
    package var session: String?

    package init(
        id: String, receivedAt: Int64, caller: String? = nil, project: String? = nil, endpoint: Endpoint,
        requestedModel: String? = nil, session: String? = nil
    ) {
        self.id = id
        self.receivedAt = receivedAt
        self.caller = caller
        self.project = project
        self.endpoint = endpoint
        self.requestedModel = requestedModel
        self.session = session
    }

    /// What is noted of the row so far.
    package init(_ row: borrowing Row) {
        self.init(
            id: row.id, receivedAt: row.receivedAt, caller: row.caller, project: row.project,
            endpoint: row.endpoint, requestedModel: row.requestedModel, session: row.session)
    }

    /// The row of a request that was open when Weir ended.
    ///
    /// Its times, usage and cost are not known: counts and cost stay `nil`, `settledAfter` and `status` are
    /// 0.
    package var crashedRow: Row {
        var row = Row()
        row.id = id
        row.state = .crashed
        row.receivedAt = receivedAt
        row.caller = caller
        row.project = project
        row.endpoint = endpoint
        row.requestedModel = requestedModel
        row.session = session
        return row
    }
}
