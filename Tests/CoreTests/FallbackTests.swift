import Testing
import WeirCore

/// What a plan offers where its own targets cannot serve.
@Suite struct FallbackTests {
    private static let everyProvider = [
        "ANTHROPIC", "OPENAI", "GEMINI", "GROQ", "DEEPSEEK", "MISTRAL", "FIREWORKS", "CEREBRAS", "XAI",
        "TOGETHER", "OPENROUTER",
    ]

    private func table(_ yaml: String = "", _ providers: [String] = everyProvider) throws -> RouteTable {
        var environment = ["HOME": "/home/ada"]
        for name in providers { environment["\(name)_API_KEY"] = "key" }
        return RouteTable(
            try ConfigReader.read(yaml: yaml, file: "weir.yaml", environment: environment) { _ in "" })
    }

    /// "groq/openai/gpt-oss-120b" for each fallback.
    private func fallbacks(_ plan: Plan, asked: String = "-") -> [String] {
        plan.fallbacks.map { "\($0.provider)/\($0.model ?? asked)" }
    }

    private func size(_ model: String, _ provider: String) throws -> Bucket {
        let entry = try #require(Catalogue.builtIn.entry(model: model, provider: provider))
        return try #require(Bucket(rawValue: entry.bucket))
    }

    @Test func noModelOfTheCatalogueFallsBackToASmallerOrAnotherKindOfModel() throws {
        let table = try table()
        let catalogue = Catalogue.builtIn
        var count = 0
        var withFallbacks = 0
        for entry in catalogue.entries {
            for dialect in Dialect.allCases {
                guard let plan = try? table.plan(model: entry.id, dialect: dialect) else { continue }
                count += 1
                let primary = plan.primaries[0]
                guard let own = primary.entry.map({ catalogue.entries[$0] }) else {
                    #expect(plan.fallbacks.isEmpty, "\(entry.id) is not sold at \(primary.provider)")
                    continue
                }
                withFallbacks += plan.fallbacks.isEmpty ? 0 : 1
                #expect(plan.fallbacks.count <= Plan.mostFallbacks)
                var seen: Set<String> = ["\(primary.provider)/\(entry.id)"]
                for target in plan.fallbacks {
                    let name = "\(target.provider)/\(target.model ?? entry.id)"
                    let other = catalogue.entries[try #require(target.entry)]
                    #expect(seen.insert(name).inserted, "\(entry.id) twice to \(name)")
                    #expect(other.bucket == own.bucket, "\(entry.id) to \(name)")
                    #expect(other.mode == own.mode, "\(entry.id) to \(name)")
                    #expect(other.provider == target.provider && other.id == target.model ?? entry.id)
                    #expect(other.retires == nil, "\(name) is about to be taken away")
                    let known = try #require(AllProviders.named(target.provider))
                    #expect(known.dialects.contains(dialect), "\(entry.id) to \(name)")
                    #expect(target.isSubstitute == ((own.weights ?? own.id) != (other.weights ?? other.id)))
                    let traits = ModelTraits(model: other.id, provider: other.provider, Config(), catalogue)
                    #expect(traits.skills.contains(.reasoning) == other.capabilities.contains("reasoning"))
                    #expect(!target.isNamed)
                }
            }
        }
        // A table without fallbacks would pass all of the above.
        #expect(count > 150 && withFallbacks > 80)
    }

    @Test func everyModelOfARouteIsTheMeasureOfItsFallbacks() throws {
        let sizes: [Bucket] = [.small, .medium, .large, .frontier]
        let models = [
            "openai/gpt-6-luna", "openai/gpt-6.1-terra", "openai/gpt-6.1-sol", "openai/gpt-6-astra",
        ]
        for (rank, size) in sizes.enumerated() {
            for (other, model) in models.enumerated() {
                let plan = try table("routes: {m: {targets: [\(models[rank]), groq/x, \(model)]}}")
                    .plan(model: "m", dialect: .chat)
                let least = max(rank, other)
                #expect(!plan.fallbacks.isEmpty)
                for target in plan.fallbacks {
                    let found = try self.size(try #require(target.model), target.provider)
                    #expect(found == sizes[least], "\(size) and \(model)")
                }
            }
        }
    }

    @Test func anEmbeddingModelHasNoSubstitute() throws {
        for entry in Catalogue.builtIn.entries where entry.mode == "embedding" {
            let plan = try table().plan(model: entry.id, dialect: .chat)
            #expect(plan.fallbacks.isEmpty, "\(entry.id)")
        }
    }

    @Test func theSameModelAtOtherProvidersComesFirst() throws {
        let model = try table("fallback: model").plan(model: "openai/gpt-oss-120b", dialect: .chat)
        #expect(model.primaries.map(\.provider) == ["groq"])
        // Together asks the same price under the same name, Cerebras more under a name of its own.
        #expect(fallbacks(model) == ["together/-", "cerebras/gpt-oss-120b"])
        #expect(model.fallbacks.allSatisfy { !$0.isSubstitute })
        let bucket = try table().plan(model: "openai/gpt-oss-120b", dialect: .chat)
        #expect(fallbacks(bucket).prefix(2) == ["together/-", "cerebras/gpt-oss-120b"])
        #expect(bucket.fallbacks.count == Plan.mostFallbacks)
        #expect(bucket.fallbacks.dropFirst(2).allSatisfy { $0.isSubstitute })
        #expect(try table("fallback: off").plan(model: "openai/gpt-oss-120b", dialect: .chat).targets.count == 1)
    }

    @Test func otherProvidersComeBeforeSiblingsAndTheNearestPriceFirst() throws {
        let some = ["ANTHROPIC", "OPENAI", "GEMINI", "XAI"]
        let plan = try table("", some).plan(model: "gpt-6-astra", dialect: .chat)
        // One of each other provider (2/10 and 2/6 dollars against 10/50), the one sibling, then the rest.
        #expect(
            fallbacks(plan) == [
                "gemini/gemini-3.1-pro-preview", "xai/grok-4.7", "openai/gpt-5.5", "gemini/gemini-4-argon",
            ])
        let opus = try table("", some).plan(model: "claude-opus-5-5", dialect: .anthropic)
        #expect(fallbacks(opus).prefix(2) == ["anthropic/claude-opus-5", "anthropic/claude-opus-4-8"])
        #expect(opus.fallbacks.allSatisfy { $0.provider == "anthropic" && $0.isSubstitute })
    }

    @Test func aProviderWithoutAKeyIsNoFallback() throws {
        let with = try table("", ["OPENAI", "XAI"]).plan(model: "gpt-6-astra", dialect: .chat)
        #expect(with.fallbacks.contains { $0.provider == "xai" })
        let without = try table("providers: {openai: {credential: k}, xai: {}}", [])
            .plan(model: "gpt-6-astra", dialect: .chat)
        #expect(!without.fallbacks.contains { $0.provider == "xai" })
        let mock = try table("providers: {openai: {credential: k}, xai: {url: 'http://127.0.0.1:1/v1'}}", [])
            .plan(model: "gpt-6-astra", dialect: .chat)
        #expect(mock.fallbacks.contains { $0.provider == "xai" })
    }

    @Test func whatARouteNamesIsAllThereIs() throws {
        let yaml = """
            routes:
              listed: {targets: openai/gpt-6-astra, fallback: [groq/x, openai/gpt-5.5]}
              more: {targets: openai/gpt-6-astra, fallback: [groq/x, bucket]}
              none: {targets: openai/gpt-6-astra, fallback: off}
              reserve: {targets: [openai/gpt-6-astra, {provider: groq, model: y, weight: 0}], fallback: [xai/z]}
              many: {targets: openai/gpt-6-astra, fallback: [xai/a, xai/b, xai/c, xai/d, xai/e, xai/f, xai/g, bucket]}
            """
        let table = try table(yaml)
        #expect(try fallbacks(table.plan(model: "listed", dialect: .chat)) == ["groq/x", "openai/gpt-5.5"])
        let more = try table.plan(model: "more", dialect: .chat)
        #expect(more.fallbacks.count == Plan.mostFallbacks)
        #expect(more.fallbacks.map(\.isNamed) == [true, false, false, false, false, false])
        #expect(more.fallbacks.allSatisfy { $0.isSubstitute })
        #expect(try table.plan(model: "none", dialect: .chat).fallbacks.isEmpty)
        #expect(try fallbacks(table.plan(model: "reserve", dialect: .chat)) == ["groq/y", "xai/z"])
        #expect(try table.plan(model: "many", dialect: .chat).fallbacks.count == 7)
        // Only what speaks the caller's dialect.
        #expect(try fallbacks(table.plan(model: "listed", dialect: .responses)) == ["openai/gpt-5.5"])
    }

    @Test func aNamedFallbackThatIsTheSameModelIsNoSubstitute() throws {
        let plan = try table(
            "routes: {m: {targets: groq/openai/gpt-oss-120b, fallback: [cerebras/gpt-oss-120b, xai/grok-4.3]}}"
        ).plan(model: "m", dialect: .chat)
        #expect(plan.fallbacks.map(\.isSubstitute) == [false, true])
    }

    @Test func aCallersOwnCredentialGoesNowhereElse() throws {
        let plan = try table(
            """
            routes:
              "claude-*":
                targets: [anthropic, {provider: anthropic, model: claude-opus-5, weight: 0}]
                auth: passthrough
            """
        ).plan(model: "claude-opus-5-5", dialect: .anthropic)
        #expect(plan.auth == .passthrough)
        #expect(plan.route == "claude-*")
        #expect(plan.fallbacks.isEmpty)
    }

    @Test func aRouteThatEndsInAStarHasFallbacksForModelsThatAreKnown() throws {
        let table = try table("routes: {'claude-*': anthropic}")
        let known = try table.plan(model: "claude-opus-5-5", dialect: .anthropic)
        #expect(known.route == "claude-*" && !known.fallbacks.isEmpty)
        let unknown = try table.plan(model: "claude-brand-new", dialect: .anthropic)
        #expect(unknown.route == "claude-*" && unknown.fallbacks.isEmpty)
        #expect(try table.plan(model: "brand-new", dialect: .anthropic).fallbacks.isEmpty)
        #expect(try table.plan(model: nil, dialect: .anthropic).fallbacks.isEmpty)
    }

    @Test func anOverrideMovesAModelToAnotherBucket() throws {
        let small = "models: {gpt-6-astra: {buckets: [small]}}"
        let plan = try table(small).plan(model: "gpt-6-astra", dialect: .chat)
        #expect(!plan.fallbacks.isEmpty)
        for target in plan.fallbacks {
            let found = try size(try #require(target.model), target.provider)
            #expect(found == .small)
        }
        let other = try table(small).plan(model: "grok-4.7", dialect: .chat)
        #expect(!other.fallbacks.contains { $0.model == "gpt-6-astra" })
    }

    @Test func aModelOfTheConfigurationTakesPartWhenItsBucketIsWritten() throws {
        let yaml = """
            providers: {local: {url: "http://127.0.0.1:1/v1", dialects: [chat]}, openai: {credential: k}}
            models: {my-llama: {buckets: [medium, code], price: {input: 1, output: 5}}}
            routes:
              my-llama: local
            """
        let own = try table(yaml, []).plan(model: "my-llama", dialect: .chat)
        #expect(fallbacks(own).first == "openai/gpt-6.1-terra")
        let asked = try table(yaml, []).plan(model: "gpt-6.1-terra", dialect: .chat)
        #expect(asked.primaries[0].provider == "local", "the first provider may serve any model")
        let routed = try table(yaml + "\n  gpt-6.1-terra: openai", [])
            .plan(model: "gpt-6.1-terra", dialect: .chat)
        #expect(fallbacks(routed).first == "local/my-llama")
    }

    @Test func aRouteNamedForASkillFallsBackToModelsThatHaveIt() throws {
        let yaml = """
            models: {grok-4.3: {buckets: [code]}}
            routes: {code: mistral/devstral-medium-latest, long-context: openai/gpt-5.5, other: mistral/devstral-medium-latest}
            """
        let table = try table(yaml)
        // grok-4.3 keeps the size that the catalogue knows.
        #expect(try fallbacks(table.plan(model: "code", dialect: .chat)) == ["xai/grok-4.3"])
        #expect(try table.plan(model: "other", dialect: .chat).fallbacks.count > 2)
        let long = try table.plan(model: "long-context", dialect: .chat)
        #expect(!long.fallbacks.isEmpty)
        #expect(!long.fallbacks.contains { $0.model == "grok-4.7" }, "its context is 500,000 tokens")
    }

    @Test func whatMayNotBeAskedForIsNoFallback() throws {
        let plan = try table("allow_models: ['gpt-*', 'gemini-*']").plan(model: "gpt-6-astra", dialect: .chat)
        #expect(Set(plan.fallbacks.map(\.provider)) == ["openai", "gemini"])
    }

    @Test func aCallersAllowListDecidesAboutSubstitutesThatNoRouteNames() throws {
        let table = try table("routes: {mine: {targets: openai/gpt-6-astra, fallback: [xai/grok-4.7, bucket]}}")
        let list = ModelAllowList(["mine", "gpt-*"])
        let plan = try table.plan(model: "mine", dialect: .chat)
        let served = plan.targets.filter { $0.isAllowed(by: list, asked: "mine") }
        #expect(served.map(\.model) == ["gpt-6-astra", "grok-4.7", "gpt-5.5"])
        let same = try table.plan(model: "openai/gpt-oss-120b", dialect: .chat)
        let own = ModelAllowList(["openai/gpt-oss-120b"])
        #expect(
            same.targets.filter { $0.isAllowed(by: own, asked: "openai/gpt-oss-120b") }.map(\.provider)
                == ["groq", "together", "cerebras"])
    }

    @Test func aPlanSaysWhenToHedgeAndHowToStream() throws {
        let table = try table(
            """
            hedge: {after: 2s, percent: 10}
            streams: {keep_alive: 5s}
            routes:
              usual: openai/gpt-5.5
              never: {targets: openai/gpt-5.5, hedge: off}
              soon: {targets: openai/gpt-5.5, hedge: p95, streams: {when_broken: restart}}
            """)
        let usual = try table.plan(model: "usual", dialect: .chat)
        #expect(usual.hedge?.after == .seconds(2) && usual.hedge?.percent == 10)
        #expect(usual.streams.keepAlive == .seconds(5) && usual.streams.whenBroken == .error)
        #expect(try table.plan(model: "gpt-5.5", dialect: .chat).hedge?.percent == 10)
        #expect(try table.plan(model: "never", dialect: .chat).hedge == nil)
        let soon = try table.plan(model: "soon", dialect: .chat)
        #expect(soon.hedge == HedgeOptions())
        #expect(soon.streams.keepAlive == .seconds(5) && soon.streams.whenBroken == .restart)
        #expect(try self.table().plan(model: "gpt-5.5", dialect: .chat).hedge == nil)
    }
}
