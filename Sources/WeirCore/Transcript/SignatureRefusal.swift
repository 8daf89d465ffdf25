/// What a provider says of signed blocks when it does not take them.
package enum SignatureRefusal: Sendable, Equatable {
    /// A signature is not valid here, or a block was changed.
    case signature
    /// A turn has to begin with a thinking block and does not.
    case missingThinking

    /// Bytes of an error body that are looked at.
    private static let longest = 16 * 1024

    /// `nil` where an error body, of status 400 or 422, is about something else.
    ///
    /// Anthropic: "Invalid `signature` in `thinking` block", "Invalid `data` in `redacted_thinking` block",
    /// "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified",
    /// "thinking.signature: Field required", "Expected `thinking` or `redacted_thinking`, but found …".
    /// OpenAI: code `invalid_encrypted_content`, "The encrypted content … could not be verified".
    package static func read(_ body: UnsafeRawBufferPointer) -> SignatureRefusal? {
        let text = UnsafeRawBufferPointer(rebasing: body.prefix(longest))
        if text.contains("encrypted_content") || text.contains("encrypted content") { return .signature }
        guard text.contains("thinking") else { return nil }
        if text.contains("Expected"), text.contains("but found") { return .missingThinking }
        return text.contains("signature") || text.contains("redacted_thinking") ? .signature : nil
    }

    package static func isNamed(in body: UnsafeRawBufferPointer) -> Bool { read(body) != nil }
}

extension UnsafeRawBufferPointer {
    fileprivate func contains(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard length > 0, count >= length else { return false }
        return (0...count - length).contains { start in
            (0..<length).allSatisfy { self[start + $0] == word.utf8Start[$0] }
        }
    }
}
