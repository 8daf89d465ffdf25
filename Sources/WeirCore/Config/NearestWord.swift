/// Finds the word somebody meant.
enum NearestWord {
    /// The word with the fewest typing slips from `text`; `nil` when all are too far to be a guess.
    static func of(_ text: String, among words: [String]) -> String? {
        let limit = max(1, min(3, text.count / 3))
        let ranked = words.map { (word: $0, slips: slips(Array(text.lowercased()), Array($0))) }
        guard let best = ranked.min(by: { $0.slips < $1.slips }), best.slips <= limit else { return nil }
        return best.word
    }

    /// Characters put in, left out, changed, or swapped with a neighbour.
    private static func slips(_ a: [Character], _ b: [Character]) -> Int {
        // Names longer than any option cannot be near one, and need no table.
        guard a.count <= 64, b.count <= 64 else { return Int.max }
        var before: [Int] = []
        var previous = Array(0...b.count)
        for i in a.indices {
            var current = [i + 1]
            for j in b.indices {
                let change = previous[j] + (a[i] == b[j] ? 0 : 1)
                var best = min(previous[j + 1] + 1, current[j] + 1, change)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
                current.append(best)
            }
            (before, previous) = (previous, current)
        }
        return previous[b.count]
    }
}
