import Foundation
import Testing
import WeirCore

@Suite struct ConfigReferenceTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    @Test func theReferencePageEqualsTheDeclarations() throws {
        let page = try String(contentsOf: Self.root.appendingPathComponent("docs/config.md"), encoding: .utf8)
        #expect(page == ConfigReference.markdown())
    }

    @Test func theExampleParses() throws {
        let path = Self.root.appendingPathComponent("docs/examples/weir.yaml")
        let config = try ConfigReader.read(
            yaml: String(contentsOf: path, encoding: .utf8), file: "weir.yaml",
            environment: ["HOME": "/home/ada"]
        ) { _ in "" }
        #expect(config.routes.map(\.model) == ["fast", "oss", "my-llama", "claude-opus-*"])
        #expect(config.keys.map(\.name) == ["ci"])
        #expect(config.models["my-llama"]?.price?.input == 100_000_000)
    }

    @Test func everyProblemOfAnOptionNamesAnOptionOfTheReference() throws {
        let page = ConfigReference.markdown()
        for option in [
            "listen", "timeouts.silence", "providers.NAME.credential", "keys[].allow_models",
            "ledger.journal",
        ] {
            #expect(page.contains("| `\(option)` |"), "\(option)")
        }
    }
}
