/// Finds out what the first difference between a prompt and its conversation's earlier one is.
package struct ChangeFinder {
    let record: ConversationRecord
    let shape: PromptShape
    let layout: PromptLayout
    let bytes: UnsafeRawBufferPointer
    let details: BlockDetails

    /// What changed at the first block that differs; `common` is its index.
    func change(at common: Int) -> PromptChange {
        let tools = min(Int(record.toolCount), shape.toolCount)
        if common < tools || Int(record.toolCount) != shape.toolCount && common <= tools {
            return tool(at: common)
        }
        if common < min(Int(record.messageStart), shape.messageStart) { return text(at: common) }
        guard common >= shape.messageStart, common >= record.messageStart else {
            // Blocks of the system prompt came or went.
            return change(.editedText, at: common)
        }
        let found = text(at: common)
        if found.kind != .editedText { return found }
        let isInPlace =
            isSingle(common) && record.realigns(with: shape, behind: common - shape.messageStart)
        return isInPlace || common + 1 == record.count && isSameLook(common)
            ? found : PromptChange(kind: .rewrittenHistory, path: found.path, offset: found.offset)
    }

    /// True where the block behind the changed one is as recorded.
    private func isSingle(_ i: Int) -> Bool {
        guard i + 1 < shape.words.count, let next = record.word(at: i + 1) else { return false }
        return next == shape.words[i + 1]
    }

    /// True where the changed block is an edition of the recorded one.
    private func isSameLook(_ i: Int) -> Bool {
        guard let (old, new) = editions(of: i) else { return false }
        return new.resembles(old)
    }

    /// What is remembered of the recorded block at a place, and of the one that stands there now.
    private func editions(of i: Int) -> (old: BlockDetail, new: BlockDetail)? {
        guard i < shape.words.count, let word = record.word(at: i), let old = details.detail(of: word),
            let new = details.detail(of: shape.words[i])
        else { return nil }
        return (old, new)
    }

    // MARK: Tools

    private func tool(at i: Int) -> PromptChange {
        let old = (0..<Int(record.toolCount)).compactMap { record.word(at: $0) }
        let new = Array(shape.words[..<shape.toolCount])
        guard old.count == new.count else { return change(.changedTools, at: i, level: .tools) }
        if old.sorted() == new.sorted() { return change(.reorderedTools, at: i, level: .tools) }
        let added = Set(new).subtracting(old).count
        let differing = zip(old, new).count { $0 != $1 }
        // As many tools differ in their places as are new: edited where they stand, not exchanged.
        guard differing == added, isSameLook(i) else { return change(.changedTools, at: i, level: .tools) }
        return text(at: i)
    }

    // MARK: Text

    /// What changed in the text of a block that stands where another one stood.
    private func text(at i: Int) -> PromptChange {
        guard let (old, new) = editions(of: i) else { return change(.editedText, at: i) }
        let text = BlockText(layout.blocks[i], bytes)
        let window = new.firstDifference(from: old)
        var kind = PromptChange.Kind.editedText
        var offset = window?.lowerBound ?? 0
        if new.letters != 0, new.letters == old.letters {
            kind = .whitespace
        } else if new.masked != 0, new.masked == old.masked,
            let found = VolatileText.find(in: text.bytes, window: window ?? 0..<text.bytes.count)
        {
            (kind, offset) = (found.kind, found.offset)
        }
        offset = min(text.start + offset, max(text.start, layout.blocks[i].range.upperBound - 1))
        return PromptChange(kind: kind, path: path(of: i, at: offset), offset: offset)
    }

    /// A change of a whole block; at the end of its level where the block is not there any more.
    private func change(
        _ kind: PromptChange.Kind, at i: Int, level: PromptBlock.Level? = nil
    ) -> PromptChange {
        guard i < layout.blocks.count, level == nil || layout.blocks[i].level == level else {
            return PromptChange(kind: kind, path: level == .tools ? "tools[\(i)]" : nil, offset: nil)
        }
        let block = layout.blocks[i]
        return PromptChange(kind: kind, path: block.path(in: layout.dialect), offset: block.range.lowerBound)
    }

    /// The block's path; for a tool also the names of the members that lead to the offset.
    private func path(of i: Int, at offset: Int) -> String {
        let block = layout.blocks[i]
        var path = block.path(in: layout.dialect)
        guard block.level == .tools, let json = JSONBytes(bytes) else { return path }
        var start = block.range.lowerBound
        // `description`, or `function.description` in OpenAI's form.
        for _ in 0..<2 {
            guard let member = Self.member(around: offset, of: json, at: start) else { break }
            path += "." + member.name
            guard member.name == "function" else { break }
            start = member.value
        }
        return path
    }

    private static func member(
        around offset: Int, of json: JSONBytes, at start: Int
    ) -> (name: String, value: Int)? {
        var found: (name: String, value: Int)?
        _ = try? json.members(start) { (key, value) throws(JSONFault) in
            let end = try json.skipValue(value, depth: 1)
            if found == nil, offset < end, offset >= key.lowerBound, key.count <= 66 {
                let name = json.slice(key.lowerBound + 1..<key.upperBound - 1)
                found = (String(decoding: name, as: UTF8.self), value)
            }
            return end
        }
        return found
    }
}
