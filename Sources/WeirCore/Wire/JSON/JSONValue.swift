/// A JSON text as a value, for small texts off the hot path: usage objects, error bodies, the catalogue.
///
/// Members keep their order and their doubles; numbers keep their spelling.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// As written: "12", "1.50", "1e-3".
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// One name and value of an object.
    package struct Member: Sendable, Equatable {
        package let name: String
        package let value: JSONValue
    }

    /// Deepest nesting read unless said otherwise.
    package static let usualMaxDepth = 64

    /// Reads one whole text; white space and a byte order mark may surround the value.
    ///
    /// - Throws: where the grammar is broken, or nesting is deeper than `maxDepth` (at most 512).
    package init(
        _ bytes: UnsafeRawBufferPointer, maxDepth: Int = JSONValue.usualMaxDepth
    ) throws(JSONProblem) {
        do throws(JSONFault) {
            guard let text = JSONBytes(bytes) else { throw JSONFault(.value, at: 0) }
            let start = text.skipSpace(text.hasMark ? 3 : 0)
            let end = text.skipSpace(try text.skipValue(start))
            guard end == text.count else { throw JSONFault(.endOfText, at: end) }
            self = try text.value(start, maxDepth: min(maxDepth, JSONBytes.maxDepth)).value
        } catch {
            throw error.problem(in: bytes)
        }
    }

    /// Reads one whole text.
    package init(_ text: String, maxDepth: Int = JSONValue.usualMaxDepth) throws(JSONProblem) {
        try self.init(Array(text.utf8), maxDepth: maxDepth)
    }

    /// Reads one whole text.
    package init(_ bytes: [UInt8], maxDepth: Int = JSONValue.usualMaxDepth) throws(JSONProblem) {
        let result = bytes.withUnsafeBytes { (bytes) -> Result<JSONValue, JSONProblem> in
            do throws(JSONProblem) { return .success(try JSONValue(bytes, maxDepth: maxDepth)) } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }
}

extension JSONValue {
    /// The last member of that name, as parsers take it; `nil` when there is none or this is no object.
    package subscript(_ name: String) -> JSONValue? { members?.last { $0.name == name }?.value }

    package var isNull: Bool { self == .null }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    package var members: [Member]? { if case .object(let value) = self { value } else { nil } }
    /// The number when it is whole (12, 12.0, 1.2e1) and fits.
    package var int: Int? {
        guard case .number(let text) = self else { return nil }
        return text.utf8.wholeNumber() ?? JSONDecimal(text)?.int
    }
    /// The number times 10^`power`, rounded half away from zero; `nil` when it does not fit 64 bits.
    package func scaled(byPowerOfTen power: Int) -> Int64? {
        if case .number(let text) = self { JSONDecimal(text)?.scaled(byPowerOfTen: power) } else { nil }
    }
}

extension JSONBytes {
    /// True when the text begins with the UTF-8 byte order mark.
    var hasMark: Bool { byte(at: 0) == 0xEF && byte(at: 1) == 0xBB && byte(at: 2) == 0xBF }

    /// Reads the value at `start`; recursion is bounded by `maxDepth`.
    func value(_ start: Int, maxDepth: Int) throws(JSONFault) -> (value: JSONValue, end: Int) {
        switch byte(at: start) {
        case 0x22:
            let end = try skipString(start)
            return (.string(string(start..<end)), end)
        case 0x7B:
            guard maxDepth > 0 else { throw JSONFault(.lessNesting, at: start) }
            var list: [JSONValue.Member] = []
            let end = try members(start) { (name, valueStart) throws(JSONFault) in
                let (value, end) = try value(valueStart, maxDepth: maxDepth - 1)
                list.append(JSONValue.Member(name: string(name), value: value))
                return end
            }
            return (.object(list), end)
        case 0x5B:
            guard maxDepth > 0 else { throw JSONFault(.lessNesting, at: start) }
            var list: [JSONValue] = []
            let end = try elements(start) { (valueStart) throws(JSONFault) in
                let (value, end) = try value(valueStart, maxDepth: maxDepth - 1)
                list.append(value)
                return end
            }
            return (.array(list), end)
        case 0x2D, 0x30...0x39:
            let end = try skipNumber(start)
            return (.number(String(decoding: slice(start..<end), as: UTF8.self)), end)
        default:
            guard let end = try skipLiteral(start) else { throw JSONFault(.value, at: start) }
            return (byte(at: start) == 0x6E ? .null : .bool(byte(at: start) == 0x74), end)
        }
    }
}
