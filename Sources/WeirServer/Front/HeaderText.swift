import NIOHTTP1
import WeirCore

/// What may stand in a header line of HTTP/1.
enum HeaderText {
    /// True without control characters, which could end the line and begin another.
    static func isSafe(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 32 && $0 != 127 || $0 == 9 }
    }

    /// HTTP/2 can carry bytes in names, values and paths that HTTP/1 cannot; they must not reach a provider.
    static func problem(in head: HTTPRequestHead) -> WeirError? {
        guard isSafe(head.uri), !head.uri.utf8.contains(32),
            head.method.rawValue.utf8.allSatisfy(\.isFieldNameByte)
        else {
            return WeirError(
                .malformedRequest, "The path has a space or a control character. Percent-encode it.")
        }
        for (name, value) in head.headers {
            guard name.utf8.allSatisfy(\.isFieldNameByte), isSafe(value) else {
                return WeirError(
                    .malformedRequest, "A header field has a control character in its name or value.")
            }
        }
        return nil
    }
}
