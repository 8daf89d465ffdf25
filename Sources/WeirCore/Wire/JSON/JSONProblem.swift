/// Where and why a text is not JSON.
package struct JSONProblem: Error, Sendable, Equatable {
    /// Byte offset of what was found, from 0; the length of the text when it ended too early.
    package let offset: Int
    /// What the grammar allows there, ready for a sentence: "',' or '}'".
    package let expected: String
    /// What is there: "'x'", "byte 0x07" or "the end of the text".
    package let found: String

    package init(offset: Int, expected: String, found: String) {
        self.offset = offset
        self.expected = expected
        self.found = found
    }
}

extension JSONProblem: CustomStringConvertible {
    /// One clause for the caller: "expected ',' or '}' at byte 812, found 'x'".
    package var description: String { "expected \(expected) at byte \(offset), found \(found)" }
}

/// A `JSONProblem` before its words are made: two machine words, so that hot functions can throw it.
struct JSONFault: Error, Equatable {
    let offset: Int
    let expected: Expected

    init(_ expected: Expected, at offset: Int) {
        self.offset = offset
        self.expected = expected
    }

    /// What the grammar allows at a place.
    enum Expected: UInt8 {
        case value, valueOrBracket, object, name, nameOrBrace, colon, commaOrBrace, commaOrBracket, endOfText
        case closingQuote, noControl, escape, hexDigit, digit, noLeadingZero, isTrue, isFalse, isNull
        case lessNesting
    }

    /// The sentence parts of this fault in its text.
    func problem(in bytes: UnsafeRawBufferPointer) -> JSONProblem {
        JSONProblem(offset: offset, expected: expected.words, found: Self.describe(bytes, offset))
    }

    private static func describe(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> String {
        guard offset < bytes.count else { return "the end of the text" }
        let byte = bytes[offset]
        if byte > 0x20, byte < 0x7F { return "'\(Character(Unicode.Scalar(byte)))'" }
        if byte == 0x20 { return "a space" }
        let digits = String(byte, radix: 16, uppercase: true)
        return "byte 0x" + (digits.count == 1 ? "0" : "") + digits
    }
}

extension JSONFault.Expected {
    /// As in `JSONProblem.expected`.
    var words: String {
        switch self {
        case .value: "a value"
        case .valueOrBracket: "a value or ']'"
        case .object: "'{'"
        case .name: "a member name in double quotes"
        case .nameOrBrace: "a member name in double quotes or '}'"
        case .colon: "':'"
        case .commaOrBrace: "',' or '}'"
        case .commaOrBracket: "',' or ']'"
        case .endOfText: "the end of the text"
        case .closingQuote: "a closing '\"'"
        case .noControl: "an escape such as \\n in place of a control character"
        case .escape: "one of \" \\ / b f n r t u after '\\'"
        case .hexDigit: "a hexadecimal digit"
        case .digit: "a digit"
        case .noLeadingZero: "no digit after a leading 0"
        case .isTrue: "true"
        case .isFalse: "false"
        case .isNull: "null"
        case .lessNesting: "at most \(JSONBytes.maxDepth) levels of nesting"
        }
    }
}
