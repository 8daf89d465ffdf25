/// Finds out how the matter of two questions lines up.
enum Lining {
    static func alignment(_ pair: QuestionPair) -> QuestionPair.Alignment {
        let (a, b) = (pair.lineA, pair.lineB)
        if a == b { return .same }
        guard a.count == b.count, a.count > 1 else { return .none }
        for count in 1..<a.count where a[count] == b[0] && isRotated(pair, count) { return .rotated(count) }
        return mirrored(pair).map { .mirrored($0) } ?? .none
    }

    /// True where one clause went from the front to the end, or back, and a question or request is the
    /// rest.
    private static func isRotated(_ pair: QuestionPair, _ count: Int) -> Bool {
        let (a, b) = (pair.lineA, pair.lineB)
        guard a[count...].elementsEqual(b[..<(b.count - count)]),
            a[..<count].elementsEqual(b[(b.count - count)...])
        else { return false }
        return fronts(pair.a, pair.marksA, count, rest: pair.marksB)
            || fronts(pair.b, pair.marksB, b.count - count, rest: pair.marksA)
    }

    /// True where the first words of `question` may as well come last, and `rest` begins with the others.
    private static func fronts(
        _ question: Question, _ marks: [FunctionMark], _ count: Int, rest: [FunctionMark]
    ) -> Bool {
        guard question.isFronted else { return false }
        return question.frontEnd == count || opens(marks, at: count) && opens(rest, at: 0)
    }

    /// True where a question word or verb form that opens a question stands before that word.
    private static func opens(_ marks: [FunctionMark], at place: Int) -> Bool {
        marks.contains { $0.next == place && openers.contains($0.group) }
    }

    private static let openers: Set<String> = [
        "what", "which", "who", "whom", "when", "where", "why", "how", "can", "could", "should", "must",
        "may", "will",
        "would", "did", "was", "i", "we",
    ]

    /// True for "between a and b", "a plus b", with the two the other way around and all else the same.
    private static func mirrored(_ pair: QuestionPair) -> ClosedRange<Int>? {
        let (a, b) = (pair.lineA, pair.lineB)
        guard let start = a.indices.first(where: { a[$0] != b[$0] }),
            let end = a.indices.last(where: { a[$0] != b[$0] })
        else { return nil }
        let length = end - start + 1
        for first in 1..<max(length, 2) where first < length {
            let (left, right) = (a[start..<start + first], a[start + first...end])
            guard b[start...end].elementsEqual(Array(right) + Array(left)) else { continue }
            if joins(pair.marksA, pair, from: start, middle: start + first, end: end)
                && joins(pair.marksB, pair, from: start, middle: start + right.count, end: end)
            {
                return start...end
            }
        }
        return nil
    }

    private static func joins(
        _ marks: [FunctionMark], _ pair: QuestionPair, from start: Int, middle: Int, end: Int
    ) -> Bool {
        // Nothing but "and" or "plus" may stand inside.
        let inside = marks.filter { $0.next > start && $0.next <= end }
        guard inside.count == 1, inside[0].next == middle else { return false }
        let areNumbers = start + 1 == middle && middle == end
        if inside[0].group == "plus" { return areNumbers }
        return inside[0].group == "and" && marks.contains { $0.next == start && $0.group == "between" }
    }
}
