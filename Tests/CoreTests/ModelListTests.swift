import Foundation
import Testing
import WeirCore

@Suite struct ModelListTests {
    private func config(_ yaml: String = "", _ names: [String] = ["ANTHROPIC_API_KEY", "OPENAI_API_KEY"])
        throws -> Config
    {
        var environment = ["HOME": "/home/ada"]
        for name in names { environment[name] = "k" }
        return try ConfigReader.read(yaml: yaml, file: "weir.yaml", environment: environment) { _ in "" }
    }

    private func object(_ list: ModelList, _ uri: String, _ dialect: Dialect) throws -> [String: Any] {
        let body = try list.answer(uri: uri, dialect: dialect).get()
        return try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
    }

    private func ids(_ list: ModelList, _ uri: String, _ dialect: Dialect) throws -> [String] {
        let data = try #require(try object(list, uri, dialect)["data"] as? [[String: Any]])
        return data.compactMap { $0["id"] as? String }
    }

    @Test func everyShapeListsWhatItsProvidersServe() throws {
        let list = ModelList(
            config: try config(
                """
                routes: {fast: anthropic/claude-haiku-5-5, cheap: openai/gpt-5-nano, "claude-*": anthropic}
                models: {gpt-5.4: {display_name: Five Four}}
                """))
        let anthropic = try ids(list, "/v1/models?limit=1000", .anthropic)
        #expect(anthropic.first == "fast")
        #expect(
            anthropic.filter { $0 != "fast" }.allSatisfy { $0.hasPrefix("claude-") && !$0.hasSuffix("*") })
        #expect(anthropic.count == 17)
        let openAI = try ids(list, "/v1/models", .chat)
        #expect(openAI.first == "cheap")
        #expect(openAI.contains("gpt-5.4") && openAI.contains("text-embedding-3-small"))
        #expect(
            !openAI.contains("fast") && !openAI.contains("claude-opus-5-5") && !openAI.contains("grok-4.7"))
        #expect(Set(openAI).count == openAI.count)
    }

    @Test func anthropicsShapeIsWhatItsSDKReads() throws {
        let list = ModelList(
            config: try config("models: {claude-opus-5-5: {display_name: \"Opus \\\"5.5\\\" \\n é\"}}"))
        let model = try object(list, "/v1/models/claude-opus-5-5", .anthropic)
        #expect(model["type"] as? String == "model")
        #expect(model["display_name"] as? String == "Opus \"5.5\" \n é")
        #expect(model["created_at"] as? String == "1970-01-01T00:00:00Z")
        #expect(model["max_input_tokens"] as? Int == 1_000_000)
        #expect(model["max_tokens"] as? Int == 128_000)
    }

    @Test func openAIsShapeIsWhatItsSDKReads() throws {
        let list = ModelList(config: try config())
        #expect(try object(list, "/v1/models", .chat)["object"] as? String == "list")
        let model = try object(list, "/v1/models/gpt-5.4", .chat)
        #expect(model["object"] as? String == "model")
        #expect(model["created"] as? Int == 0)
        #expect(model["owned_by"] as? String == "openai")
    }

    @Test(arguments: [1, 2, 3, 5, 16, 1000])
    func pagesForwardsShowEveryModelOnce(limit: Int) throws {
        let list = ModelList(config: try config())
        let all = try ids(list, "/v1/models?limit=1000", .anthropic)
        var seen: [String] = []
        var after = ""
        var hasMore = true
        while hasMore, seen.count <= all.count {
            let page = try object(list, "/v1/models?limit=\(limit)&after_id=\(after)", .anthropic)
            let data = try #require(page["data"] as? [[String: Any]])
            #expect(data.count <= limit)
            seen += data.compactMap { $0["id"] as? String }
            after = try #require(page["last_id"] as? String)
            #expect(after == seen.last)
            hasMore = try #require(page["has_more"] as? Bool)
        }
        #expect(seen == all)
    }

    @Test func pagesBackwardsEndAtTheBeginning() throws {
        let list = ModelList(config: try config())
        let all = try ids(list, "/v1/models?limit=1000", .anthropic)
        let page = try object(list, "/v1/models?before_id=\(all[5])&limit=3", .anthropic)
        #expect(page["first_id"] as? String == all[2])
        #expect(page["last_id"] as? String == all[4])
        #expect(page["has_more"] as? Bool == true)
        let start = try object(list, "/v1/models?before_id=\(all[2])&limit=3", .anthropic)
        #expect(start["first_id"] as? String == all[0])
        #expect(start["has_more"] as? Bool == false)
    }

    @Test func anEmptyListHasNoCursors() throws {
        let list = ModelList(config: try config("", []))
        let body = try list.answer(uri: "/v1/models", dialect: .anthropic).get()
        #expect(
            String(decoding: body, as: UTF8.self)
                == #"{"data":[],"has_more":false,"first_id":null,"last_id":null}"#)
        #expect(
            try list.answer(uri: "/v1/models", dialect: .chat).get()
                == Array(#"{"object":"list","data":[]}"#.utf8))
    }

    @Test func moreThanTwentyTakeASecondPage() throws {
        let routes = (1...25).map { "m\($0): anthropic/claude-opus-5-5" }.joined(separator: ", ")
        let list = ModelList(config: try config("routes: {\(routes)}"))
        #expect(try ids(list, "/v1/models", .anthropic) == (1...20).map { "m\($0)" })
        #expect(try object(list, "/v1/models?beta=true", .anthropic)["has_more"] as? Bool == true)
    }

    @Test(arguments: [
        "/v1/models?limit=0", "/v1/models?limit=1001", "/v1/models?limit=x", "/v1/models?limit=",
        "/v1/models?limit=-1",
        "/v1/models?after_id=nobody", "/v1/models?before_id=nobody",
    ])
    func parametersWithoutSenseAreRefused(uri: String) throws {
        let answer = ModelList(config: try config()).answer(uri: uri, dialect: .anthropic)
        guard case .failure(let error) = answer else {
            Issue.record("\(uri) was answered")
            return
        }
        #expect(error.reason == .malformedRequest)
    }

    @Test func idsMayHoldSlashesAndPercentSigns() throws {
        let list = ModelList(
            config: try config("routes: {'100%': openai/gpt-5}", ["GROQ_API_KEY", "OPENAI_API_KEY"]))
        for uri in ["/v1/models/openai/gpt-oss-20b", "/v1/models/openai%2Fgpt-oss-20b?x=1"] {
            #expect(try object(list, uri, .chat)["id"] as? String == "openai/gpt-oss-20b")
        }
        for uri in ["/v1/models/100%25", "/v1/models/100%"] {
            #expect(try object(list, uri, .chat)["id"] as? String == "100%")
        }
        guard case .failure(let error) = list.answer(uri: "/v1/models/%ff%zz", dialect: .chat) else {
            Issue.record("an unknown id was answered")
            return
        }
        #expect(error.reason == .notFound)
    }

    @Test func allowListsHideModels() throws {
        let list = ModelList(
            config: try config("{allow_models: ['claude-opus-*'], routes: {fast: anthropic}}"))
        #expect(
            try ids(list, "/v1/models?limit=1000", .anthropic).allSatisfy {
                $0 == "fast" || $0.hasPrefix("claude-opus-")
            })
        #expect(try ids(list, "/v1/models", .chat).isEmpty)
        let body = try list.answer(uri: "/v1/models", dialect: .anthropic, allowing: ModelAllowList(["fast"]))
            .get()
        #expect(String(decoding: body, as: UTF8.self).contains(#""first_id":"fast","last_id":"fast""#))
        let one = list.answer(
            uri: "/v1/models/claude-opus-5", dialect: .anthropic, allowing: ModelAllowList(["fast"]))
        #expect((try? one.get()) == nil)
    }
}
