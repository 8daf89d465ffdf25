import Testing

@testable import WeirCore

/// Which headers belong to the key.
@Suite struct KeyHeaderTests {
    private func key(_ fields: KeyValuePairs<String, String>) -> [UInt8] {
        CacheKeyHeaders.canonical(fields.map { (name: $0.key, value: $0.value) })
    }

    @Test func betasAreASet() {
        let one = key(["anthropic-version": "2023-06-01", "anthropic-beta": "b-1, a-1"])
        #expect(one == key(["Anthropic-Beta": "a-1,b-1,a-1,", "ANTHROPIC-VERSION": " 2023-06-01"]))
        #expect(
            one == key(["anthropic-beta": "a-1", "anthropic-version": "2023-06-01", "anthropic-beta": "b-1"]))
        #expect(one != key(["anthropic-version": "2023-06-01", "anthropic-beta": "b-1"]))
        #expect(one != key(["anthropic-version": "2026-10-21", "anthropic-beta": "b-1, a-1"]))
    }

    @Test func betasOfPromptCachesAreIgnored() {
        let beta = "extended-cache-ttl-2025-04-11"
        #expect(CacheKeyHeaders.ignoredBetas.contains(beta))
        #expect(key(["anthropic-beta": "a-1,\(beta)"]) == key(["anthropic-beta": "a-1"]))
        #expect(key(["anthropic-beta": beta]).isEmpty)
    }

    @Test func everyVendorsHeaderCountsAndOthersDoNot() {
        for name in [
            "openai-beta", "openai-project", "anthropic-user-profile-id", "Accept-Language", "openai-new",
        ] {
            #expect(key([name: "a"]) != key([name: "b"]), "\(name)")
        }
        let others = [
            "authorization", "x-api-key", "user-agent", "x-stainless-os", "accept-encoding", "traceparent",
            "accept",
            "x-claude-code-session-id", "x-weir-tags", "anthropic-dangerous-direct-browser-access",
            "content-type",
        ]
        for name in others { #expect(key([name: "a"]).isEmpty, "\(name)") }
    }

    @Test func headersThatLookAlikeDiffer() {
        let keys = [
            key(["openai-a": "b", "openai-c": "d"]), key(["openai-a": "b\n8:openai-c1:d"]),
            key(["openai-a": "b,d"]),
            key(["openai-a": "b", "openai-a": "d"]), key(["openai-a": "d", "openai-a": "b"]),
            key(["openai-a": ""]), key([:]),
        ]
        #expect(Set(keys).count == keys.count)
    }
}
