/// What the first bytes of an event stream show.
package enum FirstEvent: Sendable, Equatable {
    /// Too few to tell.
    case unknown
    case ordinary
    /// The stream begins with an error: `event: error`, or data that is an error object.
    case error

    /// Looks at a stream from its first byte; as soon as one byte differs from every way an error begins, it
    /// is ordinary.
    ///
    /// Anthropic: `event: error`; Responses: `event: error` or `event: response.failed`; Chat and compatible
    /// servers: `data: {"error":…`; blanks as JSON and SSE allow them.
    package static func look(_ bytes: UnsafeRawBufferPointer) -> FirstEvent {
        var rest = bytes[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        while let first = rest.first, first == 10 || first == 13 { rest = rest.dropFirst() }
        var isOpen = false
        for beginning in beginnings {
            switch match(rest, beginning) {
            case .error: return .error
            case .unknown: isOpen = true
            case .ordinary: break
            }
        }
        return isOpen ? .unknown : .ordinary
    }

    /// Each with `~` where blanks may stand, and `$` for the end of a line.
    private static let beginnings: [StaticString] = [
        "event:~error$", "event:~response.failed$", "data:~{~\"error\"~:~{", "data:~{~\"type\"~:~\"error\"",
    ]

    private static func match(_ bytes: Slice<UnsafeRawBufferPointer>, _ beginning: StaticString) -> FirstEvent
    {
        beginning.withUTF8Buffer { pattern in
            var at = bytes.startIndex
            for wanted in pattern {
                if wanted == UInt8(ascii: "~") {
                    while at < bytes.endIndex, bytes[at] == 32 || bytes[at] == 9 { at += 1 }
                    continue
                }
                guard at < bytes.endIndex else { return .unknown }
                if wanted == UInt8(ascii: "$") {
                    return bytes[at] == 10 || bytes[at] == 13 ? .error : .ordinary
                }
                guard bytes[at] == wanted else { return .ordinary }
                at += 1
            }
            return .error
        }
    }
}
