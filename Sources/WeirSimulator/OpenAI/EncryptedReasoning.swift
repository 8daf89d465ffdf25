/// The check of encrypted reasoning that comes back in `input`.
extension OpenAIRequest {
    /// Every reasoning item with encrypted content must be this provider's own, unchanged.
    func checkReasoning(_ signer: Mint) throws(OpenAIRefusal) {
        guard surface == .responses else { return }
        for (index, item) in (body["input"]?.items ?? []).enumerated()
        where item["type"]?.string == "reasoning" {
            guard let content = item["encrypted_content"]?.string else { continue }
            guard signer.knows(content, .reasoning, []) else {
                let name = item["id"]?.string.map { "item \($0)" } ?? "input[\(index)]"
                throw OpenAIRefusal(
                    "The encrypted content for \(name) could not be verified. Reason: Encrypted content "
                        + "could not be decrypted or parsed.", code: "invalid_encrypted_content")
            }
        }
    }
}
