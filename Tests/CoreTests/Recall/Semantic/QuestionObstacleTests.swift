import Testing

@testable import WeirCore

@Suite struct QuestionObstacleTests {
    static let table: [(String, QuestionObstacle?)] = [
        ("", .empty), ("  \n ", .empty), ("?!", .empty),
        (String(repeating: "a ", count: 3000), .tooLong),
        ("Why does this fail?\n```\nx = 1\n```", .code),
        ("for (int i = 0; i < n; i++) { sum += a[i]; }", .code),
        ("int x;\nint y;\nwhat is wrong", .code),
        ("What does `git reset --hard HEAD~1` do?", nil),
        ("如何退款", .notEnglish), ("ฉันจะคืนเงินได้อย่างไร", .notEnglish),
        ("How do I say 退款 in English?", .notEnglish),
        ("Как вернуть деньги?", .notEnglish), ("Wie kündige ich meinen Vertrag?", .notEnglish),
        ("Hvad koster en billet for børn?", .notEnglish), ("¿Cómo puedo cancelar?", .notEnglish),
        ("How is the weather in El Paso, Texas?", nil), ("Is Lake Como warm in May?", nil),
        ("What is the value of π in this formula of Euler?", nil), ("Who is Irène Joliot-Curie?", nil),
        ("Rephrase the cat sat on the mat", .literal),
        ("Summarise this: we met and talked at length", .literal),
        ("Answer in German: how tall is the Zugspitze?", nil),
        ("yes", .followUp), ("The second one", .followUp), ("continue", .followUp),
        ("Go on please", .followUp),
        ("What about it?", .followUp), ("And in Python?", .followUp), ("Why is that?", .followUp),
        ("Can you explain that?", .followUp), ("Tell me more", .followUp), ("How does it work?", .followUp),
        ("Do the same again for the third one", .followUp), ("Give me another example", .followUp),
        ("What is photosynthesis?", nil), ("How do I reset my router?", nil),
        ("Who directed Casablanca?", nil),
    ]

    @Test(arguments: table) func questionsThatDoNotStandAloneAreRefused(
        _ text: String, _ obstacle: QuestionObstacle?
    ) {
        #expect(Question(text).obstacle == obstacle, "\(text.prefix(60))")
    }

    @Test func tooLongIsNotRead() {
        let question = Question(String(repeating: "word ", count: 1_000_000))
        #expect(question.tokens.isEmpty && question.textKey.isEmpty)
    }
}
