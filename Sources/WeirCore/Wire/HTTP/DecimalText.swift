/// Numbers in decimal, written straight into memory.
package enum DecimalText {
    /// Digits of the largest number.
    package static let mostDigits = 20

    /// Writes the digits of `number` and returns how many they are.
    ///
    /// - Parameter out: has room for `mostDigits` bytes.
    @inline(__always)
    package static func write(_ number: UInt, to out: UnsafeMutableRawPointer) -> Int {
        let count = digits(of: number)
        var (end, rest) = (count, number)
        // Two at a time.
        while rest >= 100 {
            end &-= 2
            writePair(rest % 100, to: out + end)
            rest /= 100
        }
        if rest >= 10 {
            writePair(rest, to: out)
        } else {
            out.storeBytes(of: UInt8(truncatingIfNeeded: 48 &+ rest), as: UInt8.self)
        }
        return count
    }

    /// Writes two digits of a number below 100.
    @inline(__always)
    package static func writePair(_ number: UInt, to out: UnsafeMutableRawPointer) {
        let tens = number / 10
        out.storeBytes(of: UInt8(truncatingIfNeeded: 48 &+ tens), as: UInt8.self)
        out.storeBytes(of: UInt8(truncatingIfNeeded: 48 &+ number &- tens &* 10), toByteOffset: 1, as: UInt8.self)
    }

    @inline(__always)
    private static func digits(of number: UInt) -> Int {
        var (count, limit) = (1, UInt(10))
        while count < mostDigits, number >= limit {
            count &+= 1
            limit &*= 10
        }
        return count
    }
}
