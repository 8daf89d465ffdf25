import Foundation
import Testing
import WeirCore

/// Documents say what the code says.
@Suite struct DocsTests {
    /// Rows of the tables in a document whose first cell is one name in backquotes, as trimmed cells.
    private func rows(_ document: String) throws -> [[String]] {
        try SourceTree.text(document).split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    private func matches(_ pattern: Regex<(Substring, Substring)>, in text: String) -> Set<String> {
        Set(text.matches(of: pattern).map { String($0.output.1) })
    }

    @Test func everyReasonIsInTheTableOfErrorsAsItIsInTheCode() throws {
        let rows = try rows("docs/errors.md")
        for reason in WeirError.Reason.allCases {
            let row = try #require(rows.first { $0[0] == "`\(reason.rawValue)`" }, "\(reason.rawValue) is missing")
            #expect(row[1] == String(reason.status), "\(reason.rawValue)")
            #expect(row[2] == String(reason.shouldRetry), "\(reason.rawValue)")
            #expect(row.count == 5 && !row[3].isEmpty && !row[4].isEmpty, "\(reason.rawValue)")
        }
        #expect(rows.count == WeirError.Reason.allCases.count)
    }

    @Test func everyMetricIsDocumentedWithItsMeaning() throws {
        let code =
            try SourceTree.files(under: "Sources/WeirServer/Telemetry", ending: ".swift")
            .map { try SourceTree.text($0) }.joined()
            + SourceTree.text("Sources/WeirServer/Admin/AdminPages.swift")
        let declared = code.matches(of: #/\.(counter|gauge|histogram)\("(weir_[a-z_]+)"/#)
        let rows = try rows("docs/metrics.md")
        for metric in declared {
            let row = rows.first { $0[0] == "`\(metric.output.2)`" }
            #expect(row?[1] == String(metric.output.1), "\(metric.output.2)")
        }
        #expect(declared.count >= 20)
        #expect(rows.count == declared.count, "docs/metrics.md lists what is not there")
    }

    @Test func everyColumnOfTheLedgerIsDocumented() throws {
        let schema =
            try SourceTree.text("Sources/WeirServer/Stores/LedgerSchema.swift")
            + SourceTree.text("Sources/WeirServer/Stores/LedgerSchema+PromptCache.swift")
            + SourceTree.text("Sources/WeirServer/Stores/LedgerSchema+Attempts.swift")
            + SourceTree.text("Sources/WeirServer/Stores/LedgerSchema+ResponseCache.swift")
        let columns = matches(#/\n\s+([a-z_0-9]+) (?:TEXT|INTEGER)\b/#, in: schema)
        #expect(columns.isSuperset(of: ["sequence", "cost", "upstream_request_id", "usage_parts", "change_path", "parked"]))
        let page = try SourceTree.text("docs/ledger.md")
        for column in columns where column != "request" && column != "last_sequence" {
            #expect(page.contains("`\(column)`"), "\(column) is not in docs/ledger.md")
        }
        for state in Row.State.allCases {
            #expect(page.contains("| `\(state.rawValue)` |"), "\(state.rawValue) is not in docs/ledger.md")
        }
        for kind in Row.Attempt.Kind.allCases { #expect(page.contains("| `\(kind.rawValue)` |")) }
        typealias Cache = ResponseCacheFigures
        for outcome in Cache.Outcome.allCases { #expect(page.contains("| `\(outcome.rawValue)` |")) }
        let words = Cache.Judgement.allCases.map(\.rawValue) + Saving.Source.allCases.map(\.rawValue)
        for word in words { #expect(page.contains("`\(word)`"), "\(word) is not in docs/ledger.md") }
        for endpoint in Endpoint.allCases { #expect(page.contains("`\(endpoint.rawValue)`")) }
    }

    @Test func theSimulatorsHeadersOptionsAndFaultsAreDocumented() throws {
        let page = try SourceTree.text("docs/simulator.md")
        let header = #/(x-sim-[a-z0-9-]+)/#
        var known: Set<String> = []
        for file in try SourceTree.sources() where file.path.hasPrefix("WeirSimulator/") {
            known.formUnion(matches(header, in: file.lines.joined(separator: "\n")))
        }
        #expect(known.count >= 9)
        #expect(matches(header, in: page) == known)
        let command = try SourceTree.text("Sources/weir/SimulateCommand.swift")
        for name in matches(#/\n    var ([a-zA-Z]+)(?: =|: [A-Z\[])[^{]*\n/#, in: command) {
            let option = name.map { $0.isUppercase ? "-\($0.lowercased())" : String($0) }.joined()
            #expect(page.contains("`--\(option)`"), "--\(option) is not in docs/simulator.md")
        }
        let options = try SourceTree.text("Sources/WeirSimulator/SimulatorOptions.swift")
        for fault in matches(#/case [a-zA-Z0-9]+ = "([a-z0-9-]+)"/#, in: options) {
            #expect(page.contains("| `\(fault)` |"), "\(fault) is not in docs/simulator.md")
        }
    }

    @Test func optionsThatDocumentsNameExist() throws {
        let reference = ConfigReference.markdown()
        let option = #/`((?:limits|timeouts|ledger|log|tls|cors)\.[a-z_]+)(?:: [a-z]+)?`/#
        var seen = 0
        for document in try SourceTree.documents() where document != "docs/config.md" {
            for name in matches(option, in: try SourceTree.text(document)) where !name.hasSuffix(".sqlite") {
                seen += 1
                #expect(reference.contains("`\(name)`"), "\(document) names \(name)")
            }
        }
        #expect(seen > 10)
    }

    @Test func examplesOfConfigurationCanBeRead() throws {
        let variables = [
            "HOME": "/home/weir", "ANTHROPIC_API_KEY": "provider-key",
            "ALICE_KEY": "wk_0123456789abcdefghijklmnopqrstuv",
        ]
        let example = #/```yaml\n((?:providers|routes|listen|cache):(?:[^`]|`[^`])*)```/#
        var count = 0
        for document in try SourceTree.documents() where document != "docs/config.md" {
            for block in matches(example, in: try SourceTree.text(document)) {
                count += 1
                do throws(ConfigProblems) {
                    _ = try ConfigReader.read(yaml: block, file: document, environment: variables) { _ in "text" }
                } catch {
                    Issue.record("\(document): \(error)")
                }
            }
        }
        #expect(count >= 4)
    }

    @Test func linksBetweenDocumentsLeadSomewhere() throws {
        for document in try SourceTree.documents() {
            let folder = document.split(separator: "/").dropLast().joined(separator: "/")
            for link in matches(#/\]\(([^)#:\s]+)\)/#, in: try SourceTree.text(document)) {
                let target = folder.isEmpty ? link : "\(folder)/\(link)"
                #expect(SourceTree.exists(target), "\(document) links to \(link)")
            }
        }
    }

    @Test func sourceFilesThatDocumentsNameExist() throws {
        let paths = try SourceTree.files(under: "Sources", ending: ".swift").map { "/\($0)" }
        for document in try SourceTree.documents() {
            for name in matches(#/`([A-Za-z0-9+\/]+\.swift)`/#, in: try SourceTree.text(document)) {
                let isThere = name == "Package.swift" || paths.contains { $0.hasSuffix("/\(name)") }
                    || SourceTree.exists(name)
                #expect(isThere, "\(document) names \(name)")
            }
        }
    }

    @Test func everyDocumentCanBeReachedFromTheReadme() throws {
        let readme = try SourceTree.text("README.md")
        for document in try SourceTree.files(under: "docs", ending: ".md") where !document.hasPrefix("docs/adr/") {
            #expect(readme.contains("(\(document))"), "README.md does not link \(document)")
        }
    }

    @Test func theTableOfCachedFieldsEqualsTheDeclarations() throws {
        let page = try SourceTree.text("docs/response-cache.md")
        #expect(page.contains("<!-- fields -->\n\n" + CacheField.markdown() + "\n<!-- end of fields -->"))
    }
}
