import Testing

@testable import WeirCore

/// Random transcripts: the splices do what a rule on the parsed value does, and touch nothing else.
@Suite struct ParkingFuzzTests {
    private typealias T = Transcript

    @Test(arguments: 1...40) func theRestIsAsItWas(seed: Int) throws {
        var random = RandomJSON(seed: UInt64(seed))
        var parked = 0
        for _ in 0..<40 {
            let body = random.transcript()
            let (sent, parking) = try T.sent(body, to: T.b)
            let before = try JSONValue(body)
            #expect(try JSONValue(sent) == Self.parked(before), "\(body)")
            try Self.checkPieces(body, parking)
            parked += parking.blocks.count
        }
        #expect(parked > 20)
    }

    /// Each splice takes whole blocks, commas and white space, or puts in the one text that stands for an
    /// empty message.
    private static func checkPieces(_ body: String, _ parking: Parking) throws {
        let bytes = Array(body.utf8)
        let ranges = try bytes.withUnsafeBytes { raw in
            SignedBlocks.read(try RequestFacts.read(raw), raw, dialect: .anthropic)?.ranges ?? []
        }
        let blocks = parking.blocks.map { ranges[$0] }
        for splice in parking.splices where splice.rule == .parkedSignature {
            #expect(blocks.contains { splice.range.contains($0.lowerBound) })
            for block in blocks where splice.range.overlaps(block) {
                #expect(splice.range.lowerBound <= block.lowerBound)
                #expect(block.upperBound <= splice.range.upperBound)
            }
        }
    }

    /// The rule, on a value: written for itself, as the specification of the splices.
    private static func parked(_ body: JSONValue) -> JSONValue {
        guard let messages = body["messages"]?.array else { return body }
        var kept = messages.compactMap { message -> JSONValue? in
            guard message["role"] == .string("assistant"), let content = message["content"]?.array,
                content.contains(where: { isForeign($0) })
            else { return message }
            let rest = content.filter { !isSigned($0) }
            return rest.isEmpty ? nil : message.replacing("content", with: .array(rest))
        }
        if kept.isEmpty, !messages.isEmpty {
            let text = try? JSONValue(#"[{"type":"text","text":"(no text)"}]"#)
            kept = messages.map { $0.replacing("content", with: text ?? .null) }
        }
        return body.replacing("messages", with: .array(kept))
    }

    private static func isSigned(_ block: JSONValue) -> Bool {
        block["type"] == .string("thinking") || block["type"] == .string("redacted_thinking")
    }

    private static func isForeign(_ block: JSONValue) -> Bool {
        guard isSigned(block) else { return false }
        let word = block["type"] == .string("thinking") ? block["signature"] : block["data"]
        return word?.string?.hasPrefix("a") == true && word?.string?.count == 2
    }
}

extension JSONValue {
    fileprivate func replacing(_ name: String, with value: JSONValue) -> JSONValue {
        .object((members ?? []).map { $0.name == name ? Member(name: name, value: value) : $0 })
    }
}

extension RandomJSON {
    private mutating func blank() -> String { ["", "", " ", "\n\t", "        "][next(below: 5)] }

    private mutating func list(_ items: [String]) -> String {
        var list = "[" + blank()
        for (index, item) in items.enumerated() {
            if index > 0 { list += blank() + "," + blank() }
            list += item
        }
        return list + blank() + "]"
    }

    private mutating func block() -> String {
        let signature = ["a1", "a2", "b1", "b2", "c1", "", #"\u00613"#][next(below: 7)]
        switch next(below: 6) {
        case 0, 1:
            return
                #"{"type":\#(blank())"thinking","thinking":\#(jsonString(text())),"signature" : "\#(signature)"}"#
        case 2: return #"{\#(blank())"data":"\#(signature)","type":"redacted_thinking"}"#
        case 3: return #"{"type":"tool_use","id":"t","input":{"x":[\#(blank()){"type":"thinking"}]}}"#
        default: return #"{"type":"text","text":\#(jsonString(text()))}"#
        }
    }

    private func jsonString(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.appendJSONString(text)
        return String(decoding: bytes, as: UTF8.self)
    }

    fileprivate mutating func transcript() -> String {
        let messages = (0..<next(below: 6)).map { _ in
            let role = ["user", "assistant", "assistant"][next(below: 3)]
            let blocks = (0..<next(below: 5)).map { _ in block() }
            let content = next(below: 8) == 0 ? #""thinking""# : list(blocks)
            return next(below: 2) == 0
                ? #"{"role":"\#(role)",\#(blank())"content":\#(content)}"#
                : #"{"content":\#(content)\#(blank()),"role":"\#(role)"}"#
        }
        return #"{\#(blank())"model":"m","messages":\#(list(messages)),"max_tokens":9}"#
    }
}
