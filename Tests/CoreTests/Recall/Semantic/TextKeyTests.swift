import Testing

@testable import WeirCore

@Suite struct TextKeyTests {
    static let same: [(String, String)] = [
        ("How do I reset my password?", "how do i reset my password"),
        ("How do I reset my password?", "How can I reset my password?"),
        ("How do I reset my password?", "Hi! How to reset my password?"),
        (
            "How do I reset my password?",
            "Hello, I need some help. How do I reset my password? Thanks in advance!"
        ),
        ("How do I reset my password?", "Could you please tell me how I can reset my password?"),
        ("What's the capital of Peru?", "What is the capital of Peru"),
        ("What is the capital of Peru?", "Good evening, may I ask what the capital of Peru is?"),
        ("Explain recursion.", "Would you mind explaining recursion?"),
        ("Explain recursion.", "Can you explain recursion, please?"),
        ("What is a binary search?", "What is binary search?"),
        ("Why don't cats swim?", "why do not cats swim"),
        ("Why don\u{2019}t cats swim?", "Why don't cats swim?"),
        ("Is 1,000 enough?", "Is 1000 enough?"),
        ("Translate \"See you\" into Thai.", "Please translate \"See you\" into Thai. Thank you."),
        ("Where is my order?", "where is my order please?"),
        ("Does GitHub show this?", "does github show this?"),
        ("  What   is\tlove ", "What is love?"),
    ]

    @Test(arguments: same) func textsThatAskTheSameShareAKey(_ one: String, _ other: String) {
        #expect(Question(one).textKey == Question(other).textKey)
        #expect(!Question(one).textKey.isEmpty)
    }

    static let different: [(String, String)] = [
        ("What does IT do?", "What does it do?"),
        ("Who runs the US?", "Who runs the us?"),
        ("How do I polish wood?", "How do I read Polish?"),
        ("What is vitamin A?", "What is vitamin?"),
        ("what is vitamin a good for", "what is vitamin good for"),
        ("Do few people vote?", "Do a few people vote?"),
        ("Print \"Hello\"", "Print \"hello\""),
        ("What does `Foo` do?", "What does `foo` do?"),
        ("What does `a  b` do?", "What does `a b` do?"),
        ("What does getName do?", "What does getname do?"),
        ("Don't stop now", "Don't, stop now"),
        ("How do I say please in French?", "How do I say in French?"),
        ("How do I say thank you?", "How do I say"),
        ("How to write thank you", "How to write"),
        ("Hello world in Python", "World in Python"),
        ("OK is a state", "is a state"),
        ("Correct this: I has a apple", "Correct this: I has apple"),
        ("Proofread the cat sat", "Proofread cat sat"),
        ("Is 10 Mb enough?", "Is 10 MB enough?"),
        ("Is 5M enough?", "Is 5m enough?"),
        ("Is 3.10 newer than 3.9?", "Is 3.1 newer than 3.9?"),
        ("What is (2 + 3) * 4?", "What is 2 + 3 * 4?"),
        ("What is -5 squared?", "What is 5 squared?"),
        ("Is x != y?", "Is x = y?"),
        ("Can I go?", "Can you go?"),
        ("How do I know?", "How should I know?"),
        ("if x:\n  y\nz", "if x:\n  y\n  z"),
        ("Can you swim?", "Swim?"),
        ("What do you do?", "What do I do?"),
        ("Is it $5 a day?", "Is it $5 day?"),
        ("x = a b", "x = b"),
    ]

    @Test(arguments: different) func textsThatAskSomethingElseDoNot(_ one: String, _ other: String) {
        #expect(Question(one).textKey != Question(other).textKey)
    }

    @Test func proseNeverSharesAKeyWithAText() {
        // A literal that spells out what the key of another looks like.
        #expect(Question("print \"a 4:b\"").textKey != Question("print a \"b\"").textKey)
        #expect(Question("say hi").textKey.first != Question("what is love").textKey.first)
    }

    @Test func nothingHasNoKey() {
        for text in ["", "   ", "\n\t", "?!", "\u{1}\u{2}"] { #expect(Question(text).textKey.isEmpty) }
    }

    @Test func theEncoderReadsTheQuestionAlone() {
        #expect(
            Question("Hi there! What's the capital of Peru? Thanks").plainText
                == "what is the capital of Peru")
        #expect(Question("Please print \"A b\", then `c`.").plainText == "print \"A b\", then `c`")
    }
}
