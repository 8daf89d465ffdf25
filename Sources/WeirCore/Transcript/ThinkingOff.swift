/// The splices that send an Anthropic request without manual thinking.
///
/// With `thinking` of type `enabled` a turn in its tool loop has to begin with a thinking block; with
/// `adaptive` it need not.
enum ThinkingOff {
    /// `nil` where thinking is not of type `enabled`.
    ///
    /// An edit of the context that clears thinking is refused without thinking, so it goes, too.
    static func splices(_ facts: RequestFacts, _ bytes: UnsafeRawBufferPointer) -> [Splice]? {
        guard let thinking = facts.thinkingRange, thinking.upperBound <= bytes.count,
            let text = JSONBytes(bytes), text.hasType(thinking, "enabled")
        else { return nil }
        let off = Splice(
            range: thinking, bytes: Array(#"{"type":"disabled"}"#.utf8), rule: .thinkingOff)
        return [off] + clearingEdits(text, facts.bodyRange.lowerBound)
    }

    /// Takes the edits `clear_thinking_…` out of `context_management.edits`.
    private static func clearingEdits(_ text: JSONBytes, _ body: Int) -> [Splice] {
        guard let management = text.lastMember("context_management", of: body),
            let edits = text.lastMember("edits", of: management.lowerBound),
            text.byte(at: edits.lowerBound) == 0x5B
        else { return [] }
        var places: [ListPlace] = []
        var count = 0
        var end: Int?
        _ = try? text.elements(edits.lowerBound) { (value) throws(JSONFault) in
            if places.last?.index == count - 1 { places[places.count - 1].after = value }
            let valueEnd = try text.skipCheckedValue(value)
            if text.clearsThinking(value..<valueEnd) {
                places.append(ListPlace(index: count, range: value..<valueEnd, before: end))
            }
            end = valueEnd
            count += 1
            return valueEnd
        }
        if places.count == count, count > 0 {
            return [Splice(range: management, bytes: Array("null".utf8), rule: .thinkingOff)]
        }
        return ListPlace.removals(places).map { Splice(range: $0, bytes: [], rule: .thinkingOff) }
    }
}

extension JSONBytes {
    /// Where the last member of that name stands in a value that was checked; `nil` where it is no object or
    /// has none.
    fileprivate func lastMember(_ word: StaticString, of object: Int) -> Range<Int>? {
        var found: Range<Int>?
        _ = try? members(object) { (name, value) throws(JSONFault) in
            let end = try skipCheckedValue(value)
            if isString(name, word) { found = value..<end }
            return end
        }
        return found
    }

    /// True for an object whose `type` is that string.
    fileprivate func hasType(_ object: Range<Int>, _ word: StaticString) -> Bool {
        lastMember("type", of: object.lowerBound).map { isString($0, word) } ?? false
    }

    fileprivate func clearsThinking(_ edit: Range<Int>) -> Bool {
        guard let type = lastMember("type", of: edit.lowerBound), byte(at: type.lowerBound) == 0x22 else {
            return false
        }
        return string(type).hasPrefix("clear_thinking")
    }
}
