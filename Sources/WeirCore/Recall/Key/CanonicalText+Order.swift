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
        let (out, count) = (out, count)
        let areDifferent = members.withUnsafeMutableBufferPointer {
            (all: inout UnsafeMutableBufferPointer<Member>) -> Bool in
            var members = UnsafeMutableBufferPointer(rebasing: all[first...])
            var end = count
            for k in members.indices.reversed() {
                members[k].size = end &- members[k].start
                end = members[k].start
            }
            if members.count > 16 {
                members.sort { Self.isBefore($0, $1, out) }
            } else {
                Self.sortFew(members, out)
            }
            return members.indices.dropFirst().allSatisfy {
                Self.isBefore(members[$0 &- 1], members[$0], out)
            }
        }
        if !areDifferent { throw .duplicateMember }
    }

    private static func sortFew(
        _ members: UnsafeMutableBufferPointer<Member>, _ out: UnsafeMutablePointer<UInt8>
    ) {
        for k in members.indices.dropFirst() {
            let member = members[k]
            var place = k
            while place > 0, isBefore(member, members[place &- 1], out) {
                members[place] = members[place &- 1]
                place &-= 1
            }
            members[place] = member
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
        if scratch.count < others { scratch = [UInt8](repeating: 0, count: max(512, others &+ others / 2)) }
        if let mark, mark.lowerBound >= object.start { shift(mark, object) }
        move(object, longest, others)
    }

    /// Sets the mark to where it will be once the bytes are in order.
    private mutating func shift(_ range: Range<Int>, _ object: Object) {
        var start = object.start
        for member in members[object.first...] {
            if member.start <= range.lowerBound, range.lowerBound < member.start &+ member.size {
                let shift = start &- member.start
                mark = range.lowerBound &+ shift..<range.upperBound &+ shift
            }
            start &+= member.size
        }
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
