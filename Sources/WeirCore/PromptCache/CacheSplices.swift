/// The splices that ask a provider to cache a prompt.
package enum CacheSplices {
    /// A `cache_control` on each marked block; `layout` must have been read from `bytes`.
    ///
    /// In an object it becomes the last member; a bare string becomes a list of one text block around the
    /// string's own bytes. A mark on a block that takes none, or has one, is left out, as are all in another
    /// dialect than Anthropic's.
    package static func marking(
        _ layout: PromptLayout, _ marks: [CacheMark], _ bytes: UnsafeRawBufferPointer
    ) -> [Splice] {
        guard layout.dialect == .anthropic else { return [] }
        var splices: [Splice] = []
        splices.reserveCapacity(2 * marks.count)
        var marked: [Int] = []
        for mark in marks where layout.blocks.indices.contains(mark.block) && !marked.contains(mark.block) {
            let block = layout.blocks[mark.block]
            guard block.isMarkable, block.range.upperBound <= bytes.count, block.range.count >= 2 else {
                continue
            }
            marked.append(mark.block)
            let member =
                #""cache_control":{"type":"ephemeral""# + (mark.ttl == .long ? #","ttl":"1h"}"# : "}")
            if block.isBareString {
                splices.append(insertion(#"[{"type":"text","text":"#, at: block.range.lowerBound))
                splices.append(insertion("," + member + "}]", at: block.range.upperBound))
            } else {
                let isEmpty = JSONBytes(bytes).map {
                    $0.skipSpace(block.range.lowerBound + 1) == block.range.upperBound - 1
                }
                splices.append(
                    insertion(isEmpty == true ? member : "," + member, at: block.range.upperBound - 1))
            }
        }
        return splices
    }

    /// A `prompt_cache_breakpoint` on a block of text; `layout` must have been read from `bytes`.
    ///
    /// In an object it becomes the last member; a bare string becomes a list of one text part around the
    /// string's own bytes. None on a block that takes no marker or has one, and in other dialects than
    /// OpenAI's two.
    package static func breakpoint(
        _ layout: PromptLayout, on index: Int, _ bytes: UnsafeRawBufferPointer
    ) -> [Splice] {
        guard layout.dialect == .chat || layout.dialect == .responses, layout.blocks.indices.contains(index)
        else { return [] }
        let block = layout.blocks[index]
        guard block.isMarkable, block.kind == .text, block.level == .messages,
            block.range.upperBound <= bytes.count, block.range.count >= 2
        else { return [] }
        let member = #","prompt_cache_breakpoint":{"mode":"explicit"}"#
        guard block.isBareString else { return [insertion(member, at: block.range.upperBound - 1)] }
        let type = layout.dialect == .chat ? "text" : "input_text"
        return [
            insertion(#"[{"type":"\#(type)","text":"#, at: block.range.lowerBound),
            insertion(member + "}]", at: block.range.upperBound),
        ]
    }

    /// `prompt_cache_key` in front of the other members; `nil` when the caller has one, null included.
    package static func promptCacheKey(_ facts: RequestFacts, _ key: String) -> Splice? {
        guard facts.promptCacheKeyRange == nil, let first = facts.firstMemberOffset else { return nil }
        var bytes = Array(#""prompt_cache_key":"#.utf8)
        bytes.appendJSONString(key)
        bytes.append(0x2C)
        return Splice(range: first..<first, bytes: bytes, rule: .promptCacheKey)
    }

    /// `prompt_cache_options` with that lifetime, in front of the other members.
    ///
    /// In explicit mode the short lifetime, which is the provider's own, is not named.
    ///
    /// `nil` when the caller has options, or their predecessor `prompt_cache_retention`, and where the
    /// dialect has no such lifetime: Chat knows thirty minutes only, Responses twelve hours too.
    package static func promptCacheOptions(
        _ facts: RequestFacts, ttl: CacheTTL, isExplicit: Bool = false, dialect: Dialect
    ) -> Splice? {
        guard facts.promptCacheOptionsRange == nil, facts.promptCacheRetentionRange == nil,
            let first = facts.firstMemberOffset
        else { return nil }
        let lifetime: String
        switch (dialect, ttl) {
        case (.chat, .short), (.responses, .short): lifetime = "30m"
        case (.responses, .long): lifetime = "12h"
        case (.chat, .long), (.anthropic, _), (.gemini, _): return nil
        }
        if isExplicit, ttl == .short {
            return insertion(#""prompt_cache_options":{"mode":"explicit"},"#, at: first)
        }
        let mode = isExplicit ? "explicit" : "implicit"
        return insertion(
            #""prompt_cache_options":{"mode":"\#(mode)","ttl":"\#(lifetime)"},"#, at: first)
    }

    private static func insertion(_ text: String, at offset: Int) -> Splice {
        Splice(range: offset..<offset, bytes: Array(text.utf8), rule: .promptCache)
    }
}
