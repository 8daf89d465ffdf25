import Testing

@testable import WeirCore

@Suite struct TTLClassTests {
    static let table: [(String, TTLClass)] = [
        ("What is the weather in Cork today?", .realTime),
        ("What is the price of gold?", .realTime),
        ("Where is my order?", .personal),
        ("How do I cancel our subscription?", .personal),
        ("Is the payments deployment done?", .operational),
        ("What is the status of the build?", .operational),
        ("How do I reverse a list in Python?", .documentation),
        ("How can I reverse a list?", .documentation),
        ("What's the API for lists?", .documentation),
        ("What is photosynthesis?", .definitional),
        ("Explain recursion to a child.", .definitional),
        ("Name a few rivers in Peru.", .ordinary),
        ("", .ordinary),
        // The shortest time wins.
        ("How do I see my balance now?", .realTime),
        ("What is the meaning of my invoice?", .personal),
        ("How do I restart the service?", .operational),
        // Whole words only.
        ("Name a mystery novel about snow.", .ordinary),
    ]

    @Test(arguments: table) func wordsDecideHowLongAnAnswerIsTrue(_ text: String, _ expected: TTLClass) {
        #expect(TTLClass.of(question: Question(text)) == expected)
    }

    @Test func timesAreThoseOfTheDocuments() {
        #expect(TTLClass.allCases.map(\.seconds) == [120, 1_800, 10_800, 3_600, 43_200, 172_800])
    }
}
