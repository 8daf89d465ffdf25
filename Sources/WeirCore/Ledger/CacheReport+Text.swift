extension CacheReport {
    /// One JSON object: groups and their sum.
    package var json: String {
        var out = JSONLine()
        out.begin()
        out.text("by", grouping.rawValue)
        out.member("groups", "[" + groups.map(\.json).joined(separator: ",") + "]")
        out.member("total", "")
        out.begin()
        out.figure(total)
        out.end()
        out.end()
        return out.result
    }

    /// Names of the columns of `Group.csv`.
    package static let csvHeader =
        "project,step,threshold,hits,would_hit,right,wrong,unsure,failed,false_hit_rate,false_hit_rate_lower,"
        + "false_hit_rate_upper,unknown,saved_usd,would_save_usd"
}

extension CacheReport.Group {
    /// One JSON object.
    package var json: String {
        var out = JSONLine()
        out.begin()
        out.text("project", cell.project)
        out.text("step", cell.step?.rawValue)
        out.millionths("threshold", cell.threshold)
        out.figure(figure)
        out.end()
        return out.result
    }

    /// One line of CSV without its line break.
    package var csv: String {
        var line = CSVLine()
        line.add(cell.project)
        line.add(cell.step?.rawValue)
        line.add(cell.threshold.map(RowJSON.decimal(ofMillionths:)))
        for count in [
            figure.hits, figure.wouldHit, figure.right, figure.wrong, figure.unsure, figure.failed,
        ] { line.add(Int64(count)) }
        line.add(figure.falseHits)
        line.add(Int64(figure.unknown))
        line.add(figure.isKnown ? figure.saved.description : nil)
        line.add(figure.isKnown ? figure.wouldSave.description : nil)
        return line.text
    }
}

extension JSONLine {
    fileprivate mutating func figure(_ figure: CacheFigure) {
        number("hits", figure.hits)
        number("would_hit", figure.wouldHit)
        number("right", figure.right)
        number("wrong", figure.wrong)
        number("unsure", figure.unsure)
        number("failed", figure.failed)
        proportion("false_hit_rate", figure.falseHits)
        number("unknown", figure.unknown)
        money("saved_usd", figure.isKnown ? figure.saved : nil)
        money("would_save_usd", figure.isKnown ? figure.wouldSave : nil)
    }
}

extension CacheCurve {
    /// One JSON object: a point for each threshold, and the number of questions behind them.
    package var json: String {
        var out = JSONLine()
        out.begin()
        out.member("points", "[" + points.map(\.json).joined(separator: ",") + "]")
        out.number("lookups", lookups)
        out.end()
        return out.result
    }

    /// Names of the columns of `Point.csv`.
    package static let csvHeader =
        "threshold,lookups,hits,hit_rate,vetoed,right,wrong,unsure,false_hit_rate,false_hit_rate_lower,"
        + "false_hit_rate_upper,unknown,saved_usd"
}

extension CacheCurve.Point {
    /// One JSON object.
    package var json: String {
        var out = JSONLine()
        out.begin()
        out.millionths("threshold", threshold)
        out.number("lookups", lookups)
        out.number("hits", hits)
        out.millionths("hit_rate", hitRate.map(JSONLine.millionths))
        out.number("vetoed", vetoed)
        out.number("right", right)
        out.number("wrong", wrong)
        out.number("unsure", unsure)
        out.proportion("false_hit_rate", falseHits)
        out.number("unknown", unknown)
        out.money("saved_usd", isKnown ? saved : nil)
        out.end()
        return out.result
    }

    /// One line of CSV without its line break.
    package var csv: String {
        var line = CSVLine()
        line.add(RowJSON.decimal(ofMillionths: threshold))
        line.add(Int64(lookups))
        line.add(Int64(hits))
        line.add(hitRate.map { RowJSON.decimal(ofMillionths: JSONLine.millionths($0)) })
        for count in [vetoed, right, wrong, unsure] { line.add(Int64(count)) }
        line.add(falseHits)
        line.add(Int64(unknown))
        line.add(isKnown ? saved.description : nil)
        return line.text
    }
}
