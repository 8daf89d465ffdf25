/// A 64-bit checksum that tells a whole record from a torn one; no protection against forgery.
///
/// Folded 64 × 64 → 128-bit multiplication per word, the construction of wyhash.
enum Checksum {
    /// Checksum of `bytes`, whose count is a multiple of eight.
    static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var sum = seed
        var offset = 0
        while offset < bytes.count {
            sum = mix(sum, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        return sum
    }

    @inline(__always)
    static func mix(_ sum: UInt64, _ word: UInt64) -> UInt64 {
        let product = (word ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: sum ^ 0xE703_7ED1_A0B4_28DB)
        // The sum is added, so that a factor of zero does not make what came before irrelevant.
        return (product.high ^ product.low) &+ sum.rotatedLeft
    }
}

extension UInt64 {
    fileprivate var rotatedLeft: UInt64 { (self << 29) | (self >> 35) }
}
