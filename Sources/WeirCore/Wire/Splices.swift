/// The rules by which Weir changes bytes of a request or a reply in its own dialect.
package enum Splices {
    /// Another name in the place of the model's; `nil` when the request has no model string, or that very
    /// name.
    package static func replacingModel(_ facts: RequestFacts, with name: String) -> Splice? {
        guard let range = facts.modelRange, facts.model != name else { return nil }
        var bytes: [UInt8] = []
        bytes.appendJSONString(name)
        return Splice(range: range, bytes: bytes, rule: .model)
    }

    /// `stream_options.include_usage` set to true in a Chat request.
    ///
    /// `bytes` is the text `facts` were read from. `stream_options` absent: the member is put in front;
    /// null: it is replaced; an object whose `include_usage` is absent, null or false: that is set. `nil`
    /// when it is true already or when anything else stands there, which is the provider's to refuse.
    package static func addingIncludeUsage(
        _ facts: RequestFacts, _ bytes: UnsafeRawBufferPointer
    ) -> Splice? {
        guard let text = JSONBytes(bytes) else { return nil }
        guard let options = facts.streamOptionsRange else {
            let member = #""stream_options":{"include_usage":true}"#
            if let first = facts.firstMemberOffset { return insertion(member + ",", at: first) }
            return insertion(member, at: facts.bodyRange.lowerBound + 1)
        }
        if text.byte(at: options.lowerBound) == 0x6E {
            return Splice(range: options, bytes: Array(#"{"include_usage":true}"#.utf8), rule: .includeUsage)
        }
        guard text.byte(at: options.lowerBound) == 0x7B else { return nil }
        if let value = text.includeUsageRange(options) {
            switch text.byte(at: value.lowerBound) {
            case 0x66, 0x6E: return Splice(range: value, bytes: Array("true".utf8), rule: .includeUsage)
            default: return nil
            }
        }
        let first = text.skipSpace(options.lowerBound + 1)
        if text.byte(at: first) == 0x7D { return insertion(#""include_usage":true"#, at: first) }
        return insertion(#""include_usage":true,"#, at: first)
    }

    private static func insertion(_ text: String, at offset: Int) -> Splice {
        Splice(range: offset..<offset, bytes: Array(text.utf8), rule: .includeUsage)
    }

    /// Weir's address in place of the provider's in every string member `results_url`, anywhere in a reply.
    ///
    /// `providerOrigin` and `weirOrigin` are scheme, host, port and base path without a final slash, for
    /// instance "https://api.anthropic.com/v1"; a final slash is ignored. A URL counts when it goes on with
    /// `/`, `?` or `#`, or ends. The reply may be JSON or lines of it; of a text that is neither nothing is
    /// changed behind the first fault. Escaped spellings (`https:\/\/`) are understood; only the bytes of
    /// the address change.
    package static func resultsURLs(
        in reply: UnsafeRawBufferPointer, providerOrigin: String, weirOrigin: String
    ) -> [Splice] {
        guard let text = JSONBytes(reply) else { return [] }
        let origin = Array(withoutSlash(providerOrigin).utf8)
        guard !origin.isEmpty else { return [] }
        var replacement: [UInt8] = []
        replacement.appendJSONString(withoutSlash(weirOrigin))
        replacement = Array(replacement.dropFirst().dropLast())
        var found: [Splice] = []
        var i = 0
        // From string to string: a quote outside of a string always opens one.
        while let quote = reply[i...].firstIndex(of: 0x22) {
            guard let end = try? text.skipString(quote) else { break }
            i = end
            guard text.string(quote..<end, isExactly: "results_url") else { continue }
            let colon = text.skipSpace(end)
            guard text.byte(at: colon) == 0x3A else { continue }
            let value = text.skipSpace(colon + 1)
            guard text.byte(at: value) == 0x22, let valueEnd = try? text.skipString(value) else { continue }
            i = valueEnd
            if let range = text.prefix(origin, ofURL: value..<valueEnd) {
                found.append(Splice(range: range, bytes: replacement, rule: .resultsURL))
            }
        }
        return found
    }

    private static func withoutSlash(_ url: String) -> String {
        url.hasSuffix("/") ? String(url.dropLast()) : url
    }
}

extension JSONBytes {
    /// The raw range that spells `origin` at the start of a string, if a URL at that origin stands there.
    fileprivate func prefix(_ origin: [UInt8], ofURL string: Range<Int>) -> Range<Int>? {
        let end = string.upperBound - 1
        var i = string.lowerBound + 1
        for expected in origin {
            // In a URL only the slash is ever escaped.
            if byte(at: i) == 0x5C, byte(at: i + 1) == 0x2F { i += 1 }
            guard i < end, byte(at: i) == expected else { return nil }
            i += 1
        }
        let range = string.lowerBound + 1..<i
        if i == end { return range }
        switch byte(at: i) {
        case 0x2F, 0x3F, 0x23: return range
        case 0x5C where byte(at: i + 1) == 0x2F: return range
        default: return nil
        }
    }
}
