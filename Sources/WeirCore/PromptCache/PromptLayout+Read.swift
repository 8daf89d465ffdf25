extension PromptLayout {
    /// Blocks of one request that are told apart; requests with more have no layout.
    package static let maxBlocks = 16_384

    /// Reads the prompt of a request whose facts were read from the same bytes.
    ///
    /// One pass over tools, system and messages; nothing is decoded. `nil` where the body is no whole prompt
    /// in that dialect: no messages, shapes that no provider takes, a part of the prompt that the provider
    /// holds itself, or over `maxBlocks` blocks. Member names and block types that are not known are kept and
    /// count as content.
    package static func read(
        _ bytes: UnsafeRawBufferPointer, _ facts: RequestFacts, dialect: Dialect
    ) -> PromptLayout? {
        guard facts.bodyRange.upperBound <= bytes.count, !facts.hasServerHeldPrompt,
            let text = JSONBytes(bytes)
        else { return nil }
        let members: (system: Range<Int>?, messages: Range<Int>?)
        switch dialect {
        case .anthropic: members = (facts.systemRange, facts.messagesRange)
        case .chat: members = (nil, facts.messagesRange)
        case .responses: members = (facts.instructionsRange, facts.inputRange)
        case .gemini: return nil
        }
        guard let messages = members.messages else { return nil }
        var reader = PromptReader(text: text, dialect: dialect)
        reader.layout.blocks.reserveCapacity(min(maxBlocks, 32 + facts.bodyRange.count / 1024))
        do throws(JSONFault) {
            if let tools = facts.toolsRange { try reader.readTools(tools.lowerBound) }
            if let system = members.system { try reader.readSystem(system.lowerBound) }
            try reader.readMessages(messages.lowerBound)
        } catch {
            return nil
        }
        reader.readParameters(facts)
        reader.layout.hasCallerKey = facts.promptCacheKeyRange != nil
        reader.layout.hasCallerOptions =
            facts.promptCacheOptionsRange != nil || facts.promptCacheRetentionRange != nil
        if let automatic = facts.cacheControlRange { reader.addAutomaticMarker(automatic) }
        return reader.layout
    }
}

extension PromptReader {
    /// The hashes of the members that are part of a cache's key without being prompt.
    ///
    /// `speed` counts from the system level on; tool choice, thinking, reasoning, effort and the output's
    /// schema from the messages level on.
    mutating func readParameters(_ facts: RequestFacts) {
        layout.systemParameters = hash([facts.speedRange])
        var ranges = [facts.toolChoiceRange, facts.thinkingRange, facts.reasoningRange]
        ranges.append(facts.reasoningEffortRange)
        if let config = facts.outputConfigRange {
            ranges.append(member("effort", of: config))
            ranges.append(member("format", of: config))
        }
        layout.messageParameters = hash(ranges)
    }

    /// 0 without any; else of the values as they are spelled and of which they are.
    private func hash(_ ranges: [Range<Int>?]) -> UInt64 {
        guard ranges.contains(where: { $0 != nil }) else { return 0 }
        var hash = BlockHash()
        for range in ranges { hash.add(range.map { FastHash.hash64(text.slice($0)) } ?? 0) }
        return hash.value
    }

    /// Where the value of a member of an object stands that was stepped over before.
    private func member(_ name: StaticString, of object: Range<Int>) -> Range<Int>? {
        guard text.byte(at: object.lowerBound) == 0x7B,
            let start = text.valueOffset(of: name, in: object.lowerBound),
            let end = try? text.skipCheckedValue(start)
        else { return nil }
        return start..<end
    }

    /// The top-level `cache_control`: the provider puts it on the last block that takes one.
    mutating func addAutomaticMarker(_ value: Range<Int>) {
        guard let ttl = text.markerTTL(value) else { return }
        layout.hasAutomaticMarker = true
        let last = layout.blocks.lastIndex { $0.isMarkable || $0.marker != nil }
        addMarker(ttl, on: last ?? max(0, layout.blocks.count - 1), isNested: false)
    }
}
