/// What a provider's cache sees of a request, worked out without any of Weir's own readers.
///
/// Bytes as sent, but without `cache_control` and `prompt_cache_breakpoint` members and their comma, and with a one-block list of text in
/// the place of content written as the string it equals.
struct CacheView: Equatable {
    var tools: [UInt8] = []
    var system: [UInt8] = []
    /// The list without its end, so that a conversation's view begins with the view of what it was before.
    var messages: [UInt8] = []

    struct Malformed: Error { let offset: Int }

    init(_ body: [UInt8]) throws {
        var walker = Walker(text: body)
        for member in try walker.members(of: .request) {
            switch member.name {
            case #""tools""#: tools = member.value
            case #""system""#, #""instructions""#: system = member.value
            case #""messages""#, #""input""#:
                messages = member.value
                while let last = messages.last, [0x5D, 0x20, 0x0A, 0x09, 0x0D].contains(last) {
                    messages.removeLast()
                }
            default: continue
            }
        }
    }
}

private enum Place { case request, messages, message, content, other }

private struct Member {
    let name: String
    let value: [UInt8]
    /// With the space around name and value.
    let text: [UInt8]
}

private struct Walker {
    let text: [UInt8]
    private var at = 0

    init(text: [UInt8]) { self.text = text }

    private var next: UInt8 { at < text.count ? text[at] : 0 }

    private static let markers = [
        #""cache_control""#, #""cache\u005fcontrol""#, #""prompt_cache_breakpoint""#,
    ]

    private mutating func take(_ byte: UInt8) throws {
        guard next == byte else { throw CacheView.Malformed(offset: at) }
        at += 1
    }

    private mutating func space() -> ArraySlice<UInt8> {
        let start = at
        while [0x20, 0x0A, 0x0D, 0x09].contains(next) { at += 1 }
        return text[start..<at]
    }

    private mutating func string() throws -> ArraySlice<UInt8> {
        let start = at
        try take(0x22)
        while next != 0x22 {
            guard at < text.count else { throw CacheView.Malformed(offset: at) }
            at += next == 0x5C ? 2 : 1
        }
        at += 1
        return text[start..<at]
    }

    /// The members of an object that count.
    mutating func members(of place: Place) throws -> [Member] {
        if place == .request { _ = space() }
        try take(0x7B)
        var kept: [Member] = []
        var lead = space()
        guard next != 0x7D else {
            at += 1
            return []
        }
        while true {
            let name = String(decoding: try string(), as: UTF8.self)
            var between = Array(space())
            try take(0x3A)
            between += [0x3A] + space()
            let value = try value(inside(place, name))
            let all = Array(lead) + Array(name.utf8) + between + value + space()
            if !Self.markers.contains(name) {
                kept.append(Member(name: name, value: value, text: all))
            }
            guard next == 0x2C else { break }
            at += 1
            lead = space()
        }
        try take(0x7D)
        return kept
    }

    private func inside(_ place: Place, _ name: String) -> Place {
        switch (place, name) {
        case (.request, #""messages""#), (.request, #""input""#): .messages
        case (.request, #""system""#), (.request, #""instructions""#), (.message, #""content""#): .content
        default: .other
        }
    }

    private mutating func value(_ place: Place) throws -> [UInt8] {
        switch next {
        case 0x22: return Array(try string())
        case 0x7B: return Self.object(try members(of: place))
        case 0x5B: return try list(place)
        default:
            let start = at
            while at < text.count, ![0x2C, 0x5D, 0x7D, 0x20, 0x0A, 0x0D, 0x09].contains(next) { at += 1 }
            return Array(text[start..<at])
        }
    }

    private static func object(_ members: [Member]) -> [UInt8] {
        [0x7B] + Array(members.map(\.text).joined(separator: [0x2C])) + [0x7D]
    }

    private mutating func list(_ place: Place) throws -> [UInt8] {
        try take(0x5B)
        var elements: [[UInt8]] = []
        var onlyText: [UInt8]?
        var lead = Array(space())
        while next != 0x5D {
            if place == .content, next == 0x7B {
                let block = try members(of: .other)
                let isText =
                    block.map(\.name) == [#""type""#, #""text""#]
                    && [#""text""#, #""input_text""#].contains(String(decoding: block[0].value, as: UTF8.self))
                onlyText = isText ? block[1].value : nil
                lead += Self.object(block)
            } else {
                lead += try value(place == .messages ? .message : .other)
            }
            elements.append(lead + space())
            guard next == 0x2C else { break }
            at += 1
            lead = Array(space())
        }
        try take(0x5D)
        if place == .content, elements.count == 1, let onlyText { return onlyText }
        return [0x5B] + Array(elements.joined(separator: [0x2C])) + [0x5D]
    }
}
