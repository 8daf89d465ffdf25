/// Mints what a provider signs, and knows its own again: thinking signatures and encrypted reasoning.
///
/// Two signers with different names reject each other's blocks, as two providers do. The digest is not
/// cryptographic; nobody gains from forging a simulator's signature.
struct Mint: Sendable {
    /// What is signed; the raw value is how it begins, as on the real APIs.
    enum Kind: String, Sendable {
        /// `signature` of a `thinking` block.
        case thinking = "ErUB"
        /// `data` of a `redacted_thinking` block.
        case redacted = "EvAF"
        /// `encrypted_content` of a reasoning item.
        case reasoning = "gAAAAAB"

        /// Characters between the beginning and the closing `==`.
        fileprivate var length: Int { self == .thinking ? 180 : 120 }
    }

    private let secret: Digest

    /// Characters of the part that differs between two signatures of the same text.
    private static let nonceLength = 20

    init(name: String) {
        var digest = Digest(seed: 0x5169_6E65)
        digest.add(name)
        secret = digest
    }

    /// A signature of a text; the same seed and text give the same one.
    func sign(_ kind: Kind, _ text: [UInt8], seed: UInt64) -> String {
        let nonce = Text.identifier("", seed: seed, count: Self.nonceLength)
        return kind.rawValue + nonce + proof(kind, text, nonce) + "=="
    }

    /// True for what this signer signed, with the text unchanged.
    func knows(_ signature: String, _ kind: Kind, _ text: [UInt8]) -> Bool {
        let bytes = Array(signature.utf8)
        let start = kind.rawValue.utf8.count
        guard bytes.count == start + kind.length + 2 else { return false }
        let nonce = String(decoding: bytes[start..<(start + Self.nonceLength)], as: UTF8.self)
        return signature == kind.rawValue + nonce + proof(kind, text, nonce) + "=="
    }

    private func proof(_ kind: Kind, _ text: [UInt8], _ nonce: String) -> String {
        var digest = secret
        digest.add(kind.rawValue)
        digest.add(nonce)
        digest.add(text)
        return Text.identifier("", seed: digest.seed, count: kind.length - Self.nonceLength)
    }
}
