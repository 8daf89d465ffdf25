/// What the caches need to know of a request: one form of everything that can change its answer.
package struct CacheRequest: Sendable, Equatable {
    /// Canonical JSON of the body without its model and what `CacheField.table` ignores; empty if unreadable.
    ///
    /// Parts of `KnownParts.usualLeast` bytes or more (tools, texts of the system prompt, messages but the last one)
    /// are told as `h` and their hash where the reader was given `KnownParts`. Behind it all stand `v` and the
    /// caller's cache version, where one was given.
    /// Two bodies that can differ in their answers never have the same (`CanonicalText` says why). It is no
    /// prefix code: whoever joins it with other bytes puts it last or its length in front.
    package var canonical: [UInt8] = []
    /// One for each member of the canonical form, in its order; more than `maxFields` are told as one.
    package var fields: [FieldDigest] = []
    /// `nil` where the reply may be cached.
    package var notCacheable: CacheObstacle?
    /// `nil` where `temperature` is absent or no number.
    package var temperature: Double?
    /// True where the same request is meant to have the same answer: temperature 0, or embeddings.
    package var isDeterministic = false
    /// True where the request offers tools or functions.
    package var hasTools = false
    /// Where the text of the last user turn stands in `canonical`, without its quotes and with its escapes;
    /// all bytes around it are what must be equal for an answer to serve a question of the same meaning.
    ///
    /// `nil` where there is no single text.
    package var questionRange: Range<Int>?
    /// That text; `nil` too where it is longer than `maxQuestion` or no Unicode.
    package var questionText: String?
    /// `nil` where an answer to another question of the same meaning may serve.
    package var semanticObstacle: SemanticObstacle?

    /// Bytes of a question's canonical form; longer ones are compared to the letter only.
    package static let maxQuestion = 4 * 1024
    package static let maxFields = 64

    package init() {}

    /// Reads a body that `RequestFacts.read` has accepted, in one pass.
    ///
    /// `version`: what counts in place of the system prompt's text (`x-weir-cache-version`). That is `system`
    /// or `instructions` where it is text alone, and the system and developer messages in front of all
    /// others; what else those messages have stays in the key. Memory is bounded by six times the body and
    /// 1 MB.
    /// - Parameter known: with it and without it the form is another one.
    package static func read(
        _ bytes: UnsafeRawBufferPointer, endpoint: Endpoint, version: String?, facts: RequestFacts? = nil,
        known: KnownParts? = nil
    ) -> CacheRequest {
        guard let index = CacheFieldIndex.of(endpoint) else { return CacheRequest(.endpoint) }
        guard let text = JSONBytes(bytes) else { return CacheRequest(.malformed) }
        let memory = known?.memory ?? CanonicalMemory()
        return memory.withBytes(capacity: 2 * bytes.count + 1024) { out in
            guard let base = out.baseAddress else { return CacheRequest(.tooComplex) }
            let canonical = CanonicalText(text, out: base, capacity: out.count, memory: memory)
            var reader = CacheReader(canonical, index, endpoint, version, known)
            reader.tools = facts?.toolsRange
            defer { reader.canonical.giveBack(to: memory) }
            do throws(CacheObstacle) { return try reader.readBody() } catch { return CacheRequest(error) }
        }
    }

    private init(_ obstacle: CacheObstacle) {
        notCacheable = obstacle
        semanticObstacle = .notCacheable
    }
}

/// One top-level member of a request, as far as equality goes.
package struct FieldDigest: Sendable, Equatable {
    /// As on the wire; `x-weir-cache-version` for the version.
    package let name: String
    /// `FastHash` of the member's canonical value.
    package let hash: UInt64

    package init(name: String, hash: UInt64) {
        self.name = name
        self.hash = hash
    }
}
