/// Parts of prompts that came before, and what their canonical forms hash to.
///
/// Agents send the same tools, system prompt and earlier turns with every request. A part of the same bytes
/// has the same form, so of one that is known only its bytes are compared. For one event loop; not for two
/// threads at once.
package final class KnownParts {
    /// What a part is read as: the same bytes have another form elsewhere.
    enum Kind: Hashable {
        case system, tools, message
    }

    struct Part {
        /// Of its canonical form.
        let hash: CacheKey
        let hasTools: Bool
    }

    private struct Tag: Hashable {
        let kind: Kind
        let endpoint: Endpoint
    }

    /// From so many bytes of its canonical form on, a part is told by its hash.
    package static let usualLeast = 512

    let least: Int
    let hash: (UnsafeRawBufferPointer) -> CacheKey
    let memory = CanonicalMemory()
    private var parts = KnownBytes<Tag, Part>(bound: 4 << 20)
    /// By the hash of a part's first bytes, the latest that has it: the hash and the part's length.
    private var lengths = [(beginning: UInt64, count: Int)](repeating: (0, 0), count: 1024)
    private static let beginning = 128

    /// - Parameters:
    ///   - least: bytes of a canonical form from which on its hash stands for it.
    ///   - hash: of a canonical form; no two may have the same.
    package init(least: Int = usualLeast, hash: @escaping (UnsafeRawBufferPointer) -> CacheKey) {
        self.least = least
        self.hash = hash
    }

    /// Bytes of all parts that are known.
    var bytes: Int { parts.bytes }

    func find(_ part: UnsafeRawBufferPointer, _ kind: Kind, _ endpoint: Endpoint) -> Part? {
        parts.find(part, Tag(kind: kind, endpoint: endpoint))
    }

    /// The part that a text begins with, and its length: what is known is a whole value, and so are the same bytes.
    func find(at text: UnsafeRawBufferPointer, _ kind: Kind, _ endpoint: Endpoint) -> (part: Part, count: Int)? {
        guard let hash = Self.hash(ofBeginning: text) else { return nil }
        let latest = lengths[Int(truncatingIfNeeded: hash & 1023)]
        guard latest.beginning == hash, latest.count <= text.count else { return nil }
        let bytes = UnsafeRawBufferPointer(rebasing: text[..<latest.count])
        return find(bytes, kind, endpoint).map { ($0, latest.count) }
    }

    func keep(_ bytes: UnsafeRawBufferPointer, _ kind: Kind, _ endpoint: Endpoint, _ part: Part) {
        parts.keep(bytes, Tag(kind: kind, endpoint: endpoint), part)
        guard let hash = Self.hash(ofBeginning: bytes) else { return }
        lengths[Int(truncatingIfNeeded: hash & 1023)] = (hash, bytes.count)
    }

    private static func hash(ofBeginning text: UnsafeRawBufferPointer) -> UInt64? {
        guard text.count >= beginning else { return nil }
        return FastHash.hash64(UnsafeRawBufferPointer(rebasing: text[..<beginning]))
    }
}
