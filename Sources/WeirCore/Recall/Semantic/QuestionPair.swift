/// Two questions side by side: which words only one has, and how the rest lines up.
struct QuestionPair {
    /// How the matter of the two lines up.
    enum Alignment: Equatable {
        /// The same words in the same order.
        case same
        /// The second is the first with its leading words moved to the end; so many of them.
        case rotated(Int)
        /// "Between a and b" for "between b and a", at those places.
        case mirrored(ClosedRange<Int>)
        case none
    }

    let a: Question
    let b: Question
    /// Words, not numbers and the like, that only one has; typing errors and acronyms excused.
    private(set) var onlyA: [String]
    private(set) var onlyB: [String]
    /// Texts of the matter in order, with what was excused made equal.
    private(set) var lineA: [String]
    private(set) var lineB: [String]
    private(set) var excused: Set<String> = []
    private(set) var alignment = Alignment.none
    /// Function words with places that fit `lineA` and `lineB`.
    private(set) var marksA: [FunctionMark]
    private(set) var marksB: [FunctionMark]

    init(_ a: Question, _ b: Question) {
        self.a = a
        self.b = b
        (lineA, lineB) = (a.content.map(\.text), b.content.map(\.text))
        (marksA, marksB) = (a.marks, b.marks)
        let word = ContentPiece.Kind.word.rawValue
        (onlyA, onlyB) = Self.difference(a.bags[word], b.bags[word])
        if !onlyA.isEmpty || !onlyB.isEmpty {
            excuseAcronyms()
            excuseTypingErrors()
        }
        alignment = Lining.alignment(self)
    }

    // MARK: - What guards ask

    func differ(in kind: ContentPiece.Kind) -> Bool { a.bags[kind.rawValue] != b.bags[kind.rawValue] }

    /// True where a name of one is no word of the other.
    var hasLoneName: Bool {
        func isLone(_ question: Question, _ only: [String]) -> Bool {
            question.content.contains { $0.isName && only.contains($0.text) }
        }
        return isLone(a, onlyA) || isLone(b, onlyB)
    }

    /// True where the words that both have come in another order.
    var isReordered: Bool {
        if alignment != .none { return false }
        let (common, other) = Self.common(lineA, lineB)
        return common != other
    }

    /// True where less than half of the longer one's matter is in the other.
    var overlapsTooLittle: Bool {
        let (common, _) = Self.common(lineA, lineB)
        return common.count * 2 < max(lineA.count, lineB.count)
    }

    /// True where the function words of one guard differ, or stand before other words.
    func marksDiffer(_ speaks: SemanticGuard) -> Bool {
        let (left, right) = (keys(marksA, speaks, isFirst: true), keys(marksB, speaks, isFirst: false))
        if left == right { return false }
        let (onlyLeft, onlyRight) = Self.difference(left, right)
        // "How do I reset my password" and "the password": left out, never swapped.
        guard a.asksHow, b.asksHow, onlyLeft.isEmpty != onlyRight.isEmpty else { return true }
        return !(onlyLeft + onlyRight).allSatisfy { $0.hasPrefix("my@") }
    }

    private func keys(_ marks: [FunctionMark], _ speaks: SemanticGuard, isFirst: Bool) -> [String] {
        var keys: [String] = []
        for mark in marks where mark.speaks == speaks {
            keys.append(mark.group + "@" + place(mark.next, isFirst: isFirst))
        }
        return keys.sorted()
    }

    private func place(_ next: Int, isFirst: Bool) -> String {
        guard next >= 0 else { return "" }
        switch alignment {
        case .same: return String(next)
        case .rotated(let count):
            let (size, seam) = (lineA.count, isFirst ? count : lineA.count - count)
            // "When it goes out, how do I": what stands at the seam may belong to either side.
            if next == 0 || next == seam || next == size { return "|" }
            guard isFirst else { return String(next) }
            return String(next < count ? next + size - count : next - count)
        case .mirrored(let range):
            return range.contains(next) && next > range.lowerBound ? "" : String(next)
        case .none:
            // Without one order, what comes next has to be the same word.
            let line = isFirst ? lineA : lineB
            return next < line.count ? line[next] : "."
        }
    }

    // MARK: - Excuses

    private mutating func excuseTypingErrors() {
        let (left, right) = (onlyA, onlyB)
        for word in left {
            let partners = right.filter { excuses(word, $0) }
            // With two candidates nobody knows which was meant.
            guard partners.count == 1, let partner = partners.first,
                left.count(where: { excuses($0, partner) }) == 1
            else { continue }
            merge(word, partner)
        }
    }

    private func excuses(_ word: String, _ other: String) -> Bool {
        guard let one = a.content.first(where: { $0.text == word && $0.kind == .word }),
            let two = b.content.first(where: { $0.text == other && $0.kind == .word })
        else { return false }
        return TypingError.excuses(one, two)
    }

    private mutating func merge(_ word: String, _ partner: String) {
        let shared = min(word, partner)
        for index in lineA.indices where lineA[index] == word { lineA[index] = shared }
        for index in lineB.indices where lineB[index] == partner { lineB[index] = shared }
        onlyA.removeAll { $0 == word }
        onlyB.removeAll { $0 == partner }
    }

    /// "BMI" for "body mass index".
    private mutating func excuseAcronyms() {
        for piece in a.content where piece.isAcronym && onlyA.contains(piece.text) {
            guard let run = Acronym.run(piece.text, in: lineB, marksB, only: onlyB) else { continue }
            Acronym.replace(run, by: piece.text, in: &lineB, &marksB, &onlyB)
            onlyA.removeAll { $0 == piece.text }
        }
        for piece in b.content where piece.isAcronym && onlyB.contains(piece.text) {
            guard let run = Acronym.run(piece.text, in: lineA, marksA, only: onlyA) else { continue }
            Acronym.replace(run, by: piece.text, in: &lineA, &marksA, &onlyA)
            onlyB.removeAll { $0 == piece.text }
        }
    }

    // MARK: - Bags

    /// What is in one sorted list more often than in the other.
    static func difference(_ left: [String], _ right: [String]) -> ([String], [String]) {
        var (i, j) = (0, 0)
        var (onlyLeft, onlyRight): ([String], [String]) = ([], [])
        while i < left.count, j < right.count {
            if left[i] == right[j] {
                i += 1
                j += 1
            } else if left[i] < right[j] {
                onlyLeft.append(left[i])
                i += 1
            } else {
                onlyRight.append(right[j])
                j += 1
            }
        }
        return (onlyLeft + left[i...], onlyRight + right[j...])
    }

    /// What is as often in both, in the order of each.
    private static func common(_ left: [String], _ right: [String]) -> ([String], [String]) {
        var counts: [String: Int] = [:]
        for word in left { counts[word, default: 0] += 1 }
        for word in right { counts[word, default: 0] -= 1 }
        let (inLeft, inRight) = (Set(left), Set(right))
        return (
            left.filter { counts[$0] == 0 && inRight.contains($0) },
            right.filter { counts[$0] == 0 && inLeft.contains($0) }
        )
    }
}
