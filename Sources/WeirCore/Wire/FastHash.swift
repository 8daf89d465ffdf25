/// A fast 64-bit hash that is the same in every process, build and machine; its results may be stored.
///
/// For fingerprints and tables, not for security: whoever wants collisions can make them. Four lanes take 16
/// bytes each per step; a lane folds a 64×64→128-bit product into itself, `lane += fold(a ^ K, b ^ lane)`.
/// The rest, in steps of 16 bytes and a last one that is filled up with zeros, goes through the first lane;
/// the length goes into the end. Changing anything here changes stored fingerprints: the tests hold fixed
/// results.
package enum FastHash {
    // Fractional bits of the square roots of 2, 3, 5 and 7, as in SHA-512; made odd.
    private static var k0: UInt64 { 0x6A09_E667_F3BC_C909 }
    private static var k1: UInt64 { 0xBB67_AE85_84CA_A73B }
    private static var k2: UInt64 { 0x3C6E_F372_FE94_F82B }
    private static var k3: UInt64 { 0xA54F_F53A_5F1D_36F1 }

    /// The hash of those bytes; of none it is a constant.
    package static func hash64(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let count = bytes.count
        var (a, b, c, d) = (k0, k1, k2, k3)
        guard let base = bytes.baseAddress, count > 0 else { return finish(a, b, c, d, 0) }
        var i = 0
        // Every load below reads 8 bytes at an offset of at most `count - 8`, except `tail`, which copies.
        while i &+ 64 <= count {
            step(&a, k0, base, i)
            step(&b, k1, base, i &+ 16)
            step(&c, k2, base, i &+ 32)
            step(&d, k3, base, i &+ 48)
            i &+= 64
        }
        while i &+ 16 <= count {
            step(&a, k0, base, i)
            i &+= 16
        }
        if i < count {
            let low = tail(base, i, min(count, i &+ 8))
            let high = i &+ 8 < count ? tail(base, i &+ 8, count) : 0
            mix(&a, k0, low, high)
        }
        return finish(a, b, c, d, UInt64(count))
    }

    /// The hash of a text's UTF-8.
    package static func hash64(of text: String) -> UInt64 {
        var text = text
        return text.withUTF8 { hash64(UnsafeRawBufferPointer($0)) }
    }

    @inline(__always)
    private static func step(_ lane: inout UInt64, _ k: UInt64, _ base: UnsafeRawPointer, _ i: Int) {
        let low = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: i, as: UInt64.self))
        let high = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: i &+ 8, as: UInt64.self))
        mix(&lane, k, low, high)
    }

    /// The added lane keeps what came before when one factor happens to be zero.
    @inline(__always)
    private static func mix(_ lane: inout UInt64, _ k: UInt64, _ low: UInt64, _ high: UInt64) {
        let y = high ^ lane
        lane = fold(low ^ k, y) &+ y
    }

    @inline(__always)
    private static func fold(_ x: UInt64, _ y: UInt64) -> UInt64 {
        let product = x.multipliedFullWidth(by: y)
        return product.high ^ product.low
    }

    /// Up to eight bytes, little-endian, zeros above.
    private static func tail(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> UInt64 {
        var word: UInt64 = 0
        for i in start..<end {
            word |= UInt64(base.load(fromByteOffset: i, as: UInt8.self)) << UInt64(8 * (i - start))
        }
        return word
    }

    private static func finish(
        _ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64, _ count: UInt64
    ) -> UInt64 {
        var h = a
        mix(&h, k1, b, count)
        mix(&h, k2, c, d)
        h = fold(h ^ k3, h ^ (h >> 32) ^ k0) &+ h
        return h ^ (h >> 29)
    }
}
