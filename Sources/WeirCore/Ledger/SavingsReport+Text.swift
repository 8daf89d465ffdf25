extension SavingsReport {
    /// One JSON object: groups, totals with formula and arithmetic, and the number of rows behind them.
    package var json: String {
        var out = JSONLine()
        out.begin()
        out.text("by", grouping.rawValue)
        out.list("groups", groups) { out, group in
            out.begin()
            out.text("key", group.key)
            out.figure(group.figure)
            out.end()
        }
        out.list("totals", totals) { out, figure in
            out.begin()
            out.figure(figure)
            out.text("formula", figure.source?.formula)
            out.text("arithmetic", figure.arithmetic)
            out.end()
        }
        out.money("saved_usd", saved)
        out.number("rows", rows)
        out.end()
        return out.result
    }

    /// Names of the columns of `Group.csv`.
    package static let csvHeader = "key,source,rows,unknown,amount_usd,baseline_usd"
}

extension SavingsReport.Group {
    /// One JSON object.
    package var json: String {
        var out = JSONLine()
        out.begin()
        out.text("key", key)
        out.figure(figure)
        out.end()
        return out.result
    }

    /// One line of CSV without its line break.
    package var csv: String {
        var line = CSVLine()
        line.add(key)
        line.add(figure.source?.rawValue)
        line.add(Int64(figure.rows))
        line.add(Int64(figure.unknown))
        line.add(figure.isKnown ? figure.amount.description : nil)
        line.add(figure.isKnown ? figure.baseline.description : nil)
        return line.text
    }
}

extension SavingRow {
    /// One JSON object.
    package var json: String {
        var out = JSONLine()
        out.begin()
        out.member("sequence", "\(sequence)")
        out.text("id", id)
        out.number("received_at", receivedAt)
        out.text("project", project)
        out.text("model", model)
        out.text("source", saving.source.rawValue)
        out.money("amount_usd", saving.amount)
        out.money("baseline_usd", saving.baseline)
        out.text("related_id", relatedID)
        out.end()
        return out.result
    }

    /// Names of the columns of `csv`.
    package static let csvHeader =
        "sequence,id,received_at,project,model,source,amount_usd,baseline_usd,related_id"

    /// One line of CSV without its line break.
    package var csv: String {
        var line = CSVLine()
        line.add("\(sequence)")
        line.add(id)
        line.add(receivedAt)
        line.add(project)
        line.add(model)
        line.add(saving.source.rawValue)
        line.add(saving.amount?.description)
        line.add(saving.baseline?.description)
        line.add(relatedID)
        return line.text
    }
}

extension JSONLine {
    fileprivate mutating func figure(_ figure: SavingsFigure) {
        text("source", figure.source?.rawValue)
        number("rows", figure.rows)
        number("unknown", figure.unknown)
        money("amount_usd", figure.isKnown ? figure.amount : nil)
        money("baseline_usd", figure.isKnown ? figure.baseline : nil)
        money("paid_usd", figure.isKnown ? figure.paid : nil)
    }
}
