import NIOHTTP1

/// One complete request and what the simulator has made of it so far.
struct Inbound: Sendable {
    let number: Int
    let method: HTTPMethod
    /// Path without the query.
    let path: String
    /// The query without its question mark; empty when there is none.
    let query: String
    let headers: HTTPHeaders
    let body: [UInt8]
    let conduct: Conduct
    /// Wall clock at completion, seconds since 1970.
    let now: Double

    /// The key, from `x-api-key` or a bearer token; `nil` when neither is there.
    var key: String? {
        if let key = headers.first(name: "x-api-key"), !key.isEmpty { return key }
        guard let value = headers.first(name: "authorization") else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }

    /// True when the caller speaks Anthropic's dialect; both dialects have `/v1/models`.
    var isAnthropic: Bool { headers.contains(name: "anthropic-version") }

    /// A parameter of the query, percent-decoding left out: none that is read here needs it.
    func parameter(_ name: String) -> String? {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[0] == name { return String(parts[1]) }
        }
        return nil
    }

    /// A number that differs for every request of one run and repeats in the next run with the same seed.
    func serial(_ options: SimulatorOptions) -> UInt64 {
        var random = SplitMix(seed: options.seed &* 0x9E37_79B9 &+ UInt64(number))
        return random.next()
    }
}
