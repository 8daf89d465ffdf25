extension RequestFacts {
    /// True where a Responses request asks to be worked on in the background: the provider keeps a task.
    ///
    /// Reads the body again; only asked for where a request failed.
    package func runsInBackground(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let text = JSONBytes(bytes), let value = value(of: "background", in: text) else { return false }
        return text.byte(at: value.lowerBound) == 0x74
    }

    /// `previous_response_id` of a Responses request; `nil` where it has none.
    ///
    /// Reads the body again; only asked for where several accounts could have the response.
    package func previousResponse(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard hasServerHeldPrompt, let text = JSONBytes(bytes),
            let value = value(of: "previous_response_id", in: text)
        else { return nil }
        return text.string(value)
    }

    /// Where the value of a top-level member stands; the last one where it comes twice.
    private func value(of name: StaticString, in text: JSONBytes) -> Range<Int>? {
        var found: Range<Int>?
        _ = try? text.members(bodyRange.lowerBound) { (member, value) throws(JSONFault) in
            let end = try text.skipValue(value)
            if text.string(member, isExactly: name) { found = value..<end }
            return end
        }
        return found
    }
}

/// Ids of replies that a provider keeps.
package enum ReplyID {
    /// The first text that begins with `resp_` in a Responses reply, plain or streamed; `nil` where there is
    /// none in the first 4 KB.
    package static func response(in bytes: UnsafeRawBufferPointer) -> String? {
        let head = UnsafeRawBufferPointer(rebasing: bytes.prefix(4096))
        let mark = Array("\"resp_".utf8)
        guard let mark0 = mark.first else { return nil }
        var at = 0
        while at + mark.count < head.count {
            guard head[at] == mark0, head[at..<at + mark.count].elementsEqual(mark) else {
                at += 1
                continue
            }
            let start = at + 1
            guard let end = head[start...].firstIndex(of: UInt8(ascii: "\"")) else { return nil }
            return String(decoding: head[start..<end], as: UTF8.self)
        }
        return nil
    }
}
