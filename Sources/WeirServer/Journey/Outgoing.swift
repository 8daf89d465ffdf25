import NIOCore
import NIOHTTP1
import WeirCore

/// A request as it goes to a provider.
struct Outgoing {
    let head: ByteBuffer
    /// The body: slices of the caller's bytes with the splices between them. Empty where it streams.
    let body: [ByteBuffer]
    /// A streamed body of unknown length.
    let isChunked: Bool
    /// Names of the rules that changed bytes, comma separated; `nil` for none.
    let splices: String?
}

extension Exchange {
    /// Writes the request for a target: the caller's bytes, but for the declared splices.
    func makeOutgoing(_ planned: Planned, _ aim: Aim) -> Outgoing {
        let splices = splices(planned, target: aim.target)
        let rules = splices.isEmpty ? nil : splices.rules.map(\.rawValue).joined(separator: ",")
        relaying.removesUsageChunk = splices.rules.contains(.includeUsage)
        var head = ByteBufferAllocator().buffer(capacity: 2048 + inlineLength)
        writeRequestLine(planned, aim.upstream, to: &head)
        let isChunked =
            !body.isGathered && body.declaredLength == nil
            && headFacts.isChunked
        let length =
            body.isGathered ? (body.bytes?.readableBytes ?? 0) + splices.byteCountChange : body.declaredLength
        writeFields(planned, aim, to: &head)
        if isChunked {
            head.writeStaticString("transfer-encoding: chunked\r\n")
        } else if let length, length > 0 || self.head.method != .GET && self.head.method != .HEAD {
            head.writeStaticString("content-length: ")
            head.writeDecimal(length)
            head.writeStaticString("\r\n")
        }
        head.writeStaticString("\r\n")
        guard let bytes = body.bytes else {
            return Outgoing(head: head, body: [], isChunked: isChunked, splices: rules)
        }
        if inlineLength > 0 {
            append(bytes, splices, to: &head)
            return Outgoing(head: head, body: [], isChunked: false, splices: rules)
        }
        return Outgoing(head: head, body: slices(of: bytes, splices), isChunked: false, splices: rules)
    }

    /// The head of a request that is sent again in its smallest form, with a body of `length` bytes.
    func makeRefreshHead(_ planned: Planned, _ aim: Aim, length: Int) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 1024)
        writeRequestLine(planned, aim.upstream, to: &buffer)
        // A key that says "the same request as before" would be wrong here.
        writeFields(planned, aim, without: "idempotency-key", to: &buffer)
        buffer.writeStaticString("content-length: ")
        buffer.writeDecimal(length)
        buffer.writeStaticString("\r\n\r\n")
        return buffer
    }

    /// A small body goes into the head's buffer: one write, one copy of a few kilobytes.
    private var inlineLength: Int {
        guard let count = body.bytes?.readableBytes, count <= 8 * 1024 else { return 0 }
        return count
    }

    /// A key of Weir's never reaches a provider.
    private func isOurs(_ value: String) -> Bool {
        snapshot.keys.caller(presenting: PresentedKey.withoutScheme(value)) != nil
    }

    func splices(_ planned: Planned, target: Plan.Target) -> SpliceList {
        var splices = SpliceList()
        guard let facts = planned.admitted.facts, let bytes = body.bytes else { return splices }
        if let model = target.model, model != facts.model,
            let splice = Splices.replacingModel(facts, with: model)
        {
            _ = splices.insert(splice)
        }
        if endpoint == .chatCompletions, facts.isStream, facts.includeUsage != true {
            let added = bytes.withUnsafeReadableBytes { Splices.addingIncludeUsage(facts, $0) }
            if let added { _ = splices.insert(added) }
        }
        // Before the marks: one that would stand in a parked block goes with it.
        for splice in signatureSplices(planned, upstream: snapshot.upstreams[target.providerIndex]) {
            _ = splices.insert(splice)
        }
        for splice in planned.promptSplices { _ = splices.insert(splice) }
        return splices
    }

    private func append(_ bytes: ByteBuffer, _ splices: SpliceList, to buffer: inout ByteBuffer) {
        bytes.withUnsafeReadableBytes { whole in
            splices.forEachSegment(
                bodyCount: whole.count,
                keep: { buffer.writeBytes(UnsafeRawBufferPointer(rebasing: whole[$0])) },
                insert: { buffer.writeBytes($0) })
        }
    }

    private func slices(of bytes: ByteBuffer, _ splices: SpliceList) -> [ByteBuffer] {
        if splices.isEmpty { return [bytes] }
        var slices: [ByteBuffer] = []
        let base = bytes.readerIndex
        splices.forEachSegment(
            bodyCount: bytes.readableBytes,
            keep: { range in
                if let slice = bytes.getSlice(at: base + range.lowerBound, length: range.count) {
                    slices.append(slice)
                }
            },
            insert: { slices.append(ByteBuffer(bytes: $0)) })
        return slices
    }

    // MARK: Head

    private func writeRequestLine(_ planned: Planned, _ upstream: Upstream, to buffer: inout ByteBuffer) {
        buffer.writeString(head.method.rawValue)
        buffer.writeStaticString(" ")
        switch planned.path {
        case .surface(let path): buffer.writeString(upstream.base.path(for: path, dialect: dialect))
        case .raw(let rest): buffer.writeString(upstream.base.rawPath(rest))
        }
        buffer.writeStaticString(" HTTP/1.1\r\nhost: ")
        buffer.writeString(upstream.base.hostHeader)
        buffer.writeStaticString("\r\n")
    }

    private func writeFields(
        _ planned: Planned, _ aim: Aim, without left: String? = nil, to buffer: inout ByteBuffer
    ) {
        let passesCredential = planned.candidates.passesCredential
        let tokens = headFacts.connectionTokens
        for (name, value) in head.headers {
            switch RequestField.kind(of: name) {
            case .passing: break
            case .dropped, .connection, .ours: continue
            case .credential where !passesCredential || isOurs(value): continue
            case .credential: break
            case .acceptEncoding where readsReply: continue
            case .acceptEncoding: break
            }
            if !tokens.isEmpty && tokens.contains(where: { $0.utf8.equalsIgnoringCase(name.utf8) }) {
                continue
            }
            if let left, left.utf8.equalsIgnoringCase(name.utf8) { continue }
            buffer.writeField(name, value)
        }
        if readsReply { buffer.writeStaticString("accept-encoding: identity\r\n") }
        if let credential = aim.credential {
            buffer.writeField(credential.fieldName, credential.fieldValue.reveal())
        }
    }

    /// True where the credential beside, or in place of, a key of Weir's is the caller's own.
    var showsOwnCredential: Bool {
        [headFacts.apiKey, headFacts.authorization].contains { value in
            value.map { !isOurs($0) } ?? false
        }
    }

    /// True where Weir must be able to read the reply, which it cannot when it is compressed.
    var readsReply: Bool { metered != nil || rewritesResultsURL }

    /// Message batches name an absolute URL that SDKs follow; it has to lead back here.
    var rewritesResultsURL: Bool {
        guard endpoint == .anthropicOther else { return false }
        return head.uri.hasPrefix("/v1/messages/batches") && !head.uri.contains("/results")
    }
}
