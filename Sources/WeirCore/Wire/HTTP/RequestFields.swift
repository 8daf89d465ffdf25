/// What Weir does with a field of a caller's request.
package enum RequestField: Sendable, Equatable {
    /// Arrives at the provider as it came.
    case passing
    /// Belongs to the caller's connection, or is written anew for the provider's.
    case dropped
    /// `connection`: its tokens name further fields to drop.
    case connection
    /// `x-api-key`, `authorization`: the caller's credential, shown to Weir and not to the provider.
    case credential
    /// `accept-encoding`: replaced by `identity` where the reply is metered.
    case acceptEncoding
    /// `x-weir-…`: addressed to Weir.
    case ours
}

extension RequestField {
    /// Looks at the length first, so that most fields cost one comparison of numbers.
    package static func kind(of name: String) -> RequestField {
        let bytes = name.utf8
        switch bytes.count {
        case 2: return name.equalsIgnoringCase("te") ? .dropped : .passing
        case 4: return name.equalsIgnoringCase("host") ? .dropped : .passing
        case 6: return name.equalsIgnoringCase("expect") ? .dropped : .passing
        case 7:
            return name.equalsIgnoringCase("trailer") || name.equalsIgnoringCase("upgrade") ? .dropped : .passing
        case 9: return name.equalsIgnoringCase("x-api-key") ? .credential : ours(name)
        case 10:
            if name.equalsIgnoringCase("connection") { return .connection }
            return name.equalsIgnoringCase("keep-alive") ? .dropped : ours(name)
        case 13: return name.equalsIgnoringCase("authorization") ? .credential : ours(name)
        case 14:
            return name.equalsIgnoringCase("content-length") || name.equalsIgnoringCase("http2-settings")
                ? .dropped : ours(name)
        case 15: return name.equalsIgnoringCase("accept-encoding") ? .acceptEncoding : ours(name)
        case 16: return name.equalsIgnoringCase("proxy-connection") ? .dropped : ours(name)
        case 17: return name.equalsIgnoringCase("transfer-encoding") ? .dropped : ours(name)
        case 19: return name.equalsIgnoringCase("proxy-authorization") ? .dropped : ours(name)
        default: return ours(name)
        }
    }

    private static func ours(_ name: String) -> RequestField {
        name.hasPrefixIgnoringCase("x-weir-") ? .ours : .passing
    }
}
