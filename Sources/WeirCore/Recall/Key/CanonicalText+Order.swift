extension CanonicalText {
    /// True when the name of `a` comes before that of `b`; of equal names neither does.
    @inline(__always)
    static func isBefore(_ a: Member, _ b: Member, _ out: UnsafeMutablePointer<UInt8>) -> Bool {
        a.key != b.key ? a.key < b.key : isBeforeBehindKey(a, b, out)
    }

    @inline(never)
    private static func isBeforeBehindKey(
        _ a: Member, _ b: Member, _ out: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        var k = 8
        while k < min(a.length, b.length) {
            let (x, y) = (out[a.start &+ 1 &+ k], out[b.start &+ 1 &+ k])
            if x != y { return x < y }
            k &+= 1
        }
        return a.length < b.length
    }

    /// Sets the sizes of an object's members and brings `members`, not their bytes, into order.
    ///
    /// - Throws: `duplicateMember` for two of the same name.
    mutating func order(from first: Int) throws(CacheObstacle) {
        let out = out
        var end = count
        for k in (first..<members.count).reversed() {
            members[k].size = end &- members[k].start
            end = members[k].start
        }
        guard members.count &- first > 1 else { return }
        if members.count &- first > 16 {
            members[first...].sort { Self.isBefore($0, $1, out) }
        } else {
            for k in first &+ 1..<members.count {
                let member = members[k]
                var place = k
                while place > first, Self.isBefore(member, members[place &- 1], out) {
                    members[place] = members[place &- 1]
                    place &-= 1
                }
                members[place] = member
            }
        }
        for k in first &+ 1..<members.count where !Self.isBefore(members[k &- 1], members[k], out) {
            throw .duplicateMember
        }
    }

    /// Brings the members of an object into order, whose last comma was just written.
    ///
    /// The longest one is moved in place and only the others are copied out and back: in prompts nearly all
    /// bytes are one member's.
    @inline(never)
    mutating func sort(_ object: Object) throws(CacheObstacle) {
        let total = count &- object.start
        movable &-= total
        guard movable >= 0 else { throw .tooComplex }
        try order(from: object.first)
        var longest = object.first
        for k in object.first..<members.count where members[k].size > members[longest].size { longest = k }
        let others = total &- members[longest].size
        if scratch.count < others { scratch = [UInt8](repeating: 0, count: max(512, 2 &* others)) }
        var start = object.start
        var moved: Range<Int>?
        for member in members[object.first...] {
            if let mark, member.start <= mark.lowerBound, mark.lowerBound < member.start &+ member.size {
                let shift = start &- member.start
                moved = mark.lowerBound &+ shift..<mark.upperBound &+ shift
            }
            start &+= member.size
        }
        mark = moved ?? mark
        move(object, longest, others)
    }

    private mutating func move(_ object: Object, _ longest: Int, _ others: Int) {
        let out = out
        let (first, behind) = (object.first, members.count)
        let (members, target) = (members, out + object.start)
        scratch.withUnsafeMutableBufferPointer { (scratch) in
            guard let scratch = scratch.baseAddress else { return }
            var (filled, ahead) = (0, 0)
            for k in first..<behind where k != longest {
                (scratch + filled).update(from: out + members[k].start, count: members[k].size)
                filled &+= members[k].size
                if k < longest { ahead = filled }
            }
            (target + ahead).update(from: out + members[longest].start, count: members[longest].size)
            target.update(from: scratch, count: ahead)
            (target + ahead + members[longest].size).update(from: scratch + ahead, count: others &- ahead)
        }
    }
}
