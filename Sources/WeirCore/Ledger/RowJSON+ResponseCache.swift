extension JSONLine {
    /// The member `response_cache`: an object, or null where the row has no figures.
    mutating func responseCache(_ figures: ResponseCacheFigures?) {
        guard let figures else { return member("response_cache", "null") }
        member("response_cache", "")
        begin()
        text("outcome", figures.outcome.rawValue)
        number("entry", figures.entry.map { Int64(clamping: $0) })
        number("stored", figures.stored.map { Int64(clamping: $0) })
        text("original_request_id", figures.originalRequestID)
        number("age", figures.age)
        millionths("similarity", figures.similarity)
        millionths("threshold", figures.threshold)
        text("vetoes", figures.vetoes)
        number("nearest", figures.nearest.map { Int64(clamping: $0) })
        text("would_hit", figures.wouldHit?.rawValue)
        money("would_save_usd", figures.wouldSave)
        text("obstacle", figures.obstacle)
        text("judged", figures.judged?.rawValue)
        money("judge_cost_usd", figures.judgeCost)
        text("judged_request_id", figures.judgedRequestID)
        end()
    }

    /// A number of millionths as a decimal, or null.
    mutating func millionths(_ name: String, _ value: Int?) {
        member(name, value.map(RowJSON.decimal(ofMillionths:)) ?? "null")
    }
}

extension RowJSON {
    /// Decimal digits, no more than needed: 950,000 is "0.95".
    package static func decimal(ofMillionths value: Int) -> String {
        let whole = "\(value < 0 ? "-" : "")\(value.magnitude / 1_000_000)"
        let fraction = value.magnitude % 1_000_000
        if fraction == 0 { return whole == "-0" ? "0" : whole }
        let digits = "\(1_000_000 + fraction)".dropFirst()
        let zeros = digits.reversed().prefix { $0 == "0" }.count
        return "\(whole).\(digits.dropLast(zeros))"
    }
}

extension RowCSV {
    /// Names of the columns of `ResponseCacheFigures`.
    static let responseCacheColumns = [
        "response_cache", "response_cache_entry", "response_cache_stored", "original_request_id",
        "response_cache_age", "similarity", "threshold", "vetoes", "nearest", "would_hit", "would_save_usd",
        "obstacle", "judged", "judge_cost_usd", "judged_request_id",
    ]
}

extension CSVLine {
    /// The fields of `RowCSV.responseCacheColumns`, all of them empty where the row has no figures.
    mutating func add(_ figures: ResponseCacheFigures?) {
        add(figures?.outcome.rawValue)
        add(figures?.entry.map(String.init))
        add(figures?.stored.map(String.init))
        add(figures?.originalRequestID)
        add(figures?.age)
        add(figures?.similarity.map(RowJSON.decimal(ofMillionths:)))
        add(figures?.threshold.map(RowJSON.decimal(ofMillionths:)))
        add(figures?.vetoes)
        add(figures?.nearest.map(String.init))
        add(figures?.wouldHit?.rawValue)
        add(figures?.wouldSave?.description)
        add(figures?.obstacle)
        add(figures?.judged?.rawValue)
        add(figures?.judgeCost?.description)
        add(figures?.judgedRequestID)
    }
}
