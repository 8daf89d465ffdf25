import WeirCore

/// The outcome of one check.
package struct Finding: Sendable, Equatable {
    /// What was checked, in a few words.
    package let check: String
    package let verdict: Verdict
    /// How long the request behind it took; `nil` where there was none.
    package let milliseconds: Int?
    /// What was seen; on a failure also what to do.
    package let detail: String

    package init(_ check: String, _ verdict: Verdict, milliseconds: Int? = nil, _ detail: String) {
        self.check = check
        self.verdict = verdict
        self.milliseconds = milliseconds
        self.detail = detail
    }

    package enum Verdict: String, Sendable, CaseIterable {
        case pass
        case fail
        /// Not applicable here; the detail says why.
        case skip
    }
}

/// All outcomes of one examination.
package struct DoctorReport: Sendable, Equatable {
    package let baseURL: String
    package let findings: [Finding]

    package init(baseURL: String, findings: [Finding]) {
        self.baseURL = baseURL
        self.findings = findings
    }

    package var hasFailures: Bool { findings.contains { $0.verdict == .fail } }

    private func count(_ verdict: Finding.Verdict) -> Int { findings.count { $0.verdict == verdict } }

    /// One line for each check, columns aligned, and a line of totals.
    package var table: String {
        let width = max(5, findings.map { $0.check.count }.max() ?? 0)
        var lines = ["check".padded(to: width) + "  result      ms  detail"]
        for finding in findings {
            let time = finding.milliseconds.map(String.init) ?? "-"
            let line =
                finding.check.padded(to: width) + "  " + finding.verdict.rawValue.padded(to: 6) + "  "
                + String(repeating: " ", count: max(0, 6 - time.count)) + time + "  " + finding.detail.oneLine
            lines.append(line)
        }
        // Of what did not occur nothing is said, so that a search for "fail" finds failures only.
        let totals = [(Finding.Verdict.pass, "passed"), (.fail, "failed"), (.skip, "skipped")]
            .map { (count($0), $1) }.filter { $0.0 > 0 }.map { "\($0) \($1)" }
        lines += ["", "\(baseURL): \(totals.joined(separator: ", "))"]
        return lines.joined(separator: "\n")
    }

    /// `{"base_url","passed","failed","skipped","findings":[{"check","verdict","ms","detail"}]}`.
    package var json: String {
        var out: [UInt8] = Array("{\"base_url\":".utf8)
        out.appendJSONString(baseURL)
        out += ",\"passed\":\(count(.pass)),\"failed\":\(count(.fail)),\"skipped\":\(count(.skip))".utf8
        out += ",\"findings\":[".utf8
        for (index, finding) in findings.enumerated() {
            out += (index == 0 ? "" : ",").utf8
            out += "{\"check\":".utf8
            out.appendJSONString(finding.check)
            out += ",\"verdict\":\"\(finding.verdict.rawValue)\"".utf8
            out += ",\"ms\":\(finding.milliseconds.map(String.init) ?? "null"),\"detail\":".utf8
            out.appendJSONString(finding.detail)
            out += "}".utf8
        }
        out += "]}".utf8
        return String(decoding: out, as: UTF8.self)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// Control characters, line ends among them, become spaces.
    fileprivate var oneLine: String {
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars { text.append(scalar.value < 32 || scalar.value == 127 ? " " : scalar) }
        return String(text)
    }
}
