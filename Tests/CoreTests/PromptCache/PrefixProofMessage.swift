extension RandomConversation {
    /// One block of a message, as the client writes it.
    struct Part {
        var members: [String]
        /// The inside of its string, where it is nothing but text.
        var bare: String?
        var canMark = false
        /// Where among the members the client puts its marker.
        var markerPlace = 9
        /// True where a member holds "§", the place of a marker inside a list.
        var hasNestedPlace = false
        var marker: String?
        var nestedMarker: String?

        init(members: [String]) { self.members = members }

        func text(_ marker: String?) -> String {
            var all = members
            if let marker { all.insert(#""cache_control":"# + marker, at: min(markerPlace, all.count)) }
            let nested = nestedMarker.map { #","cache_control":"# + $0 } ?? ""
            return "{" + all.joined(separator: ",").replacing("§", with: nested) + "}"
        }
    }

    /// One message; for the system prompt only its content counts.
    struct Message {
        var head = ""
        var tail = "}"
        var parts: [Part] = []
        /// True where the client writes a text alone as a string while it is unmarked.
        var isBare = false
        var isUser = false

        var text: String { head + content + tail }

        var content: String {
            if isBare, parts.count == 1, let bare = parts[0].bare, parts[0].marker == nil {
                return "\"\(bare)\""
            }
            return "[" + parts.map { $0.text($0.marker) }.joined(separator: ", ") + "]"
        }

        var isMarkable: Bool { parts.contains { $0.canMark } }

        mutating func markLast(_ value: String) {
            if let last = parts.lastIndex(where: \.canMark) { parts[last].marker = value }
        }

        mutating func markNested(_ value: String) {
            if let last = parts.lastIndex(where: \.hasNestedPlace) { parts[last].nestedMarker = value }
        }
    }
}
