/// The signed blocks of a request's transcript, with what is needed to take them out.
///
/// In an Anthropic request these are the `thinking` and `redacted_thinking` blocks of assistant messages, in
/// a Responses request the `reasoning` items.
package struct SignedBlocks: Sendable, Equatable {
    /// Signed blocks of one request that are told apart; of a request with more none is read.
    package static let maxBlocks = 16_384

    /// Hashes of the blocks' signatures, in order.
    ///
    /// A block without signature counts as one with an empty text for it.
    package internal(set) var hashes: [UInt64] = []
    /// Where each block stands in its message's content, or each item in `input`.
    var places: [ListPlace] = []
    /// Messages with signed blocks; empty in a Responses request.
    var messages: [Message] = []
    /// Elements of `messages` or `input`.
    var itemCount = 0
    /// Position of the first assistant message of the turn that goes on: behind it come only tool results and
    /// more of the assistant. `nil` where the user has spoken last.
    var openTurn: Int?
    let dialect: Dialect

    struct Message: Sendable, Equatable {
        var place: ListPlace
        /// The list of blocks, with its brackets.
        var content: Range<Int>
        var partCount: Int
        /// Indices in `places` and `hashes`.
        var blocks: Range<Int>
    }

    init(dialect: Dialect) { self.dialect = dialect }

    /// Where each block stands in the body, for tests and reports.
    package var ranges: [Range<Int>] { places.map(\.range) }
}

/// Where an element of a JSON list stands, and where its neighbours end and begin.
struct ListPlace: Sendable, Equatable {
    let index: Int
    let range: Range<Int>
    /// The end of the element in front; `nil` for the first one.
    let before: Int?
    /// The start of the element behind; `nil` for the last one.
    var after: Int?

    /// The ranges that go so that those elements are gone and the list stays one, commas included.
    ///
    /// `places` are of one list, in order. Where they are all of it, what stands between its brackets goes.
    static func removals(_ places: some RandomAccessCollection<ListPlace>) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var rest = places[...]
        while let first = rest.popFirst() {
            var last = first
            while let next = rest.first, next.index == last.index + 1 {
                last = next
                rest.removeFirst()
            }
            if let before = first.before {
                ranges.append(before..<last.range.upperBound)
            } else {
                ranges.append(first.range.lowerBound..<(last.after ?? last.range.upperBound))
            }
        }
        return ranges
    }
}
