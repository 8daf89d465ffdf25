import WeirCore

/// A prompt written as the JSON of a request, with the layout that belongs to it.
struct BookPrompt {
    struct Message: Equatable {
        var role = PromptBlock.Role.user
        var texts: [String]
        var isBare = false
    }

    var tools: [(name: String, description: String)] = []
    var system: [String] = []
    var messages: [Message] = []
    var dialect = Dialect.anthropic
    var messageParameters: UInt64 = 0
    var systemParameters: UInt64 = 0
    var hasAttribution = false

    /// Turns of user and assistant by turns, one block each.
    init(tools: [(name: String, description: String)] = [], system: [String] = [], turns: [String] = []) {
        self.tools = tools
        self.system = system
        messages = turns.enumerated().map {
            Message(role: $0.offset % 2 == 0 ? .user : .assistant, texts: [$0.element])
        }
    }

    /// The body of the request, and the layout of its blocks in it.
    func written() -> (body: [UInt8], layout: PromptLayout) {
        var body: [UInt8] = Array(#"{"tools":["#.utf8)
        var layout = PromptLayout(dialect: dialect)
        func add(_ text: String, _ level: PromptBlock.Level, _ kind: PromptBlock.Kind, hash: String)
            -> PromptBlock
        {
            let start = body.count
            body += Array(text.utf8)
            let bytes = Array("\(level) \(hash)".utf8)
            return PromptBlock(
                level: level, kind: kind, range: start..<body.count,
                hash: bytes.withUnsafeBytes { FastHash.hash64($0) })
        }
        for (i, tool) in tools.enumerated() {
            let text =
                #"{"name":"\#(tool.name)","description":"\#(tool.description)","input_schema":{"type":"object"}}"#
            var block = add(text, .tools, .tool, hash: text)
            block.item = i
            layout.blocks.append(block)
            body.append(0x2C)
        }
        body += Array(#"],"system":["#.utf8)
        for (i, text) in system.enumerated() {
            var block = add(#"{"type":"text","text":"\#(text)"}"#, .system, .text, hash: text)
            block.item = i
            block.isMarkable = true
            layout.blocks.append(block)
            body.append(0x2C)
        }
        body += Array(#"],"messages":["#.utf8)
        for (i, message) in messages.enumerated() {
            if message.role == .assistant { layout.lastAssistantStart = layout.blocks.count }
            for (j, text) in message.texts.enumerated() {
                let json = message.isBare ? "\"\(text)\"" : #"{"type":"text","text":"\#(text)"}"#
                var block = add(json, .messages, .text, hash: "\(message.role) \(text)")
                (block.role, block.item, block.part) = (message.role, i, j)
                block.isBareString = message.isBare
                block.isMarkable = true
                layout.blocks.append(block)
                body.append(0x2C)
            }
        }
        body += Array("]}".utf8)
        layout.messageCount = messages.count
        layout.messageParameters = messageParameters
        layout.systemParameters = systemParameters
        layout.hasAttribution = hasAttribution
        return (body, layout)
    }
}

/// A book with a clock that is moved by hand, and what one caller sends.
struct BookBench {
    var book: PrefixBook
    /// Seconds.
    var clock: Int64 = 1_700_000_000
    var source = ConversationSource(
        scope: 7, session: nil, agent: nil, model: "claude-opus-5-5", provider: "anthropic", account: 1)
    var rules = CacheRules()

    init(limit: Int = 1000) { book = PrefixBook(limit: limit) }

    var now: Int64 { clock * 1_000_000 }

    mutating func arrive(_ prompt: BookPrompt, session: String? = nil, after seconds: Int64 = 10) -> Turn {
        clock += seconds
        if let session { source.session = session }
        let (body, layout) = prompt.written()
        return body.withUnsafeBytes { book.arrive(layout, $0, from: source, rules: rules, now: now) }
    }

    /// Sends a prompt with markers behind those blocks and lets the provider read and write so many tokens.
    mutating func exchange(
        _ prompt: BookPrompt, markers: [Int], read: Int, write: Int, input: Int = 10,
        after seconds: Int64 = 10, prices: CachePrices? = nil
    ) -> (turn: Turn, verdict: CacheVerdict) {
        let turn = arrive(prompt, after: seconds)
        let (_, layout) = prompt.written()
        let sent = SentPrompt(turn, layout: layout, markers: markers, ttl: .short, source: source)
        var usage = Usage()
        (usage.input, usage.cacheRead, usage.cacheWriteShort) = (input, read, write)
        let verdict = CacheVerdict(turn, sent, usage: usage, rules: rules, prices: prices)
        book.answered(sent, usage: usage, rules: rules)
        return (turn, verdict)
    }
}
