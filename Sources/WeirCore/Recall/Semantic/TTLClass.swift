/// How long an answer stays true, by what the question is about.
package enum TTLClass: String, Sendable, CaseIterable {
    /// Weather, prices, today, now.
    case realTime
    /// My account, our order.
    case personal
    /// Deployments, incidents, what is up or down.
    case operational
    /// None of the others.
    case ordinary
    /// How to do something, APIs, settings.
    case documentation
    /// What something is or means.
    case definitional

    package var seconds: Int {
        switch self {
        case .realTime: 120
        case .personal: 1_800
        case .operational: 10_800
        case .ordinary: 3_600
        case .documentation: 43_200
        case .definitional: 172_800
        }
    }

    /// The class of the shortest time among those with a word in the question; `ordinary` where none has
    /// one.
    ///
    /// Words are compared whole and in lower case. `words` and `phrases` are the rules; the documents list
    /// them.
    package static func of(question: Question) -> TTLClass {
        var words: [String] = []
        for token in question.tokens where token.kind == .word || token.kind == .mixed {
            words += token.folded.split(separator: "-").map(String.init)
        }
        for kind in [TTLClass.realTime, .personal, .operational, .documentation, .definitional] {
            if words.contains(where: kind.words.contains) { return kind }
            if kind.phrases.contains(where: { holds(words, $0) }) { return kind }
        }
        return .ordinary
    }

    private static func holds(_ words: [String], _ phrase: [String]) -> Bool {
        guard words.count >= phrase.count else { return false }
        return (0...words.count - phrase.count).contains {
            words[$0..<$0 + phrase.count].elementsEqual(phrase)
        }
    }

    /// One of them makes a question of this class.
    package var words: Set<String> {
        switch self {
        case .realTime: Self.realTimeWords
        case .personal: Self.personalWords
        case .operational: Self.operationalWords
        case .documentation: Self.documentationWords
        case .definitional: Self.definitionalWords
        case .ordinary: []
        }
    }

    /// One of them, word by word, makes a question of this class.
    package var phrases: [[String]] {
        switch self {
        case .realTime:
            [
                ["this", "week"], ["this", "month"], ["exchange", "rate"], ["on", "call"], ["what", "time"],
            ]
        case .personal: [["i", "was", "charged"], ["i", "ordered"], ["i", "paid"]]
        case .operational: [["is", "down"], ["roll", "back"], ["is", "up"]]
        case .documentation: [["how", "do", "i"], ["how", "to"], ["how", "do", "you"], ["set", "up"]]
        case .definitional:
            [
                ["what", "is"], ["what", "are"], ["who", "was"], ["what", "does"], ["stands", "for"],
                ["stand", "for"],
                ["difference", "between"],
            ]
        case .ordinary: []
        }
    }

    private static let realTimeWords: Set<String> = [
        "today", "today's", "tonight", "tomorrow", "yesterday", "now", "current", "currently", "latest",
        "live", "price",
        "prices", "pricing", "stock", "stocks", "weather", "forecast", "news", "traffic", "score", "scores",
        "breaking",
        "recent", "recently", "rate", "rates", "nearest", "open",
    ]
    private static let personalWords: Set<String> = [
        "my", "mine", "our", "ours", "account", "order", "orders", "invoice", "invoices", "subscription",
        "balance",
        "booking", "appointment", "appointments", "parcel", "refund", "membership", "profile",
    ]
    private static let operationalWords: Set<String> = [
        "status", "deploy", "deployed", "deployment", "deployments", "incident", "incidents", "outage",
        "outages",
        "restart", "restarted", "rollback", "uptime", "downtime", "alert", "alerts", "latency", "throughput",
        "release",
        "pipeline", "failover", "maintenance", "ticket", "tickets", "crash", "crashes", "queue",
    ]
    private static let documentationWords: Set<String> = [
        "api", "apis", "docs", "documentation", "configure", "configuration", "install", "installation",
        "setup", "setting",
        "settings", "syntax", "parameter", "parameters", "function", "command", "commands", "option",
        "options", "tutorial",
        "guide", "manual", "example", "examples", "library", "sdk", "flag",
    ]
    private static let definitionalWords: Set<String> = [
        "define", "definition", "definitions", "meaning", "means", "mean", "explain", "describe", "concept",
        "theorem",
        "synonym",
    ]
}
