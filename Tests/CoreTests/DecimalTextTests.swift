import Testing
import WeirCore

@Suite struct DecimalTextTests {
    @Test func digitsAreThoseOfSwift() {
        var numbers: [UInt] = [0, .max, .max - 1]
        var power: UInt = 1
        for _ in 0..<20 {
            numbers += [power - 1, power, power + 1, power &* 7]
            power = power &* 10
        }
        for number in numbers {
            let text = String(unsafeUninitializedCapacity: DecimalText.mostDigits) {
                DecimalText.write(number, to: UnsafeMutableRawPointer($0.baseAddress!))
            }
            #expect(text == String(number))
        }
    }
}
