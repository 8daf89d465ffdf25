/// What a reply consists of, before faults and pacing touch it.
struct Reply: Sendable {
    var status: Int
    /// Without content-length and transfer-encoding, which the connection adds.
    var headers: [(String, String)]
    var body: Body
    /// The model that was asked for, where an endpoint has read it.
    var model: String?
    /// Runs when the head leaves: a provider's prompt cache is readable from then on.
    var began: (@Sendable () -> Void)?

    enum Body: Sendable {
        case plain([UInt8])
        case stream(Script)
    }

    init(status: Int = 200, headers: [(String, String)] = [], json: Out) {
        self.init(status: status, headers: headers, bytes: json.bytes)
    }

    init(status: Int, headers: [(String, String)], bytes: [UInt8], type: String = "application/json") {
        self.status = status
        self.headers = [("content-type", type)] + headers
        self.body = .plain(bytes)
    }

    init(script: Script, headers: [(String, String)] = []) {
        status = 200
        self.headers =
            [("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache")] + headers
        body = .stream(script)
    }
}

/// The events of a stream, made one at a time, so that a long answer does not sit in memory.
struct Script: Sendable {
    /// One event as it leaves: `event:` and `data:` lines and the blank line.
    struct Frame: Sendable {
        var bytes: [UInt8]
        /// Output tokens it carries, for pacing.
        var tokens = 0
        /// True for the event that ends the stream in its dialect.
        var isTerminal = false
    }

    /// A run of frames.
    enum Step: Sendable {
        case frame(Frame)
        /// One frame per token of `text`, the piece escaped and put between `before` and `after`.
        case pieces(before: [UInt8], text: [UInt8], after: [UInt8])
    }

    private let steps: [Step]
    /// The error event of the dialect, for the fault that needs one.
    let error: [UInt8]
    /// Adds `"sequence_number":n` to every event when not nil; the number of the next one.
    private var sequence: Int?
    private var step = 0
    private var offset = 0

    init(_ steps: [Step], error: [UInt8], numbered: Bool = false) {
        self.steps = steps
        self.error = error
        sequence = numbered ? 0 : nil
    }

    /// The next event; `nil` at the end.
    mutating func next() -> Frame? {
        while step < steps.count {
            switch steps[step] {
            case .frame(var frame):
                step += 1
                frame.bytes = numbered(frame.bytes)
                return frame
            case .pieces(let before, let text, let after):
                guard offset < text.count else {
                    step += 1
                    offset = 0
                    continue
                }
                let piece = Text.nextPiece(of: text[offset...])
                offset += piece.count
                var bytes: [UInt8] = []
                bytes.reserveCapacity(before.count + after.count + 16)
                bytes.append(contentsOf: before)
                JSONText.appendEscaped(piece, to: &bytes)
                bytes.append(contentsOf: after)
                return Frame(bytes: numbered(bytes), tokens: 1)
            }
        }
        return nil
    }

    /// Puts the running number where `"sequence_number":` stands last before the closing brace.
    private mutating func numbered(_ bytes: [UInt8]) -> [UInt8] {
        guard let number = sequence, bytes.suffix(3) == [UInt8(ascii: "}"), 0x0A, 0x0A] else { return bytes }
        sequence = number + 1
        var out = Array(bytes.dropLast(3))
        out.append(contentsOf: ",\"sequence_number\":\(number)}\n\n".utf8)
        return out
    }
}

extension Script {
    /// A server-sent event with a name and one line of JSON.
    static func event(_ name: String, _ data: Out) -> Frame {
        var bytes = Array("event: \(name)\ndata: ".utf8)
        data.write(to: &bytes)
        bytes.append(contentsOf: [0x0A, 0x0A])
        return Frame(bytes: bytes)
    }

    /// A server-sent event without a name, as Chat Completions writes them.
    static func data(_ data: Out) -> Frame {
        var bytes = Array("data: ".utf8)
        data.write(to: &bytes)
        bytes.append(contentsOf: [0x0A, 0x0A])
        return Frame(bytes: bytes)
    }

    /// Splits the frame of an event at a marker string, for `Step.pieces`.
    ///
    /// `make` gets the marker to put where the text goes; the marker holds nothing that JSON escapes.
    static func pieces(of text: [UInt8], _ make: (Out) -> Frame) -> Step {
        let marker = "%piece%"
        let whole = String(decoding: make(.string(marker)).bytes, as: UTF8.self)
        let parts = whole.split(separator: marker, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return .frame(make(.text(text))) }
        return .pieces(before: Array(parts[0].utf8), text: text, after: Array(parts[1].utf8))
    }
}
