/// One event of a stream; its memory is valid only during the call that gets it.
package struct SSEEvent {
    /// All bytes of the event with its blank line; of a cut event, its beginning and its end.
    package let raw: UnsafeRawBufferPointer
    /// Value of the last `event:` line; empty when there is none.
    package private(set) var name: UnsafeRawBufferPointer
    /// Value of the `data:` line, several joined with LF; empty when there is none.
    package private(set) var data: UnsafeRawBufferPointer
    /// True when the event was longer than the scanner's bound and bytes in its middle are missing.
    package let isCut: Bool

    /// True when the `event:` line says exactly that.
    package func isNamed(_ word: StaticString) -> Bool { name.isExactly(word) }

    /// Calls `body` with the event whose bytes those are; lines other than `event:` and `data:` are passed
    /// over.
    @inline(__always)
    static func withEvent(_ raw: UnsafeRawBufferPointer, isCut: Bool, _ body: (SSEEvent) -> Void) {
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        var event = SSEEvent(raw: raw, name: none, data: none, isCut: isCut)
        var more: [UInt8] = []
        var dataLines = 0
        forEachField(raw) { (field, value) in
            if field.isExactly("event") {
                event.name = value
            } else if field.isExactly("data") {
                dataLines += 1
                if dataLines == 2 { more.append(contentsOf: event.data) }
                if dataLines > 1 {
                    more.append(0x0A)
                    more.append(contentsOf: value)
                }
                event.data = value
            }
        }
        if dataLines < 2 { return body(event) }
        more.withUnsafeBytes {
            event.data = $0
            body(event)
        }
    }

    /// Name and value of each line; one space behind the colon is not part of the value.
    @inline(__always)
    private static func forEachField(
        _ raw: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void
    ) {
        guard let base = raw.baseAddress else { return }
        let count = raw.count
        // A byte order mark may come before the first line of a stream.
        var i = count >= 3 && raw[0] == 0xEF && raw[1] == 0xBB && raw[2] == 0xBF ? 3 : 0
        while i < count {
            let end = SSEBoundary.lineEnd(base, count, i)
            var colon = i
            while colon < end, raw[colon] != 0x3A { colon &+= 1 }
            if colon > i {
                var value = min(colon &+ 1, end)
                if value < end, raw[value] == 0x20 { value &+= 1 }
                body(
                    UnsafeRawBufferPointer(start: base + i, count: colon &- i),
                    UnsafeRawBufferPointer(start: base + value, count: end &- value))
            }
            i = end &+ 1
        }
    }
}

extension UnsafeRawBufferPointer {
    /// True when these bytes are just that text.
    @inline(__always)
    func isExactly(_ word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        for k in 0..<count where self[k] != word.utf8Start[k] { return false }
        return true
    }

    /// True when these bytes end with that text.
    @inline(__always)
    func ends(with word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard count >= length else { return false }
        for k in 0..<length where self[count - length + k] != word.utf8Start[k] { return false }
        return true
    }
}
