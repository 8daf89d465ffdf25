/// Bytes gathered up to a bound; beyond it only their beginning and their end are kept.
struct BoundedBytes: Sendable {
    /// Bytes of the beginning that stay when the bound is passed: type and model stand there.
    static let headBytes = 4 * 1024
    /// Bytes of the end that stay at least: usage stands there.
    static let tailBytes = 64 * 1024
    /// Memory kept from one use to the next.
    private static let keptCapacity = 4 * 1024

    private let maxBytes: Int
    private var bytes: [UInt8] = []
    /// True when bytes of the middle were left out.
    private(set) var isCut = false

    /// `maxBytes` below head and two tails counts as that sum.
    init(maxBytes: Int) { self.maxBytes = max(maxBytes, Self.headBytes + 2 * Self.tailBytes) }

    var isEmpty: Bool { bytes.isEmpty }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        guard bytes.count + more.count > maxBytes || isCut else { return bytes.append(contentsOf: more) }
        isCut = true
        let head = max(0, min(more.count, Self.headBytes - bytes.count))
        bytes.append(contentsOf: more[..<head])
        let tail = max(head, more.count - Self.tailBytes)
        bytes.append(contentsOf: more[tail...])
        // Trimmed only when a second tail has come, so each byte moves once at most.
        if bytes.count > Self.headBytes + 2 * Self.tailBytes {
            bytes.removeSubrange(Self.headBytes..<bytes.count - Self.tailBytes)
        }
    }

    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer, _ isCut: Bool) -> Result) -> Result {
        bytes.withUnsafeBytes { body($0, isCut) }
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
        isCut = false
    }
}
