import Testing

@testable import WeirCore

/// What configuration, project, route and caller say together.
@Suite struct CachePolicyTests {
    private static func directive(_ fields: [(String, String)]) -> CacheDirective {
        var facts = RequestHeadFacts()
        for (name, value) in fields { facts.note(name, value) }
        return facts.cache
    }

    private static func policy(
        _ options: CacheOptions = CacheOptions(), project: String? = "p",
        route: (cache: CacheMode?, semantic: SemanticMode?) = (nil, nil), _ fields: [(String, String)] = [],
        tags: String? = nil
    ) -> CachePolicy {
        CachePolicy(options, project: project, route: route, directive: directive(fields), tags: tags)
    }

    @Test(arguments: [
        (CacheMode.auto, true, true), (.auto, false, false), (.exact, true, true), (.exact, false, true),
        (.semantic, false, true), (.off, true, false),
    ])
    func modesCoverRequestsByTheirSampling(mode: CacheMode, isDeterministic: Bool, covered: Bool) {
        var options = CacheOptions()
        options.mode = mode
        #expect(Self.policy(options).covers(isDeterministic: isDeterministic) == covered)
    }

    @Test func theRouteSaysItBeforeTheProjectAndTheProjectBeforeAll() {
        var options = CacheOptions()
        options.mode = .exact
        options.projects["p"] = ProjectCacheOptions()
        options.projects["p"]?.mode = .semantic
        #expect(Self.policy(options, project: "other").mode == .exact)
        #expect(Self.policy(options).mode == .semantic)
        #expect(Self.policy(options, route: (.off, nil)).mode == .off)
    }

    @Test func semanticAnswersAreObservedUntilSomebodySaysOn() {
        var options = CacheOptions()
        options.mode = .exact
        #expect(Self.policy(options).semantic == .observe)
        #expect(Self.policy(options, route: (nil, .on)).semantic == .on)
        options.mode = .semantic
        #expect(Self.policy(options).semantic == .on)
        #expect(Self.policy(options, route: (nil, .observe)).semantic == .observe)
        options.mode = .off
        #expect(Self.policy(options, route: (nil, .on)).semantic == .off)
    }

    @Test func theCallerSaysHowLongBeforeTagsBeforeTheProject() {
        var options = CacheOptions()
        options.ttl = .seconds(100)
        #expect(Self.policy(options).ttl == .seconds(100))
        options.projects["p"] = ProjectCacheOptions()
        options.projects["p"]?.ttl = .seconds(200)
        #expect(Self.policy(options).ttl == .seconds(200))
        options.tags = ["feature=faq": .seconds(900), "team=a": .seconds(300)]
        #expect(Self.policy(options, tags: "x=y, feature=faq").ttl == .seconds(900))
        #expect(Self.policy(options, tags: "team=a,feature=faq").ttl == .seconds(300))
        #expect(Self.policy(options, [("X-Weir-Cache-TTL", "2h")], tags: "team=a").ttl == .seconds(7200))
    }

    @Test(arguments: [
        ("x-weir-cache", "Bypass", true), ("x-weir-cache", "only", true), ("x-weir-cache", "no-store", false),
        ("x-weir-cache", "", false), ("x-weir-cache-ttl", "60", true), ("x-weir-cache-ttl", "30d", false),
        ("x-weir-cache-ttl", "720h", true), ("x-weir-cache-ttl", "59", false), ("x-weir-cache-ttl", "721h", false),
        ("x-weir-cache-ttl", "99999999999999999999", false), ("x-weir-cache-threshold", "0.97", true),
        ("x-weir-cache-threshold", "1", true), ("x-weir-cache-threshold", "0.7", false),
        ("x-weir-cache-threshold", "1.01", false), ("x-weir-cache-threshold", "nan", false),
        ("x-weir-cache-version", "v7", true), ("x-weir-cache-version", "", false),
    ])
    func whatACallerWritesIsTakenOrRefusedWithWhatToWrite(field: String, value: String, isTaken: Bool) {
        let directive = Self.directive([(field, value)])
        #expect((directive.problem == nil) == isTaken)
        if !isTaken {
            #expect(directive.problem?.hasPrefix("\(field) is \"") == true)
            #expect(directive.problem?.contains(" Write ") == true)
        }
    }

    @Test func theFirstOfTwoFieldsCounts() {
        let directive = Self.directive([("x-weir-cache", "bypass"), ("x-weir-cache", "nonsense")])
        #expect(directive.word == .bypass && directive.problem == nil)
    }

    @Test func bypassTurnsAllOff() {
        #expect(Self.policy([("x-weir-cache", "bypass")]).isOff)
        #expect(!Self.policy([("x-weir-cache", "refresh")]).isOff)
        #expect(!Self.policy([("x-weir-cache", "refresh")]).mayAnswer)
    }

    private static func policy(_ fields: [(String, String)]) -> CachePolicy { policy(CacheOptions(), fields) }

    @Test func similarityIsReadAndWrittenExactly() {
        for text in ["0.95", "1", "0.750001", "0"] { #expect(Similarity(text)?.description == text) }
        #expect(Similarity(0.9499999) == Similarity(millionths: 950_000))
        #expect(Similarity("0.9500001") == nil)
    }
}

/// Who may get whose answer.
@Suite struct CacheScopeTests {
    @Test func noPolicyLetsAnOrganisationSeeAnothersAnswers() {
        for policy in CacheScopePolicy.allCases {
            let own = CacheScope(policy, caller: "key_1", project: "p", session: "s")
            let passing = CacheScope(policy, caller: "cred_1", project: nil, session: "s")
            let other = CacheScope(policy, caller: "cred_2", project: nil, session: "s")
            #expect(Set([own.organisation, passing.organisation, other.organisation]).count == 3)
        }
    }

    @Test(arguments: CacheScopePolicy.allCases)
    func thePolicySaysWhoShares(policy: CacheScopePolicy) {
        let one = CacheScope(policy, caller: "key_1", project: "p", session: "s")
        let sameProject = CacheScope(policy, caller: "key_2", project: "p", session: "t")
        let sameKey = CacheScope(policy, caller: "key_1", project: "p", session: "t")
        let otherProject = CacheScope(policy, caller: "key_1", project: "q", session: "s")
        #expect((one == sameProject) == (policy == .project))
        #expect((one == sameKey) == (policy != .session))
        #expect(one != otherProject)
    }

    @Test func noProjectIsNotAnEmptyOne() {
        let passing = CacheScope(.project, caller: "weir", project: nil, session: nil)
        let empty = CacheScope(.project, caller: "x", project: "", session: nil)
        #expect(passing.parts != empty.parts)
    }
}
