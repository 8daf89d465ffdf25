/// What a judge is asked: whether a kept answer answers another question than the one it was given to.
package struct JudgeRequest: Sendable, Equatable {
    /// The question that was asked now.
    package var asked: String
    /// The question that the answer was given to.
    package var kept: String
    /// The kept answer's text.
    package var answer: String
    /// The answer that the provider gave to `asked`, where there is one to compare with.
    package var fresh: String?

    package init(asked: String, kept: String, answer: String, fresh: String? = nil) {
        self.asked = asked
        self.kept = kept
        self.answer = answer
        self.fresh = fresh
    }

    /// Bytes of each text that a judge is shown; what is longer is cut at a character.
    package static let longestText = 4000

    private static let instructions = """
        You check a cache of answers. Someone asked question A. The cache holds an answer that was given to \
        question B. Say whether that answer is a correct and complete answer to question A as well. Names, \
        numbers, dates, units, directions, negations and scope must agree. If you are not sure, say no. Answer \
        with one word: yes or no.
        """

    private static let comparison = """
        You check a cache of answers. Someone asked question A and got the fresh answer. The cache holds \
        another answer, which was given to question B. Say whether the cached answer would have served the one \
        who asked A as well as the fresh one: it must not say anything about A that the fresh answer contradicts, \
        and must not be about something else. Differences of wording do not matter. Answer with one word: yes \
        or no.
        """

    /// The texts are fenced by tags that they cannot close: "<" in them is written "&lt;".
    private var text: String {
        var parts = [("question_a", asked), ("question_b", kept), ("cached_answer", answer)]
        if let fresh { parts.append(("fresh_answer", fresh)) }
        return parts.map { "<\($0)>\n\(Self.shown($1))\n</\($0)>" }.joined(separator: "\n")
    }

    private static func shown(_ text: String) -> String {
        let cut = text.utf8.count <= longestText ? text : Self.cut(text)
        return cut.replacing("<", with: "&lt;")
    }

    private static func cut(_ text: String) -> String {
        var end = text.utf8.index(text.startIndex, offsetBy: longestText)
        while end > text.startIndex, text.utf8[end] & 0xC0 == 0x80 { end = text.utf8.index(before: end) }
        return String(text[..<end]) + "…"
    }

    /// The request's body.
    ///
    /// - Parameter dialect: anthropic or chat; what else there is gets the chat form.
    package func body(model: String, dialect: Dialect) -> [UInt8] {
        let system = fresh == nil ? Self.instructions : Self.comparison
        var out: [UInt8] = Array(#"{"model":"#.utf8)
        out.appendJSONString(model)
        switch dialect {
        case .anthropic:
            out += #","max_tokens":8,"temperature":0,"system":"#.utf8
            out.appendJSONString(system)
            out += #","messages":[{"role":"user","content":"#.utf8
        case .chat, .responses, .gemini:
            out += #","max_completion_tokens":400,"messages":[{"role":"system","content":"#.utf8
            out.appendJSONString(system)
            out += #"},{"role":"user","content":"#.utf8
        }
        out.appendJSONString(text)
        out += "}]}".utf8
        return out
    }

    /// What the judge's reply says; `unsure` where it is neither yes nor no.
    package static func verdict(_ reply: [UInt8], dialect: Dialect) -> ResponseCacheFigures.Judgement {
        let endpoint: Endpoint = dialect == .anthropic ? .messages : .chatCompletions
        guard let text = ReplyText.of(reply, endpoint: endpoint) else { return .failed }
        let word = text.lowercased().drop { !$0.isLetter }.prefix { $0.isLetter }
        switch word {
        case "yes": return .right
        case "no": return .wrong
        default: return .unsure
        }
    }
}
