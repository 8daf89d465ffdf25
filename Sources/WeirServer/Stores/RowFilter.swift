package import WeirCore

/// Which rows to read; `nil` and false ask for nothing.
package struct RowFilter: Sendable, Equatable {
    /// Wall-clock microseconds since 1970, inclusive.
    package var since: Int64?
    /// Wall-clock microseconds since 1970, exclusive.
    package var until: Int64?
    package var caller: String?
    package var project: String?
    /// Requested or served model.
    package var model: String?
    /// The provider that served the request, or failed it last.
    package var provider: String?
    package var session: String?
    package var state: WeirCore.Row.State?
    /// Only rows behind this sequence number.
    package var after: UInt64?

    package init() {}
}

/// The WHERE clause of a filter with its values.
struct RowCondition {
    private enum Value {
        case number(Int64)
        case text(String)
    }

    private var clauses: [String] = []
    private var values: [Value] = []

    /// `and` is one more clause, without values.
    init(_ filter: RowFilter, and clause: String? = nil) {
        if let clause { clauses.append(clause) }
        add("received_at >= ?", filter.since)
        add("received_at < ?", filter.until)
        add("caller = ?", filter.caller)
        add("project = ?", filter.project)
        if let model = filter.model {
            clauses.append("(requested_model = ? OR served_model = ?)")
            values += [.text(model), .text(model)]
        }
        add("provider = ?", filter.provider)
        add("session = ?", filter.session)
        add("state = ?", filter.state?.rawValue)
        add("sequence > ?", filter.after.map { Int64(bitPattern: $0) })
    }

    /// Adds a clause without values.
    mutating func add(_ clause: String) { clauses.append(clause) }

    /// Adds a clause with one value; none where the value is `nil`.
    mutating func add(_ clause: String, _ value: Int64?) {
        guard let value else { return }
        clauses.append(clause)
        values.append(.number(value))
    }

    /// As with a number.
    mutating func add(_ clause: String, _ value: String?) {
        guard let value else { return }
        clauses.append(clause)
        values.append(.text(value))
    }

    var sql: String { clauses.isEmpty ? "" : " WHERE " + clauses.joined(separator: " AND ") }

    func bind(to statement: inout RawStatement) {
        statement.reset()
        for value in values {
            switch value {
            case .number(let number): statement.bind(number)
            case .text(let text): statement.bind(text)
            }
        }
    }
}
