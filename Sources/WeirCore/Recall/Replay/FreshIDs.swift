/// What makes a replayed reply a new one: an identifier of its own and the time of the hit.
package struct FreshIDs: Sendable, Equatable {
    private let words: [UInt64]
    /// Seconds since 1970.
    let seconds: Int64

    /// Three random words, of which no two hits have the same; `now` in microseconds since 1970.
    package init(_ first: UInt64, _ second: UInt64, _ third: UInt64, now: Int64) {
        words = [first, second, third]
        seconds = now / 1_000_000
    }

    /// The identifier of a reply as the endpoint's provider writes it; nil where replies have none.
    package func id(for endpoint: Endpoint) -> String? {
        switch endpoint {
        case .messages: "msg_01" + letters(Self.letters58, 22)
        case .chatCompletions: "chatcmpl-" + letters(Self.letters62, 29)
        case .responses: "resp_" + letters(Self.letters16, 48)
        case .embeddings, .countTokens, .models, .anthropicOther, .openAIOther, .raw: nil
        }
    }

    private static let letters16 = Array("0123456789abcdef".utf8)
    private static let letters58 = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    private static let letters62 = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// `count` letters, a third of them from each word.
    private func letters(_ alphabet: [UInt8], _ count: Int) -> String {
        let share = (count + 2) / 3
        return String(unsafeUninitializedCapacity: count) { out in
            for (place, word) in words.enumerated() {
                var rest = word
                for index in place * share..<max(place * share, min((place + 1) * share, count)) {
                    // The word as a fraction of 2^64, in the alphabet's digits.
                    let (digit, fraction) = rest.multipliedFullWidth(by: UInt64(alphabet.count))
                    out[index] = alphabet[Int(digit)]
                    rest = fraction
                }
            }
            return count
        }
    }
}
