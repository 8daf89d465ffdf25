import Foundation
import Testing
import WeirCore

/// Broken files and the whole text of what is said about them, in Fixtures/config.
@Suite struct ConfigGoldenTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures/config")

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }()

    @Test func thereAreBrokenFiles() {
        #expect(Self.names.count >= 12)
    }

    @Test(arguments: names)
    func everyProblemOfABrokenFileIsReported(name: String) throws {
        let yaml = try String(contentsOf: Self.folder.appendingPathComponent(name + ".yaml"), encoding: .utf8)
        let golden = try String(
            contentsOf: Self.folder.appendingPathComponent(name + ".problems"), encoding: .utf8)
        let problems = try #require(throws: ConfigProblems.self) {
            try ConfigReader.read(
                yaml: yaml, file: name + ".yaml",
                environment: ["HOME": "/home/ada", "KEY": "sk-ant-0123456789"]
            ) { _ in throw CocoaError(.fileNoSuchFile) }
        }
        #expect(problems.description + "\n" == golden)
        #expect(!problems.description.contains("sk-ant"))
        #expect(!problems.description.contains("hunter2"))
        #expect(!problems.description.contains("geheim"))
    }
}
