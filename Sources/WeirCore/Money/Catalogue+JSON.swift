/// Why a catalogue text cannot be used.
package struct CatalogueProblem: Error, Sendable, Equatable {
    /// "models[3].input: "x" is no price".
    package let message: String
}

extension Catalogue {
    /// Reads the catalogue file.
    ///
    /// A single unreadable figure refuses the whole, so that none is silently missing.
    package init(json bytes: UnsafeRawBufferPointer) throws(CatalogueProblem) {
        let root: JSONValue
        do {
            root = try JSONValue(bytes)
        } catch {
            throw CatalogueProblem(message: "\(error)")
        }
        var entries: [CatalogueEntry] = []
        for (index, value) in (root["models"]?.array ?? []).enumerated() {
            var row = CatalogueRow(value: value, path: "models[\(index)]")
            entries.append(row.entry())
            if let problem = row.problem { throw CatalogueProblem(message: problem) }
        }
        var rules: [String: ProviderCacheRules] = [:]
        for member in root["cache_rules"]?.members ?? [] {
            rules[member.name] = try ProviderCacheRules(member.value, path: "cache_rules.\(member.name)")
        }
        self.init(
            generated: root["about"]?["generated"]?.string ?? "", entries: entries, cacheRules: rules)
    }
}

/// Reads one object of the catalogue and notes the first thing that is wrong.
private struct CatalogueRow {
    let value: JSONValue
    let path: String
    var problem: String?

    mutating func entry() -> CatalogueEntry {
        var entry = CatalogueEntry()
        entry.id = text("id")
        entry.provider = text("provider")
        entry.bucket = text("bucket")
        entry.skills = strings("buckets").compactMap { name in
            let bucket = Bucket(rawValue: name)
            if bucket?.isSize != false { note("buckets: \"\(name)\" is no bucket besides the sizes") }
            return bucket
        }
        entry.weights = value["weights"]?.string
        entry.mode = text("mode")
        entry.source = text("source")
        entry.price = price(value)
        entry.batch = price(value, prefix: "batch_")
        entry.longContext = longContext()
        entry.multipliers = multipliers()
        for tier in value["service_tiers"]?.members ?? [] {
            entry.serviceTiers[tier.name] = price(tier.value)
        }
        entry.offPeak = offPeak()
        entry.webSearchPer1k = webSearch()
        entry.contextTokens = value["context"]?.int
        entry.maxOutputTokens = value["max_output"]?.int
        entry.cacheMinTokens = value["cache_min_tokens"]?.int
        for flag in value["wire_flags"]?.members ?? [] { entry.wireFlags[flag.name] = flag.value.bool }
        entry.capabilities = strings("capabilities")
        entry.reasoningEfforts = strings("reasoning_efforts")
        entry.retires = value["retires"]?.string
        return entry
    }

    private mutating func text(_ key: String) -> String {
        if let text = value[key]?.string, !text.isEmpty { return text }
        note("\(key): a text is needed")
        return ""
    }

    private func strings(_ key: String) -> [String] { (value[key]?.array ?? []).compactMap(\.string) }

    /// Anthropic's rows have the five-minute and one-hour prices, OpenAI's the thirty-minute and twelve-hour
    /// ones.
    private mutating func price(_ row: JSONValue, prefix: String = "") -> Price {
        var price = Price()
        price.input = amount(row, prefix + "input")
        price.output = amount(row, prefix + "output")
        price.cacheRead = amount(row, prefix + "cache_read")
        price.cacheWriteShort =
            amount(row, prefix + "cache_write_5m") ?? amount(row, prefix + "cache_write_30m")
        price.cacheWriteLong =
            amount(row, prefix + "cache_write_1h") ?? amount(row, prefix + "cache_write_12h")
        return price
    }

    /// Dollars as nanodollars; absent and null are unknown.
    private mutating func amount(_ row: JSONValue, _ key: String) -> Int64? {
        guard let value = row[key], !value.isNull else { return nil }
        if case .number(let text) = value, let amount = ExactDecimal.scaled(text, by: 9), amount >= 0 {
            return amount
        }
        note("\(key): \(value) is no price")
        return nil
    }

    private mutating func longContext() -> CatalogueEntry.LongContext? {
        guard let row = value["long_context"], !row.isNull else { return nil }
        var long = CatalogueEntry.LongContext()
        guard let above = row["above_prompt_tokens"]?.int, above > 0 else {
            note("long_context.above_prompt_tokens: a number is needed")
            return nil
        }
        long.above = above
        long.price = price(row)
        long.batch = price(row, prefix: "batch_")
        return long
    }

    private mutating func multipliers() -> [String: Ratio] {
        var multipliers: [String: Ratio] = [:]
        for member in value["multipliers"]?.members ?? [] {
            if case .number(let text) = member.value, let ratio = Ratio(text) {
                multipliers[member.name] = ratio
            } else {
                note("multipliers.\(member.name): \(member.value) is no factor")
            }
        }
        return multipliers
    }

    /// One price per thousand, only where it does not depend on the search's depth.
    private mutating func webSearch() -> Int64? {
        guard let row = value["web_search_per_1k"], !row.isNull else { return nil }
        let amounts = (row.members ?? []).map { amount(row, $0.name) }
        guard let first = amounts.first, amounts.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    private mutating func offPeak() -> CatalogueEntry.OffPeak? {
        guard let row = value["off_peak"], !row.isNull else { return nil }
        var offPeak = CatalogueEntry.OffPeak()
        offPeak.price = price(row)
        for window in row["windows_utc"]?.array ?? [] {
            let days = Set((window["weekdays"]?.array ?? []).compactMap(\.int))
            let spans = window["hours_utc"]?.array ?? [window["hours_utc"] ?? .null]
            for span in spans {
                guard let minutes = Self.minutes(span.string ?? ""), !days.isEmpty else {
                    note("off_peak.windows_utc: \(span) is no span of hours")
                    return nil
                }
                var one = CatalogueEntry.Window()
                one.weekdays = days
                one.minutes = minutes
                offPeak.windows.append(one)
            }
        }
        return offPeak
    }

    /// "10:00-00:00" as minutes of a day; midnight as an end is the end of the day.
    private static func minutes(_ span: String) -> Range<Int>? {
        let ends = span.split(separator: "-").map { $0.split(separator: ":").compactMap { Int($0) } }
        guard ends.count == 2, ends.allSatisfy({ $0.count == 2 }) else { return nil }
        let start = ends[0][0] * 60 + ends[0][1]
        let end = ends[1][0] * 60 + ends[1][1]
        let last = end == 0 ? 1440 : end
        return start >= 0 && start < last && last <= 1440 ? start..<last : nil
    }

    private mutating func note(_ text: String) {
        if problem == nil { problem = "\(path).\(text)" }
    }
}
