import Testing
import WeirCore

@Suite struct RouteTableTests {
    private func table(
        _ yaml: String, _ names: [String] = ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GROQ_API_KEY"]
    ) throws
        -> RouteTable
    {
        var environment = ["HOME": "/home/ada"]
        for name in names { environment[name] = "k" }
        return RouteTable(
            try ConfigReader.read(yaml: yaml, file: "weir.yaml", environment: environment) { _ in "" })
    }

    @Test func primariesAreTheTargetsWithAWeightAndTheOthersFallBack() throws {
        let table = try table(
            """
            fallback: off
            routes:
              m:
                targets:
                  - {provider: openai, model: a, weight: 5}
                  - {provider: groq, model: b, weight: 0}
                  - {provider: openai, model: c, weight: 2}
            """)
        let plan = try table.plan(model: "m", dialect: .chat)
        #expect(plan.primaries.map(\.model) == ["a", "c"])
        #expect(plan.weights == [5, 2])
        #expect(plan.fallbacks.map(\.model) == ["b"])
        #expect(plan.targets.indices.map { plan.target(at: $0) } == plan.targets)
        // Only openai speaks responses.
        let responses = try table.plan(model: "m", dialect: .responses)
        #expect(responses.targets.map(\.provider) == ["openai", "openai"])
    }

    @Test func theMostExactNameWins() throws {
        let table = try table(
            """
            routes:
              "*": {targets: anthropic, auth: passthrough}
              "claude-*": anthropic/star
              "claude-opus-*": anthropic/opus
              claude-opus-5-5: anthropic/exact
            """)
        func model(_ name: String?) throws -> String? {
            try table.plan(model: name, dialect: .anthropic).primaries[0].model
        }
        #expect(try model("claude-opus-5-5") == "exact")
        #expect(try model("claude-opus-5") == "opus")
        #expect(try model("claude-haiku-5-5") == "star")
        #expect(try model("other") == nil)
        #expect(try table.plan(model: "other", dialect: .anthropic).auth == .passthrough)
        #expect(try table.plan(model: nil, dialect: .anthropic).auth == .passthrough)
        #expect(try table.plan(model: "claude-x", dialect: .anthropic).auth == .key)
    }

    @Test func aPlanCarriesWhatItsRouteSaysOfPromptCaches() throws {
        let table = try table(
            """
            prompt_cache: off
            routes:
              seen: {targets: anthropic, prompt_cache: observe}
              usual: {targets: anthropic}
              short: anthropic
            """)
        func mode(_ model: String) throws -> PromptCacheMode? {
            try table.plan(model: model, dialect: .anthropic).promptCache
        }
        #expect(try mode("seen") == .observe)
        #expect(try mode("usual") == nil)
        #expect(try mode("short") == nil)
        #expect(try mode("not-routed") == nil)
    }

    @Test func aModelWithoutARouteGoesToTheFirstProviderOfItsDialect() throws {
        let table = try table("")
        #expect(
            try table.plan(model: "brand-new", dialect: .anthropic).primaries[0]
                == .init(providerIndex: 0, provider: "anthropic", model: nil))
        #expect(try table.plan(model: "brand-new", dialect: .chat).primaries[0].provider == "openai")
        #expect(try table.plan(model: nil, dialect: .responses).primaries[0].provider == "openai")
        #expect(table.providerIndex(named: "groq") == 2)
        #expect(table.providerIndex(named: "nobody") == nil)
    }

    @Test func aModelThatOnlyAnotherProviderSellsGoesThere() throws {
        #expect(
            try table("").plan(model: "openai/gpt-oss-20b", dialect: .chat).primaries[0].provider == "groq")
        // A first provider of the user's own may serve anything.
        let own = try table("providers: {mine: {url: 'http://h/v1', dialects: [chat]}}")
        #expect(try own.plan(model: "openai/gpt-oss-20b", dialect: .chat).primaries[0].provider == "mine")
    }

    @Test func whatTheAllowListLeavesOutIsRefusedWithWhatIsAllowed() throws {
        let table = try table(
            "{allow_models: ['claude-*', gpt-5.4], routes: {fast: anthropic/claude-haiku-5-5}}")
        #expect(try table.plan(model: "claude-x", dialect: .anthropic).primaries[0].model == nil)
        #expect(try table.plan(model: "fast", dialect: .anthropic).primaries[0].model == "claude-haiku-5-5")
        #expect(try table.plan(model: nil, dialect: .chat).primaries[0].provider == "openai")
        let error = try #require(throws: WeirError.self) {
            try table.plan(model: "gpt-5.5", dialect: .chat)
        }
        #expect(error.reason == .notAllowed)
        #expect(error.message.contains(#""claude-*", "gpt-5.4""#))
    }

    @Test func withoutAProviderTheErrorSaysWhatToSet() throws {
        let table = try table("", ["ANTHROPIC_API_KEY"])
        let error = try #require(throws: WeirError.self) {
            try table.plan(model: "gpt-5", dialect: .chat)
        }
        #expect(error.reason == .noProvider)
        #expect(error.message.contains("OPENAI_API_KEY") && error.message.contains("dialects: [chat]"))
    }

    @Test func aRouteInAnotherDialectIsNotTranslated() throws {
        let table = try table("routes: {fast: anthropic/claude-haiku-5-5}")
        let error = try #require(throws: WeirError.self) {
            try table.plan(model: "fast", dialect: .chat)
        }
        #expect(error.reason == .noProvider)
        #expect(error.message.contains("speak anthropic") && error.message.contains("cannot translate yet"))
    }
}
