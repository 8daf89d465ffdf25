/// Finds the words that capitals stand for.
enum Acronym {
    /// Where in `line` words begin with these letters, all of them words that only that side has.
    ///
    /// Small words between them may have a letter too (return on investment) or none.
    static func run(_ acronym: String, in line: [String], _ marks: [FunctionMark], only: [String]) -> Range<
        Int
    >? {
        let letters = Array(acronym.utf8)
        for start in line.indices {
            var (next, end) = (0, start)
            while next < letters.count, end < line.count, only.contains(line[end]),
                line[end].utf8.first == letters[next]
            {
                end += 1
                next += 1
                let between = marks.filter { $0.next == end }.map(\.group)
                guard next < letters.count, between.allSatisfy(joints.contains) else { break }
                if let joint = between.first, joint.utf8.first == letters[next], end + 1 < line.count,
                    next + 1 < letters.count, line[end].utf8.first == letters[next + 1]
                {
                    next += 1
                }
            }
            if next == letters.count, end - start >= 2 { return start..<end }
        }
        return nil
    }

    private static let joints: Set<String> = ["of", "on", "for", "and", "in", "to"]

    /// Puts the acronym in the place of the words, and moves what stands before later words along.
    static func replace(
        _ run: Range<Int>, by acronym: String, in line: inout [String], _ marks: inout [FunctionMark],
        _ only: inout [String]
    ) {
        for word in line[run] {
            if let index = only.firstIndex(of: word) { only.remove(at: index) }
        }
        line.replaceSubrange(run, with: [acronym])
        marks.removeAll { $0.next > run.lowerBound && $0.next < run.upperBound }
        marks = marks.map { mark in
            guard mark.next > run.lowerBound else { return mark }
            return FunctionMark(group: mark.group, speaks: mark.speaks, next: mark.next - run.count + 1)
        }
    }
}
