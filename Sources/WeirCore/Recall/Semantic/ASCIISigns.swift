/// A set of ASCII characters that one shift answers.
struct ASCIISigns: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// The characters of `signs` that are ASCII.
    init(_ signs: String) {
        for byte in signs.utf8 where byte < 128 {
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
        }
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let value = UInt64(scalar.value)
        guard value < 128 else { return false }
        return (value < 64 ? low >> value : high >> (value - 64)) & 1 == 1
    }

    static let brackets = ASCIISigns("()[]{}")
    static let operators = ASCIISigns("+-*/=<>|&^%~")
    static let code = ASCIISigns("(){}[]=<>\\|_$&~^@#*+:")
    static let sentenceEnds = ASCIISigns(".!?:;(")
    static let openers = ASCIISigns("#/~\\<^[{*%+|>=$")
}
