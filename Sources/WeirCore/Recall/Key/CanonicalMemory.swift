/// Memory in which canonical forms are written, one after the other: made once, and warm.
///
/// For one event loop; not for two threads at once.
final class CanonicalMemory {
    /// Bytes that are kept between two texts; larger texts get memory of their own.
    private static let most = 512 * 1024
    static let mostScratch = 64 * 1024

    private var bytes: UnsafeMutableBufferPointer<UInt8>?
    var members = KeptList<CanonicalText.Member>(capacity: 128, most: 1024)
    var open = KeptList<CanonicalText.Object>(capacity: 32, most: 1024)
    var scratch: [UInt8] = []

    deinit { bytes?.deallocate() }

    /// Lends `capacity` bytes, or a few more; must not be asked again before `body` has returned.
    func withBytes<Result>(capacity: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Result) -> Result {
        guard capacity <= Self.most else {
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity, body)
        }
        if let bytes, bytes.count >= capacity { return body(bytes) }
        bytes?.deallocate()
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(16 * 1024, capacity))
        bytes = larger
        return body(larger)
    }
}

/// A list whose memory is used again, unless it has grown too large.
struct KeptList<Element> {
    private var list: [Element] = []
    private let capacity: Int
    private let most: Int

    init(capacity: Int, most: Int) {
        self.capacity = capacity
        self.most = most
    }

    /// The empty list.
    mutating func take() -> [Element] {
        var taken: [Element] = []
        swap(&taken, &list)
        taken.reserveCapacity(capacity)
        return taken
    }

    mutating func giveBack(_ used: inout [Element]) {
        guard used.capacity <= most else { return }
        used.removeAll(keepingCapacity: true)
        swap(&used, &list)
    }
}
