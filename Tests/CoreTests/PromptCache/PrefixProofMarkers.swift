@testable import WeirCore

/// The markers of a request in the order in which the provider reads them, from the tree of its JSON.
struct SentMarkers {
    /// Seconds.
    private(set) var lifetimes: [Int] = []
    /// OpenAI's markers.
    private(set) var breakpoints = 0

    init(_ body: [UInt8]) throws {
        let root = try JSONValue(body)
        for tool in root["tools"]?.array ?? [] { add(tool) }
        for block in root["system"]?.array ?? [] { add(block) }
        for message in (root["messages"] ?? root["input"])?.array ?? [] {
            for block in message["content"]?.array ?? [] {
                for inner in block["content"]?.array ?? [] { add(inner) }
                add(block)
            }
        }
        add(root)
    }

    private mutating func add(_ value: JSONValue) {
        guard let marker = value["cache_control"], !marker.isNull else {
            if value["prompt_cache_breakpoint"]?["mode"]?.string == "explicit" { breakpoints += 1 }
            return
        }
        lifetimes.append(marker["ttl"]?.string == "1h" ? 3600 : 300)
    }
}
