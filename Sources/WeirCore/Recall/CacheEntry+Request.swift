extension CacheEntry {
    /// What the ledger names as the provider of an answer from memory.
    package static let providerName = "cache"

    /// The value of the tag "user" in `x-weir-tags`: whom the answer was for, so that it can be purged.
    package static func user(in tags: String?) -> String? {
        for tag in (tags ?? "").split(separator: ",") {
            let tag = tag.drop { $0 == " " }
            guard tag.hasPrefix("user=") else { continue }
            let name = tag.dropFirst(5).prefix { $0 != " " }
            if !name.isEmpty { return String(name) }
        }
        return nil
    }
}

extension RequestFacts {
    /// True where `temperature` is 0, so that the same request is meant to have the same answer.
    package func samplesNothing(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let temperatureRange, temperatureRange.count <= 32 else { return false }
        let text = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[temperatureRange]), as: UTF8.self)
        return JSONDecimal(text)?.scaled(byPowerOfTen: 9) == 0
    }
}
