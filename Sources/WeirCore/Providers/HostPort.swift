/// A host and a port, as in `listen` and in provider URLs.
package struct HostPort: Sendable, Equatable {
    /// Name or address; an IPv6 address without its brackets.
    package let host: String
    /// 0 to 65535; 0 lets the system choose (listeners only).
    package let port: Int

    /// Reads "host:port" with both parts present: "127.0.0.1:8787", "[::1]:8787", "localhost:0".
    package init(listener text: String) throws(BaseURLProblem) {
        let place = try Self.split(Substring(text), standardPort: nil)
        self = place
    }

    private init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Splits "host", "host:port" or "[ipv6]:port"; without a standard port the port must be written.
    static func split(_ text: Substring, standardPort: Int?) throws(BaseURLProblem) -> HostPort {
        let host: Substring
        var tail: Substring
        if text.first == "[" {
            host = text.dropFirst().prefix { $0 != "]" }
            tail = text.dropFirst(host.count + 1)
            guard tail.first == "]", host.contains(":"),
                host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." })
            else { throw .init("has no IPv6 address in its brackets", #"write it as "[::1]:8787""#) }
            tail.removeFirst()
        } else {
            host = text.prefix { $0 != ":" }
            tail = text.dropFirst(host.count)
            guard tail.dropFirst().allSatisfy({ $0 != ":" }) else {
                throw .init("has an IPv6 address without brackets", #"write it as "[::1]:8787""#)
            }
            guard !host.isEmpty,
                host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) })
            else { throw .init("has no host name that can be used", #"write it as "127.0.0.1:8787""#) }
        }
        if tail.isEmpty {
            guard let standardPort else { throw .init("has no port", #"write it as "127.0.0.1:8787""#) }
            return HostPort(host: String(host), port: standardPort)
        }
        let digits = tail.dropFirst()
        guard tail.first == ":", !digits.isEmpty, digits.allSatisfy(\.isASCII), digits.first != "+",
            let port = Int(digits), port <= 65_535, port >= (standardPort == nil ? 0 : 1)
        else {
            throw .init("has a port that is no number from 1 to 65535", #"write it as "127.0.0.1:8787""#)
        }
        return HostPort(host: String(host), port: port)
    }
}
