/// One unit of a prompt, in the order in which a provider's cache reads it: tools, then system, then
/// messages.
package struct PromptBlock: Sendable, Equatable {
    package enum Level: UInt8, Sendable, Comparable {
        case tools, system, messages

        package static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
    }

    package enum Kind: UInt8, Sendable {
        case tool, text, image, document
        case toolUse, toolResult
        /// `thinking` and `redacted_thinking`.
        case thinking
        /// A type this version does not know.
        case other
    }

    /// Who speaks, for message blocks; `.none` for tools and system.
    package enum Role: UInt8, Sendable { case none, user, assistant, system, other }

    package var level: Level
    package var kind: Kind
    package var role = Role.none
    /// Position in `tools`, `system` or `messages`.
    package var item = 0
    /// Position in the content list of the message; 0 where there is one block only.
    package var part = 0
    /// True where the content is a JSON string, which counts as a one-block list with that text.
    package var isBareString = false
    /// The block in the request's body: an object with its braces, or a string with its quotes.
    package var range: Range<Int>
    /// Of the content without `cache_control`, with level and role; the same for a string and a one-block
    /// list.
    package var hash: UInt64
    /// Lifetime that a `cache_control` of the caller's, on this very block, asks for.
    package var marker: CacheTTL?
    /// True for a message without content, or an item that is no message: the block is the item itself.
    package var isWholeItem = false
    /// True where a `cache_control` may be added: no thinking, no empty text, no deferred tool, no unknown
    /// type, and none there already.
    package var isMarkable = false

    package init(level: Level, kind: Kind, range: Range<Int>, hash: UInt64) {
        self.level = level
        self.kind = kind
        self.range = range
        self.hash = hash
    }

    /// As error messages and reports name it: `tools[3]`, `system[1]`, `messages[17].content[0]`; in a
    /// Responses request `instructions` and `input[17].content[0]`.
    package func path(in dialect: Dialect) -> String {
        let isResponses = dialect == .responses
        switch level {
        case .tools: return "tools[\(item)]"
        case .system:
            let name = isResponses ? "instructions" : "system"
            return isBareString ? name : "\(name)[\(item)]"
        case .messages:
            let name = "\(isResponses ? "input" : "messages")[\(item)]"
            return isBareString || isWholeItem ? name : "\(name).content[\(part)]"
        }
    }
}

/// How long a provider keeps what a marker names; what it is in seconds stands in `CacheRules`.
package enum CacheTTL: UInt8, Sendable, Equatable, CaseIterable {
    /// Five minutes (Anthropic), thirty (OpenAI).
    case short
    /// An hour (Anthropic), twelve (OpenAI).
    case long
}

/// A marker that the caller placed.
package struct CallerMarker: Sendable, Equatable {
    /// Index in `PromptLayout.blocks` of the block it stands on, or in.
    package var block: Int
    package var ttl: CacheTTL
    /// True where it stands in a list inside the block (`tool_result`), in front of the block's end.
    package var isNested: Bool

    package init(block: Int, ttl: CacheTTL, isNested: Bool) {
        self.block = block
        self.ttl = ttl
        self.isNested = isNested
    }
}

/// A request's prompt as its provider's cache sees it.
package struct PromptLayout: Sendable {
    package var dialect: Dialect
    package var blocks: [PromptBlock] = []
    /// `cache_control` members of the caller's, nested ones and the top-level one included.
    package var callerMarkers = 0
    /// Where they stand, in the order in which the provider reads them, the first eight.
    ///
    /// The top-level one stands on the last block that takes a marker.
    package var markers: [CallerMarker] = []
    /// True where the request has a top-level `cache_control` (automatic caching).
    package var hasAutomaticMarker = false
    /// The shortest lifetime any marker of the caller's asks for, in request order the last; `nil` without.
    package var lastMarkerTTL: CacheTTL?
    /// True where the request has a `prompt_cache_key`, null included.
    package var hasCallerKey = false
    /// True where it has `prompt_cache_options` or `prompt_cache_retention`, null included.
    package var hasCallerOptions = false
    /// Messages in the request.
    package var messageCount = 0
    /// Index in `blocks` of the first block of the last message of role assistant; `nil` without one.
    package var lastAssistantStart: Int?
    /// True where the first system block is Claude Code's attribution line, which must stay first and
    /// unmarked.
    package var hasAttribution = false
    /// Of the members that are part of the cache key from the system level on (`speed`, …); 0 without any.
    package var systemParameters: UInt64 = 0
    /// Of those that are part of it from the messages level on (`tool_choice`, `thinking`, effort, …).
    package var messageParameters: UInt64 = 0

    package init(dialect: Dialect) { self.dialect = dialect }
}
