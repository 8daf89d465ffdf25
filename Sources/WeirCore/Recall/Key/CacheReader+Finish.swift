extension CacheReader {
    /// Gathers the body's members in order and says what they amount to.
    mutating func finish(_ object: CanonicalText.Object) throws(CacheObstacle) {
        try canonical.order(from: object.first)
        let out = canonical.out
        let members = canonical.members[object.first...]
        let total = members.reduce(2) { $0 + $1.size } - (members.isEmpty ? 0 : 1)
        let tail: [UInt8] = version.map { [0x76] + Array($0.utf8) } ?? []
        request.canonical = [UInt8](unsafeUninitializedCapacity: total + tail.count) { (bytes, filled) in
            guard let base = bytes.baseAddress else { return }
            base[0] = 0x7B
            filled = 1
            for member in members {
                (base + filled).initialize(from: out + member.start, count: member.size)
                filled += member.size
            }
            // In place of the last comma, if there is a member.
            base[total - 1] = 0x7D
            (base + total).initialize(from: tail, count: tail.count)
            filled = total + tail.count
        }
        var start = 1
        for member in members {
            if let question, member.start <= question.lowerBound,
                question.lowerBound < member.start + member.size
            {
                let shift = start - member.start
                request.questionRange = question.lowerBound + shift..<question.upperBound + shift
            }
            start += member.size
        }
        makeDigests(members)
        if endpoint == .embeddings { request.isDeterministic = true }
        judgeQuestion()
    }

    private mutating func makeDigests(_ members: ArraySlice<CanonicalText.Member>) {
        request.fields.reserveCapacity(min(members.count, CacheRequest.maxFields) + 2)
        for member in members.prefix(CacheRequest.maxFields) {
            let name = UnsafeBufferPointer(start: canonical.out + member.start + 1, count: member.length)
            // Without the quotes and the colon in front and the comma behind.
            let value = UnsafeRawBufferPointer(
                start: canonical.out + member.start + member.length + 3,
                count: member.size - member.length - 4)
            let row = index.body.find(member, in: canonical.out).map { index.body.fields[$0].name }
            request.fields.append(
                FieldDigest(
                    name: row ?? String(decoding: name, as: UTF8.self), hash: FastHash.hash64(value)))
        }
        var hash: UInt64 = 0
        for member in members.dropFirst(CacheRequest.maxFields) {
            let bytes = UnsafeRawBufferPointer(start: canonical.out + member.start, count: member.size)
            hash = (hash &* 0x9E37_79B9_7F4A_7C15) ^ FastHash.hash64(bytes)
        }
        if members.count > CacheRequest.maxFields {
            request.fields.append(FieldDigest(name: "(others)", hash: hash))
        }
        if let version {
            request.fields.append(
                FieldDigest(name: "x-weir-cache-version", hash: FastHash.hash64(of: version)))
        }
    }

    private mutating func judgeQuestion() {
        request.questionText = request.questionRange.flatMap { decoded($0) }
        if request.notCacheable != nil {
            request.semanticObstacle = .notCacheable
        } else if endpoint == .embeddings {
            request.semanticObstacle = .endpoint
        } else if let last {
            request.semanticObstacle = obstacle(last) ?? (request.hasTools ? .tools : nil)
        } else {
            request.semanticObstacle = .noMessages
        }
    }

    private func obstacle(_ last: MessageNotes) -> SemanticObstacle? {
        if last.hasToolResult || last.role == .tool { return .toolResult }
        if last.role != .user { return .notUser }
        if last.others > 0 { return .attachment }
        if last.texts > 1 { return .severalTexts }
        guard let range = request.questionRange, !range.isEmpty else { return .empty }
        if range.count > CacheRequest.maxQuestion { return .tooLong }
        return request.questionText == nil ? .unreadable : nil
    }

    /// The text of a canonical string; `nil` for one that is too long or no Unicode: different texts must not
    /// look alike once they are decoded.
    private func decoded(_ range: Range<Int>) -> String? {
        guard range.count <= CacheRequest.maxQuestion else { return nil }
        var form = request.canonical[range]
        guard form.contains(0x5C) else { return String(validating: form, as: UTF8.self) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(form.count)
        while let c = form.popFirst() {
            guard c == 0x5C, let escape = form.popFirst() else {
                bytes.append(c)
                continue
            }
            switch escape {
            case 0x62: bytes.append(0x08)
            case 0x66: bytes.append(0x0C)
            case 0x6E: bytes.append(0x0A)
            case 0x72: bytes.append(0x0D)
            case 0x74: bytes.append(0x09)
            case 0x75:
                // A control character is `\u00xx`; what else stands like this is half a surrogate pair.
                let digits = String(decoding: form.prefix(4), as: UTF8.self)
                guard let control = UInt8(digits, radix: 16) else { return nil }
                bytes.append(control)
                form = form.dropFirst(4)
            default: bytes.append(escape)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
