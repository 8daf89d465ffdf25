import Testing

@testable import WeirCore

/// Long parts that are told by their hash: the same requests have the same form, others another one.
@Suite struct KnownPartsTests {
    /// Hashes that tests need no SHA-256 for: four of different beginnings.
    private static func parts(least: Int = 8) -> KnownParts {
        KnownParts(least: least) { form in
            let words = (0..<4).map { word in
                var bytes = [UInt8(word)]
                bytes.append(contentsOf: form)
                return bytes.withUnsafeBytes { FastHash.hash64($0) }
            }
            return CacheKey(words[0], words[1], words[2], words[3])
        }
    }

    private func read(
        _ body: [UInt8], _ known: KnownParts, _ endpoint: Endpoint = .messages, version: String? = nil
    ) -> CacheRequest {
        body.withUnsafeBytes { bytes in
            let facts = try? RequestFacts.read(bytes)
            return CacheRequest.read(bytes, endpoint: endpoint, version: version, facts: facts, known: known)
        }
    }

    private func read(_ body: String, _ known: KnownParts, _ endpoint: Endpoint = .messages) -> CacheRequest {
        read(Array(body.utf8), known, endpoint)
    }

    @Test(arguments: 1...60) func everySpellingHasTheSameForm(seed: Int) {
        var random = KeyRandom(seed: 6000 + seed)
        let known = Self.parts()
        for _ in 0..<8 {
            let body = random.request()
            let spellings = (0..<4).map { _ in random.spell(random.decorated(body)) }
            let first = read(spellings[0], Self.parts())
            #expect(!first.canonical.isEmpty)
            // Known from the second round on.
            for spelled in spellings + spellings {
                #expect(read(spelled, known) == first, "\(String(decoding: spelled, as: UTF8.self))")
            }
        }
    }

    @Test(arguments: 1...60) func everyEditHasAnotherForm(seed: Int) {
        var random = KeyRandom(seed: 7000 + seed)
        let known = Self.parts()
        for _ in 0..<8 {
            let body = random.request()
            let first = read(random.spell(body), known).canonical
            for _ in 0..<6 {
                let edited = random.spell(random.edited(body))
                #expect(read(edited, known).canonical != first, "\(String(decoding: edited, as: UTF8.self))")
            }
        }
    }

    /// What is found out besides the form does not depend on what is known.
    @Test(arguments: 1...40) func theRestIsAsWithoutKnownParts(seed: Int) throws {
        var random = KeyRandom(seed: 8000 + seed)
        let known = Self.parts()
        for _ in 0..<6 {
            let body = random.spell(random.decorated(random.request()))
            for endpoint in [Endpoint.messages, .chatCompletions, .responses] {
                let plain = Key.of(body, endpoint)
                for _ in 0..<2 {
                    let request = read(body, known, endpoint)
                    #expect(request.notCacheable == plain.notCacheable)
                    #expect(request.semanticObstacle == plain.semanticObstacle)
                    #expect(request.questionText == plain.questionText)
                    #expect(request.hasTools == plain.hasTools)
                    #expect(request.isDeterministic == plain.isDeterministic)
                    #expect(request.fields.map(\.name) == plain.fields.map(\.name))
                }
            }
        }
    }

    @Test func theLastMessageStaysForItsQuestion() throws {
        let text = String(repeating: "word ", count: 40)
        let body = #"""
            {"messages":[{"role":"user","content":"\#(text)"},{"role":"user","content":"\#(text)?"}]}
            """#
        let known = Self.parts(least: 64)
        for _ in 0..<2 {
            let request = read(body, known)
            let range = try #require(request.questionRange)
            #expect(String(decoding: request.canonical[range], as: UTF8.self) == text + "?")
            #expect(request.canonical.count < body.utf8.count - 150)
        }
    }

    /// Messages are looked for by their first bytes; what follows these decides.
    @Test func messagesThatBeginAlikeAreToldApart() {
        let known = Self.parts(least: 64)
        let beginning = String(repeating: "the same beginning ", count: 10)
        let ends = ["", "a", "b", "ab", "b\\n", #"b"},{"role":"user","content":""#]
        var bodies = ends.map { end in
            #"{"messages":[{"role":"user","content":"\#(beginning)\#(end)"} ,{"role":"user","content":"?"}]}"#
        }
        // The last one is never told by its hash.
        bodies += ends.map { #"{"messages":[{"role":"user","content":"\#(beginning)\#($0)"}]}"# }
        let digits = String(repeating: "7", count: 200)
        bodies += ["", "7", ".5"].map { #"{"messages":[\#(digits)\#($0),1]}"# }
        let forms = bodies.map { read($0, Self.parts(least: 64)) }
        #expect(Set(forms.map(\.canonical)).count == bodies.count)
        for round in 0..<3 {
            for (body, form) in zip(bodies, forms) { #expect(read(body, known) == form, "\(round): \(body)") }
            for (body, form) in zip(bodies, forms).reversed() { #expect(read(body, known) == form) }
        }
    }

    @Test func aPartThatCountsElsewhereInAnotherWayIsNotMistaken() {
        let block = #"{"type":"text","text":"\#(String(repeating: "a", count: 100))"}"#
        let known = Self.parts(least: 64)
        let forms = ["system", "tools", "messages"].map {
            read(#"{"\#($0)":[\#(block),\#(block)]}"#, known).canonical
        }
        #expect(Set(forms).count == 3)
        #expect(read(#"{"tools":[\#(block),\#(block)]}"#, known).hasTools)
        #expect(read(#"{"system":[\#(block),\#(block)]}"#, known).hasTools == false)
    }

    @Test func aVersionStandsForTheSystemPromptNoMatterWhatIsKnown() {
        let known = Self.parts()
        let bodies = ["one", "two"].map { Array(#"{"system":"The prompt \#($0), which is long."}"#.utf8) }
        for body in bodies { _ = read(body, known) }
        #expect(read(bodies[0], known, version: "1") == read(bodies[1], known, version: "1"))
        #expect(read(bodies[0], known, version: "1") == Key.of(bodies[0], version: "1"))
    }

    @Test func theOldestPartsGo() {
        let known = Self.parts(least: 1024)
        let text = String(repeating: "a", count: 400 * 1024)
        let bodies = (0..<30).map { Array(#"{"system":"\#($0)\#(text)"}"#.utf8) }
        let first = bodies.map { read($0, known) }
        #expect(known.bytes <= 4 << 20 && known.bytes > 3 << 20)
        #expect(bodies.map { read($0, known) } == first)
        #expect(known.bytes <= 4 << 20)
    }

    @Test func aBodyIsKnownByItsBytesEndpointAndVersion() throws {
        let bodies = KnownBodies()
        func find(_ text: String, _ endpoint: Endpoint = .messages, _ version: String? = nil) -> RequestFacts? {
            Array(text.utf8).withUnsafeBytes { bodies.find($0, endpoint: endpoint, version: version)?.facts }
        }
        let text = #"{"model":"a","messages":[{"role":"user","content":"What is a weir?"}]}"#
        #expect(find(text) == nil)
        try Array(text.utf8).withUnsafeBytes { bytes in
            let facts = try RequestFacts.read(bytes)
            let request = CacheRequest.read(bytes, endpoint: .messages, version: nil)
            bodies.keep(
                bytes, endpoint: .messages, version: nil,
                .init(facts: facts, request: request, systemHash: nil, toolsHash: 7))
        }
        #expect(find(text)?.model == "a")
        #expect(find(text, .chatCompletions) == nil && find(text, .messages, "1") == nil)
        // Of the same length, and one letter away where no sample is taken.
        for place in text.indices {
            let other = text.replacingCharacters(at: place, with: "Z")
            if other != text { #expect(find(other) == nil) }
        }
        #expect(find("") == nil && find("{}") == nil)
    }

    @Test func headersAreRemembered() {
        var known = KnownKeyHeaders()
        for round in 0..<3 {
            for number in 0..<(round == 2 ? 3 : 20) {
                let fields = [("anthropic-beta", "b-\(number), a-1"), ("anthropic-version", "2023-06-01")]
                let named = fields.map { (name: $0.0, value: $0.1) }
                #expect(known.form(of: named) == CacheKeyHeaders.canonical(named))
            }
        }
    }

    @Test func namesThatMayCountAreSeenAtAGlance() {
        for rule in CacheKeyHeaders.rules where rule.isKeyed {
            let name = rule.name.hasSuffix("*") ? rule.name.dropLast() + "x" : rule.name
            #expect(CacheKeyHeaders.mayCount(String(name)) && CacheKeyHeaders.mayCount(name.uppercased()))
        }
        for name in ["accept", "authorization", "host", "a", "", "origin", "user-agent"] {
            #expect(!CacheKeyHeaders.mayCount(name))
        }
    }
}

extension String {
    fileprivate func replacingCharacters(at place: Index, with character: Character) -> String {
        self[..<place] + String(character) + self[index(after: place)...]
    }
}
