import Testing
import WeirCore

/// What requests need, and which models of the catalogue can serve them.
@Suite struct RequestNeedsTests {
    private func needs(_ body: String, _ dialect: Dialect = .anthropic) throws -> RequestNeeds {
        let bytes = Array(body.utf8)
        let read = bytes.withUnsafeBytes { (bytes) -> Result<RequestNeeds, JSONProblem> in
            do throws(JSONProblem) {
                let facts = try RequestFacts.read(bytes)
                return .success(RequestNeeds.read(facts, bytes, dialect: dialect))
            } catch {
                return .failure(error)
            }
        }
        return try read.get()
    }

    private func entry(_ model: String, _ provider: String = "anthropic") throws -> CatalogueEntry {
        try #require(Catalogue.builtIn.entry(model: model, provider: provider))
    }

    /// One user message with these blocks.
    private func message(_ blocks: String, _ rest: String = "") -> String {
        #"{"model":"m","max_tokens":10,"messages":[{"role":"user","content":[\#(blocks)]}]\#(rest)}"#
    }

    @Test func aPlainRequestNeedsNothing() throws {
        let plain = try needs(#"{"model":"m","max_tokens":10,"messages":[{"role":"user","content":"hi"}]}"#)
        var expected = try needs("{}")
        expected.promptTokens = plain.promptTokens
        expected.maxOutput = 10
        expected.limitName = "max_tokens"
        #expect(plain == expected)
        for entry in Catalogue.builtIn.entries where entry.provider == "anthropic" {
            #expect(entry.misfit(for: plain) == nil, "\(entry.id)")
        }
    }

    /// A member beside the messages, a model that cannot serve it and why, and one that can.
    @Test(arguments: [
        (#""thinking":{"type":"enabled","budget_tokens":2048}"#, "claude-opus-5", "budget", "claude-opus-4-6"),
        (#""thinking":{"type":"adaptive"}"#, "claude-opus-4-5", "adaptive", "claude-opus-4-6"),
        (#""thinking":{"type":"disabled"}"#, "claude-opus-5-5", "turned off", "claude-opus-4-8"),
        (#""output_config":{"effort":"high"}"#, "claude-haiku-4-5", "effort", "claude-opus-4-5"),
        (#""tool_choice":{"type":"any"},"tools":[{"name":"t"}]"#, "claude-opus-5-5", "made to call", "claude-opus-5"),
        (#""temperature":1"#, "claude-opus-5", "temperature", "claude-sonnet-4-6"),
        (#""tools":[{"type":"web_search_20260318","name":"w"}]"#, "claude-mythos-5", "search the web", "claude-opus-5"),
        (#""max_tokens":100000"#, "claude-haiku-4-5", "at most 64000", "claude-haiku-5-5"),
    ] as [(String, String, String, String)])
    func whatAMemberAsksForDecides(member: String, bad: String, why: String, good: String) throws {
        let needs = try needs(#"{"messages":[{"role":"user","content":"hi"}],\#(member)}"#)
        let misfit = try #require(try entry(bad).misfit(for: needs), "\(bad) should not fit")
        #expect(misfit.contains(why))
        #expect(try entry(good).misfit(for: needs) == nil)
    }

    @Test func whatStandsInMessagesDecides() throws {
        let prefill = try needs(
            #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"#)
        #expect(prefill.hasPrefill)
        #expect(try entry("claude-opus-5").misfit(for: prefill) != nil)
        #expect(try entry("claude-haiku-4-5").misfit(for: prefill) == nil)
        let system = try needs(
            #"{"messages":[{"role":"user","content":"a"},{"role":"system","content":"b"}]}"#)
        #expect(system.hasSystemInside && !system.hasPrefill)
        #expect(try entry("claude-opus-4-6").misfit(for: system) != nil)
        #expect(try entry("claude-opus-4-8").misfit(for: system) == nil)
        let signed = try needs(
            #"{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"abc"}]}]}"#)
        #expect(signed.hasSignedBlocks)
        let redacted = try needs(
            #"{"messages":[{"role":"assistant","content":[{"type":"redacted_thinking","data":"abc"}]}]}"#)
        #expect(redacted.hasSignedBlocks)
    }

    @Test func mediaIsFoundInMessagesAndInToolsResults() throws {
        let image = #"{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA"}}"#
        let pdf = #"{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AA"}}"#
        let note = #"{"type":"document","source":{"type":"text","media_type":"text/plain","data":"words"}}"#
        let needs = try needs(
            message(image + "," + note + #",{"type":"tool_result","tool_use_id":"t","content":[\#(image),\#(pdf)]}"#))
        #expect(needs.images == 2)
        #expect(needs.documents == 1)
        #expect(needs.bond == nil)
    }

    @Test func whatAToolWasGivenIsNoMedia() throws {
        let needs = try needs(
            message(
                #"{"type":"tool_use","id":"t","name":"n","input":{"type":"image","file_id":"f","content":[{"type":"image"}]}}"#
            ))
        #expect(needs.images == 0 && needs.bond == nil)
    }

    @Test(arguments: [
        (Dialect.anthropic, #"{"type":"image","source":{"type":"file","file_id":"f"}}"#),
        (.anthropic, #"{"type":"document","source":{"type":"file","file_id":"f"}}"#),
        (.anthropic, #"{"type":"container_upload","file_id":"f"}"#),
        (.chat, #"{"type":"file","file":{"file_id":"f"}}"#),
        (.responses, #"{"type":"input_image","file_id":"f"}"#),
    ] as [(Dialect, String)])
    func aFileThatAProviderKeepsTiesTheRequestToIt(dialect: Dialect, block: String) throws {
        let name = dialect == .responses ? "input" : "messages"
        let needs = try needs(#"{"\#(name)":[{"role":"user","content":[\#(block)]}]}"#, dialect)
        #expect(needs.hasProviderFile)
        #expect(needs.bond?.contains("file") == true)
    }

    @Test(arguments: [
        (Dialect.responses, #""previous_response_id":"r""#, true), (.responses, #""conversation":"c""#, true),
        (.responses, #""background":true"#, true), (.responses, #""background":false"#, false),
        (.responses, #""previous_response_id":null"#, false), (.responses, #""prompt":{"id":"p"}"#, true),
        (.anthropic, #""container":"c""#, true), (.anthropic, #""thread":{"type":"create"}"#, true),
        (.responses, #""store":true"#, false),
        (.responses, #""input":[{"type":"item_reference","id":"i"}]"#, true),
    ] as [(Dialect, String, Bool)])
    func whatAProviderHoldsTiesTheRequestToIt(dialect: Dialect, member: String, isHeld: Bool) throws {
        let needs = try needs(#"{"model":"m",\#(member)}"#, dialect)
        #expect(needs.isProviderHeld == isHeld)
        #expect((needs.bond != nil) == isHeld)
    }

    @Test func promptsAreMeasuredWithoutTheirImages() throws {
        let pixels = String(repeating: "A", count: 400_000)
        let image = #"{"type":"image","source":{"type":"base64","media_type":"image/png","data":"\#(pixels)"}}"#
        let withImage = try needs(message(image)).promptTokens
        #expect((1600..<1800).contains(withImage))
        let url = try needs(
            message(#"{"type":"image_url","image_url":{"url":"data:image/png;base64,\#(pixels)"}}"#), .chat)
        #expect((1600..<1800).contains(url.promptTokens))
        let direct = try needs(
            #"{"input":[{"role":"user","content":[{"type":"input_image","image_url":"data:\#(pixels)"}]}]}"#, .responses)
        #expect((1600..<1800).contains(direct.promptTokens))
        let words = String(repeating: "word ", count: 80_000)
        let text = try needs(message(#"{"type":"text","text":"\#(words)"}"#))
        #expect((110_000..<120_000).contains(text.promptTokens))
        let document = #"{"type":"document","source":{"type":"text","data":"\#(words)"}}"#
        #expect(try needs(message(document)).promptTokens > 110_000, "text as a document is prompt")
    }

    @Test func aPromptThatIsTooLongSaysBothSizes() throws {
        let words = String(repeating: "word ", count: 200_000)
        let long = try needs(message(#"{"type":"text","text":"\#(words)"}"#))
        let misfit = try #require(try entry("claude-opus-4-5").misfit(for: long))
        #expect(misfit.contains("200000") && misfit.contains("\(long.promptTokens)"))
        #expect(try entry("claude-opus-4-6").misfit(for: long) == nil)
        var full = try needs("{}")
        full.promptTokens = 190_000
        full.maxOutput = 20_000
        #expect(try entry("claude-opus-4-5").misfit(for: full)?.contains("does not hold") == true)
    }

    /// A chat member, a model that cannot serve it and why, and one that can.
    @Test(arguments: [
        (#""reasoning_effort":"max""#, "openai", "gpt-5.5", "effort \"max\"", "openai", "gpt-6-astra"),
        (#""reasoning_effort":"high""#, "openai", "gpt-4.1", "reasoning effort", "xai", "grok-4.7"),
        (#""reasoning_effort":"xhigh""#, "xai", "grok-4.7", "xhigh", "openai", "gpt-5.5"),
        (#""max_tokens":100"#, "openai", "gpt-5.5", "max_completion_tokens", "mistral", "mistral-large-4"),
        (#""max_completion_tokens":100"#, "mistral", "mistral-large-4", "max_tokens", "openai", "gpt-5.5"),
        (#""temperature":0.2"#, "openai", "gpt-5.5", "temperature", "gemini", "gemini-4-argon"),
        (#""stop":["x"]"#, "xai", "grok-4.7", "stop", "gemini", "gemini-4-argon"),
        (
            #""response_format":{"type":"json_schema"},"stream":true"#, "groq", "openai/gpt-oss-120b", "structured",
            "together", "openai/gpt-oss-120b"
        ),
        (#""response_format":{"type":"json_object"}"#, "perplexity", "sonar", "structured", "openai", "gpt-4o"),
        (#""tools":[{"type":"function"}]"#, "perplexity", "sonar", "tools", "openai", "gpt-4o"),
        (#""tools":[{"type":"custom"}]"#, "xai", "grok-4.7", "custom", "openai", "gpt-5.5"),
        (
            #""messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://h/i"}}]}]"#,
            "deepseek", "deepseek-v4-pro", "images", "xai", "grok-4.7"
        ),
        (
            #""messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA"}}]}]"#,
            "openai", "gpt-5.5", "audio", "gemini", "gemini-4-argon"
        ),
        (
            #""messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"AA"}}]}]"#,
            "xai", "grok-4.7", "documents", "openai", "gpt-5.5"
        ),
    ] as [(String, String, String, String, String, String)])
    func whatAChatRequestAsksForDecides(
        member: String, badProvider: String, bad: String, why: String, goodProvider: String, good: String
    ) throws {
        let needs = try needs("{\(member)}", .chat)
        let misfit = try #require(try entry(bad, badProvider).misfit(for: needs), "\(bad) should not fit")
        #expect(misfit.contains(why))
        #expect(try entry(good, goodProvider).misfit(for: needs) == nil)
    }

    @Test func whatLeavesTheModelFreeIsNoNeed() throws {
        let needs = try needs(
            #"{"temperature":1.0,"tool_choice":"auto","response_format":{"type":"text"},"stop":null}"#, .chat)
        #expect(needs.sampling == nil && !needs.forcesTool && !needs.isStructured && !needs.hasStop)
        #expect(needs.vendorMembers.isEmpty)
        let responses = try self.needs(#"{"text":{"format":{"type":"json_schema"}},"tool_choice":"required"}"#, .responses)
        #expect(responses.isStructured && responses.forcesTool)
    }

    @Test func aPlanTiesRequestsToTheirProviderAndItsParameters() throws {
        let config = try ConfigReader.read(
            yaml: """
                routes:
                  m: {targets: openai/gpt-6-astra, fallback: [openai/gpt-5.5, xai/grok-4.7, groq/own]}
                """, file: "weir.yaml",
            environment: ["HOME": "/", "OPENAI_API_KEY": "a", "XAI_API_KEY": "b", "GROQ_API_KEY": "c"]
        ) { _ in "" }
        let plan = try RouteTable(config).plan(model: "m", dialect: .chat)
        func misfits(_ body: String) throws -> [Bool] {
            let needs = try needs(body, .chat)
            return plan.fallbacks.map { plan.misfit($0, for: needs, in: .builtIn) != nil }
        }
        #expect(try misfits(#"{"messages":[]}"#) == [false, false, false])
        // A model that the catalogue does not know is the route's own choice.
        #expect(try misfits(#"{"verbosity":"low"}"#) == [false, true, false])
        let file = #"{"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}]}"#
        #expect(try misfits(file) == [false, true, true])
    }

    @Test func aBodyThatMakesNoSenseNeedsNothing() throws {
        for body in ["{}", #"{"messages":7,"tools":{},"thinking":"x","tool_choice":null}"#, #"{"messages":[1,[],{}]}"#] {
            for dialect in Dialect.allCases {
                let needs = try needs(body, dialect)
                #expect(needs.bond == nil && needs.images == 0 && !needs.hasTools && !needs.forcesTool)
            }
        }
    }
}
