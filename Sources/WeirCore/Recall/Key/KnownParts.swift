internal import CWeirScan

/// Parts of prompts that came before, and what their canonical forms hash to.
///
/// Agents send the same tools, system prompt and earlier turns with every request. A part of the same bytes
/// has the same form, so of one that is known only its bytes are compared. For one event loop; not for two
/// threads at once.
package final class KnownParts {
    /// What a part is read as: the same bytes have another form elsewhere.
    package enum Kind: UInt8 {
        case system, tools, message
    }

    /// From so many bytes of its canonical form on, a part is told by its hash.
    package static let usualLeast = 512
    /// Bytes of all known parts together; the oldest go first.
    private static let bound = 4 << 20
    /// A part of more than this share of the bound is not kept.
    private static let largest = bound / 8

    private struct Place: Hashable {
        let kind: Kind
        let endpoint: Endpoint
        let count: Int
        let sample: UInt64
    }

    private struct Part {
        let bytes: [UInt8]
        let hash: CacheKey
        let hasTools: Bool
    }

    let least: Int
    /// Of a canonical form.
    let hash: (UnsafeRawBufferPointer) -> CacheKey
    private var parts: [Place: Part] = [:]
    /// In the order in which they came, from `first` on.
    private var order: [Place] = []
    private var first = 0
    private(set) var bytes = 0

    /// - Parameters:
    ///   - least: bytes of a canonical form from which on its hash stands for it.
    ///   - hash: of a canonical form; no two may have the same.
    package init(least: Int = usualLeast, hash: @escaping (UnsafeRawBufferPointer) -> CacheKey) {
        self.least = max(8, least)
        self.hash = hash
    }

    /// The hash of a part's canonical form, and whether it offers tools; `nil` where the part is not known.
    func find(
        _ part: UnsafeRawBufferPointer, _ kind: Kind, _ endpoint: Endpoint
    ) -> (hash: CacheKey, hasTools: Bool)? {
        guard let base = part.baseAddress, let known = parts[Self.place(part, kind, endpoint)] else { return nil }
        let isSame = known.bytes.withUnsafeBytes { bytes in
            guard let other = bytes.baseAddress, bytes.count == part.count else { return false }
            return weir_is_equal(base, other, part.count)
        }
        return isSame ? (known.hash, known.hasTools) : nil
    }

    /// Keeps a part, in place of one that looked alike.
    func keep(
        _ part: UnsafeRawBufferPointer, _ kind: Kind, _ endpoint: Endpoint, hash: CacheKey, hasTools: Bool
    ) {
        guard part.count >= 8, part.count <= Self.largest else { return }
        let place = Self.place(part, kind, endpoint)
        let new = Part(bytes: Array(part), hash: hash, hasTools: hasTools)
        if parts.updateValue(new, forKey: place) != nil { return }
        order.append(place)
        bytes += part.count
        while bytes > Self.bound, first < order.count {
            bytes -= order[first].count
            parts[order[first]] = nil
            first += 1
        }
        if first > 1024, first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
    }

    /// Where a part stands: by its length and sixteen words of it.
    private static func place(_ part: UnsafeRawBufferPointer, _ kind: Kind, _ endpoint: Endpoint) -> Place {
        var sample: UInt64 = 0
        let step = max(1, (part.count - 8) / 15)
        for offset in stride(from: 0, through: part.count - 8, by: step) {
            let word = part.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let product = (word ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: sample ^ 0xD1B5_4A32_D192_ED03)
            sample = product.high ^ product.low ^ sample &<< 1
        }
        return Place(kind: kind, endpoint: endpoint, count: part.count, sample: sample)
    }
}
