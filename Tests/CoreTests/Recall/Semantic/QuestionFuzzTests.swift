import Testing

@testable import WeirCore

@Suite struct QuestionFuzzTests {
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let words = """
        how do I what is the a an reset password Password from to between and or not without all some 5
        six twenty five
        hundred first 2nd 10km $5 50% Paris Oslo US body mass index BMI `code` "quoted" 12A v2 monday May
        may, in Python
        list lists conect connect receipt reciept please
        Hi ! thanks . ? my your if when log in km / h + - = ( )
        it this
        """.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init)

    private static func mix(_ dice: inout Dice) -> [String] {
        (0..<Int.random(in: 0...14, using: &dice)).map { _ in
            words[Int.random(in: 0..<words.count, using: &dice)]
        }
    }

    @Test func verdictsAreSymmetricAndNeverAgainstItself() {
        var dice = Dice(state: 5)
        for _ in 0..<3_000 {
            let parts = Self.mix(&dice)
            var other = parts
            if !other.isEmpty, Bool.random(using: &dice) {
                other.swapAt(0, Int.random(in: 0..<other.count, using: &dice))
                other[Int.random(in: 0..<other.count, using: &dice)] = Self.words[0]
            } else if !other.isEmpty {
                let cut = Int.random(in: 0..<other.count, using: &dice)
                other = Array(other[cut...] + other[..<cut])
            }
            let (a, b) = (Question(parts.joined(separator: " ")), Question(other.joined(separator: " ")))
            let there = GuardVerdict.vetoes(asked: a, cached: b)
            #expect(there == GuardVerdict.vetoes(asked: b, cached: a), "\(parts) | \(other)")
            #expect(GuardVerdict.vetoes(asked: a, cached: a) == [])
        }
    }

    @Test func oneKeyMeansNoVetoButOnArticlesAndPoliteness() {
        var dice = Dice(state: 6)
        var found = 0
        for _ in 0..<2_000 {
            let parts = Self.mix(&dice)
            let text = parts.joined(separator: " ")
            let question = Question(text)
            let polite = Question("Hello there, " + text + "\n")
            guard !question.textKey.isEmpty, question.textKey == polite.textKey else { continue }
            found += 1
            #expect(GuardVerdict.vetoes(asked: question, cached: polite) == [], "\(text)")
        }
        #expect(found > 500)
    }

    @Test func anyUnicodeGivesAQuestion() {
        var dice = Dice(state: 7)
        for _ in 0..<1_500 {
            var view = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...60, using: &dice) {
                let top: UInt32 =
                    Bool.random(using: &dice) ? 0x7F : Bool.random(using: &dice) ? 0x2FFF : 0x10_FFFF
                if let scalar = Unicode.Scalar(UInt32.random(in: 0...top, using: &dice)) {
                    view.append(scalar)
                }
            }
            let question = Question(String(view))
            #expect(GuardVerdict.vetoes(asked: question, cached: question) == [])
            #expect(question.textKey == Question(String(view)).textKey)
            _ = TTLClass.of(question: question)
            _ = question.plainText
        }
    }

    @Test func signsAloneNeverTrap() {
        let signs = Array("'\"`-+/#.,:;!?()[]{}<>$%^&*_=|~\\@\u{2019}\u{201C}\u{2014}\n a1A")
        var dice = Dice(state: 8)
        for _ in 0..<4_000 {
            let text = String(
                (0..<Int.random(in: 1...12, using: &dice)).map { _ in
                    signs[Int.random(in: 0..<signs.count, using: &dice)]
                })
            let question = Question(text)
            #expect(GuardVerdict.vetoes(asked: question, cached: question) == [], "\(text)")
        }
    }
}
