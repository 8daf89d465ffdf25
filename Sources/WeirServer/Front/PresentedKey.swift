import WeirCore

/// The credential a request shows.
enum PresentedKey {
    /// The key of Weir's in `x-weir-key`, `x-api-key` or `authorization`; `nil` when none of them is one.
    ///
    /// Clients send either header, and some both; the one that is Weir's counts.
    static func find(in facts: RequestHeadFacts, keys: KeyRing) -> CallerKey? {
        for value in [facts.apiKey, facts.authorization, facts.weirKey] {
            guard let value else { continue }
            if let key = keys.caller(presenting: withoutScheme(value)) { return key }
        }
        return nil
    }

    /// The credential of an `authorization` value; other values as they are.
    static func withoutScheme(_ value: String) -> String {
        value.hasPrefixIgnoringCase("bearer ") ? String(value.dropFirst(7)) : value
    }

    /// The caller's own credential, for routes that let it through.
    static func own(in facts: RequestHeadFacts) -> String? { facts.apiKey ?? facts.authorization }

    /// The refusal of a request without a good key.
    static func refusal(_ facts: RequestHeadFacts) -> WeirError {
        let isMissing = own(in: facts) == nil && facts.weirKey == nil
        let what = isMissing ? "The request carries no key" : "The key in the request is not one of Weir's, or was revoked"
        return WeirError(
            .unknownCaller,
            "\(what). Send a Weir caller key as x-api-key or Authorization: Bearer; \"weir keys create\" makes one.")
    }
}
