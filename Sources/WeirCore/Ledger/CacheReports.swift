/// Breaks of prompt caches of one kind at one place, added up.
package struct CacheBreak: Sendable, Equatable {
    /// As in the ledger.
    package var kind: PromptChange.Kind
    /// "tools[3].description", "system[1]"; "messages[]" for any place in the messages, which moves with the
    /// conversation; `nil` where no place is to blame.
    package var path: String?
    package var rows = 0
    /// Rows of which it is not known what they paid more.
    package var unknown = 0
    /// What the other rows paid more because of it.
    package var cost = Money.zero
    /// Wall-clock microseconds since 1970 of the last one.
    package var lastAt: Int64 = 0
    /// Id of the last one, and its exact place.
    package var exampleID = ""
    package var examplePath: String?

    package init(kind: PromptChange.Kind) { self.kind = kind }

    /// `cost`, or `nil` where that of no row is known.
    package var knownCost: Money? { rows > 0 && rows == unknown ? nil : cost }
}

/// The costliest breaks, and how much there is of all.
package struct CacheBreaksReport: Sendable, Equatable {
    /// By dollars, then by rows, at most as many as were asked for.
    package var breaks: [CacheBreak] = []
    /// Rows with a break, also those that are not listed, and what they paid more as far as it is known.
    package var rows = 0
    package var unknown = 0
    package var cost = Money.zero

    package init() {}

    /// `cost`, or `nil` where there are rows and that of none is known.
    package var knownCost: Money? { rows > 0 && rows == unknown ? nil : cost }

    /// One JSON object.
    package var json: String {
        var out = JSONLine()
        out.begin()
        out.member("breaks", "[" + breaks.map(\.json).joined(separator: ",") + "]")
        out.number("rows", rows)
        out.number("unknown", unknown)
        out.money("cost_usd", knownCost)
        out.end()
        return out.result
    }
}

extension CacheBreak {
    /// One JSON object.
    package var json: String {
        var out = JSONLine()
        out.begin()
        out.text("kind", kind.rawValue)
        out.text("path", path)
        out.number("rows", rows)
        out.number("unknown", unknown)
        out.money("cost_usd", knownCost)
        out.number("last_at", lastAt)
        out.text("example", exampleID)
        out.text("example_path", examplePath)
        out.text("hint", kind.hint)
        out.end()
        return out.result
    }

    /// Names of the columns of `csv`.
    package static let csvHeader = "kind,path,rows,unknown,cost_usd,last_at,example,example_path,hint"

    /// One line of CSV without its line break.
    package var csv: String {
        var line = CSVLine()
        line.add(kind.rawValue)
        line.add(path)
        line.add(Int64(rows))
        line.add(Int64(unknown))
        line.add(knownCost?.description)
        line.add(lastAt)
        line.add(exampleID)
        line.add(examplePath)
        line.add(kind.hint)
        return line.text
    }
}

/// What marking the prompts of one model would have earned, seen in `observe` mode.
package struct CacheObservation: Sendable, Equatable {
    /// The served model.
    package var model: String?
    package var rows = 0
    /// Rows without both bounds; they are in neither sum.
    package var unknown = 0
    /// At least and at most.
    package var lower = Money.zero
    package var upper = Money.zero

    package init(model: String?) { self.model = model }

    /// False where there are rows and the bounds of none are known.
    package var isKnown: Bool { rows == 0 || rows > unknown }

    /// One JSON object.
    package var json: String {
        var out = JSONLine()
        out.begin()
        out.text("model", model)
        out.bounds(self)
        out.end()
        return out.result
    }

    /// Names of the columns of `csv`.
    package static let csvHeader = "model,rows,unknown,lower_usd,upper_usd"

    /// One line of CSV without its line break.
    package var csv: String {
        var line = CSVLine()
        line.add(model)
        line.add(Int64(rows))
        line.add(Int64(unknown))
        line.add(isKnown ? lower.description : nil)
        line.add(isKnown ? upper.description : nil)
        return line.text
    }
}

/// Observations by model, and their sum.
package struct CacheObservationReport: Sendable, Equatable {
    package var models: [CacheObservation]

    package init(models: [CacheObservation]) { self.models = models }

    /// Over all models.
    package var total: CacheObservation {
        models.reduce(into: CacheObservation(model: nil)) { sum, one in
            sum.rows += one.rows
            sum.unknown += one.unknown
            sum.lower += one.lower
            sum.upper += one.upper
        }
    }

    /// One JSON object.
    package var json: String {
        var out = JSONLine()
        out.begin()
        out.member("models", "[" + models.map(\.json).joined(separator: ",") + "]")
        out.bounds(total)
        out.end()
        return out.result
    }
}

extension JSONLine {
    fileprivate mutating func bounds(_ observation: CacheObservation) {
        number("rows", observation.rows)
        number("unknown", observation.unknown)
        money("lower_usd", observation.isKnown ? observation.lower : nil)
        money("upper_usd", observation.isKnown ? observation.upper : nil)
    }
}
