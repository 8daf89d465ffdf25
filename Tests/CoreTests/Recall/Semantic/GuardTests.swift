import Testing

@testable import WeirCore

@Suite struct GuardTests {
    static let vetoed: [(SemanticGuard, String, String)] = [
        (.numbers, "Is 38.2 degrees a fever?", "Is 37.2 degrees a fever?"),
        (.numbers, "Explain the second law of motion.", "Explain the third law of motion."),
        (.numbers, "Cook for twenty five people", "Cook for 26 people"),
        (.numbers, "What is 2 + 2?", "What is 2 + 2 + 2?"),
        (.numbers, "Who won World War I?", "Who won World War 2?"),
        (.negation, "Which foods contain gluten?", "Which foods do not contain gluten?"),
        (.negation, "Pancakes with eggs and no milk?", "Pancakes with no eggs and milk?"),
        (.negation, "How do I start without root?", "How do I start with root?"),
        (.dates, "Book a table for Friday evening", "Book a table for Saturday evening"),
        (.dates, "Is it open in May or June?", "Is it open in March or June?"),
        (.dates, "Who is on call this week?", "Who is on call next week?"),
        (.units, "Is 500 mg of zinc too much?", "Is 500 mcg of zinc too much?"),
        (.units, "Does it cost $5 to enter?", "Does it cost €5 to enter?"),
        (.units, "Set the timeout to 30 seconds", "Set the timeout to 30 minutes"),
        (.units, "Is 6' tall for a door?", "Is 6\" tall for a door?"),
        (.quotes, "Translate \"good day\" into Thai", "Translate \"good night\" into Thai"),
        (.quotes, "What does `cp -n a b` do?", "What does `cp -u a b` do?"),
        (.identifiers, "Is seat 12A free today?", "Is seat 12C free today?"),
        (.identifiers, "Is Python v2 fast enough?", "Is Python v3 fast enough?"),
        (.identifiers, "How do I cast in C++ safely?", "How do I cast in C# safely?"),
        (.identifiers, "Is x != y here?", "Is x == y here?"),
        (.names, "Who is the mayor of Ghent?", "Who is the mayor of Bruges?"),
        (.names, "Where does Mr Ericsson live now?", "Where does Mr Ericson live now?"),
        (.antonyms, "How do I increase the font size?", "How do I decrease the font size?"),
        (.antonyms, "When is a contract valid?", "When is a contract invalid?"),
        (.quantifiers, "Delete all files in the folder", "Delete some files in the folder"),
        (.quantifiers, "Can I only pay by card?", "Can I also pay by card?"),
        (.quantifiers, "Do at least five people agree?", "Do at most five people agree?"),
        (.order, "Why do cats chase dogs?", "Why do dogs chase cats?"),
        (.order, "How do I move data from A1 to B2?", "How do I move data from B2 to A1?"),
        (.order, "Who reports to the head of sales?", "Who does the head of sales report to?"),
        (.substitution, "How do I ship to Peru?", "How do I ship to Chile?"),
        (.substitution, "Does stress affect sleep?", "Does stress effect sleep?"),
        (.substitution, "Is the sulfate toxic to fish?", "Is the sulfite toxic to fish?"),
        (.substitution, "Is it a casual relation or chance?", "Is it a causal relation or chance?"),
        (.substitution, "Where do I buy a good desert?", "Where do I buy a good dessert?"),
        (.addition, "How do I reset the password?", "How do I reset the admin password?"),
        (.addition, "How long is the wall?", "How long is the wall tall?"),
        (.functionWords, "When was Tesla founded?", "Where was Tesla founded?"),
        (.functionWords, "Can I take ibuprofen with coffee?", "Should I take ibuprofen with coffee?"),
        (.functionWords, "Send the report to Anna today", "Send the report from Anna today"),
        (.functionWords, "What is my phone number?", "What is your phone number?"),
        (.functionWords, "What is a compiler?", "What does a compiler do?"),
        (.functionWords, "How do I know when to water plants?", "When do I know how to water plants?"),
        (.functionWords, "Sum column C and column D", "Sum column C or column D"),
        (.functionWords, "Can I call you?", "Can you call me?"),
        (.overlap, "How do I reset my router?", "How do I poach a pear?"),
    ]

    @Test(arguments: vetoed) func eachGuardSpeaksWhereItsThingDiffers(
        _ name: SemanticGuard, _ one: String, _ other: String
    ) {
        let (asked, cached) = (Question(one), Question(other))
        let vetoes = GuardVerdict.vetoes(asked: asked, cached: cached)
        #expect(vetoes.contains(name), "\(one) | \(other): \(vetoes)")
        #expect(GuardVerdict.vetoes(asked: cached, cached: asked) == vetoes)
        #expect(!GuardVerdict.vetoes(asked: asked, cached: cached, except: [name]).contains(name))
    }

    @Test func noGuardIsWithoutAnExample() {
        #expect(Set(Self.vetoed.map(\.0)) == Set(SemanticGuard.allCases))
    }

    static let passed: [(String, String)] = [
        ("How do I cook for twenty-five people?", "How do I cook for 25 people?"),
        ("What is one hundred and five squared?", "What is 105 squared?"),
        ("What is 15 percent of 240?", "What is 15% of 240?"),
        ("What is the 2nd law of motion?", "What is the second law of motion?"),
        ("How far is 5km on foot?", "How far is 5 kilometres on foot?"),
        ("How fast is 100 km/h in m/s?", "How fast is 100 kilometres per hour in metres per second?"),
        ("Is it warm in Lima in January?", "Is it warm in Lima in Jan?"),
        ("What is a list in Python?", "What are lists in Python?"),
        ("How do I reset my password?", "How do I reset the password?"),
        ("What colour is a robin?", "What color is a robin?"),
        ("Which planet has the most moons?", "What planet has the most moons?"),
        ("When was the bridge built?", "In what year was the bridge built?"),
        ("In Python, how do I reverse a list?", "How do I reverse a list in Python?"),
        (
            "When the light goes out, how do I relight the boiler?",
            "How do I relight the boiler when the light goes out?"
        ),
        ("What is the distance between Oslo and Bergen?", "What is the distance between Bergen and Oslo?"),
        ("What is 17 plus 58?", "What is 58 plus 17?"),
        ("What is a normal body mass index?", "What is a normal BMI?"),
        ("What is the return on investment of solar panels?", "What is the ROI of solar panels?"),
        ("Who was the first president of the United States?", "Who was the first president of the US?"),
        ("Can I get a receipt by mail?", "Can I get a reciept by mail?"),
        ("How do I pause my membership?", "How do I puase my membreship?"),
        ("What are the rules of apendicitis care?", "What are the rules of appendicitis care?"),
        ("How do I log in to the portal?", "How do I login to the portal?"),
        ("What is the difference between `let` and `const`?", "Difference between `let` and `const`?"),
    ]

    @Test(arguments: passed) func harmlessRewordingPasses(_ one: String, _ other: String) {
        let (asked, cached) = (Question(one), Question(other))
        #expect(GuardVerdict.vetoes(asked: asked, cached: cached) == [])
        #expect(GuardVerdict.vetoes(asked: cached, cached: asked) == [])
        #expect(asked.obstacle == nil && cached.obstacle == nil)
    }

    @Test func vetoesComeInTheOrderOfTheGuards() {
        let vetoes = GuardVerdict.vetoes(
            asked: Question("Is 5 km on Friday too far to walk?"),
            cached: Question("Is 6 miles on Monday near enough to run?"))
        #expect(vetoes.count > 4)
        #expect(vetoes == SemanticGuard.allCases.filter(vetoes.contains))
    }

    @Test func everyOppositeIsMutual() {
        for (word, others) in Antonyms.opposites {
            for other in others { #expect(Antonyms.opposites[other]?.contains(word) == true) }
        }
    }
}
