import NIOHTTP1
import WeirCore

/// Cross-origin requests from browsers, for the origins the configuration names.
enum CORSRules {
    /// The answer to a preflight request; `nil` when this is none, or no origin is configured.
    static func preflight(_ head: HTTPRequestHead, _ cors: CORS) -> OwnReply? {
        guard !cors.origins.isEmpty, head.method == .OPTIONS,
            let origin = head.headers.first(name: "origin"),
            let method = head.headers.first(name: "access-control-request-method")
        else { return nil }
        guard allows(origin, cors) else {
            return OwnReply(
                status: 403,
                body: ErrorBody.json(
                    WeirError(.notAllowed, "Origin \(origin) is not in cors.origins."), dialect: .chat, requestID: nil))
        }
        var reply = OwnReply(status: 204)
        reply.fields = [
            (name: "access-control-allow-methods", value: method),
            (name: "access-control-allow-headers", value: head.headers["access-control-request-headers"].joined(separator: ", ")),
            (name: "access-control-max-age", value: "600"),
        ]
        return reply
    }

    /// Lets the browser's script read a reply.
    static func add(to head: inout OutgoingHead, origin: String, _ cors: CORS) {
        guard allows(origin, cors) else { return }
        head.fields.append((name: "access-control-allow-origin", value: cors.origins.contains("*") ? "*" : origin))
        head.fields.append((name: "access-control-expose-headers", value: "*"))
        head.fields.append((name: "vary", value: "origin"))
    }

    private static func allows(_ origin: String, _ cors: CORS) -> Bool {
        cors.origins.contains("*") || cors.origins.contains(origin)
    }
}
