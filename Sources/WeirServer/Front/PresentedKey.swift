import NIOHTTP1
import WeirCore

/// The credential a request shows.
enum PresentedKey {
    /// The key of Weir's in `x-weir-key`, `x-api-key` or `authorization`; `nil` when none of them is one.
    ///
    /// Clients send either header, and some both; the one that is Weir's counts.
    static func find(in headers: HTTPHeaders, keys: KeyRing) -> CallerKey? {
        for (name, value) in headers {
            switch name.utf8.count {
            case 9 where name.equalsIgnoringCase("x-api-key"), 10 where name.equalsIgnoringCase("x-weir-key"),
                13 where name.equalsIgnoringCase("authorization"):
                let credential = value.hasPrefixIgnoringCase("bearer ") ? String(value.dropFirst(7)) : value
                if let key = keys.caller(presenting: credential) { return key }
            default: break
            }
        }
        return nil
    }

    /// The caller's own credential, for routes that let it through.
    static func own(in headers: HTTPHeaders) -> String? {
        headers.first(name: "x-api-key") ?? headers.first(name: "authorization")
    }

    /// The refusal of a request without a good key.
    static func refusal(_ headers: HTTPHeaders) -> WeirError {
        let isMissing = own(in: headers) == nil && !headers.contains(name: "x-weir-key")
        let what = isMissing ? "The request carries no key" : "The key in the request is not one of Weir's, or was revoked"
        return WeirError(
            .unknownCaller,
            "\(what). Send a Weir caller key as x-api-key or Authorization: Bearer; \"weir keys create\" makes one.")
    }
}
