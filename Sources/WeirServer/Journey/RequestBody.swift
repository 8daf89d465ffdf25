import NIOCore
import WeirCore

/// The body of a request: gathered where Weir must read it, passed on as it comes where it need not.
struct RequestBody {
    /// True where the whole body is held, up to the limit, before anything is decided.
    let isGathered: Bool
    /// As the caller declared it.
    let declaredLength: Int?
    private let limit: Int
    private let limitName: String
    /// The whole body so far (gathered).
    private(set) var bytes: ByteBuffer?
    /// Parts not yet sent (streamed).
    private(set) var queued: [ByteBuffer] = []
    private(set) var isComplete = false
    private var seen = 0
    /// Set when the declared length is over the limit: nothing of the body is held.
    private(set) var problem: WeirError?

    init(declaredLength: Int?, isGathered: Bool, limits: Limits) {
        self.isGathered = isGathered
        limit = isGathered ? limits.bodyBytes : limits.uploadBytes
        limitName = isGathered ? "limits.body" : "limits.upload"
        self.declaredLength = declaredLength
        if let declaredLength, declaredLength > limit { problem = tooLarge(declaredLength) }
    }

    var isRefused: Bool { problem != nil }

    /// True when a request has no body at all.
    var isAbsent: Bool { isComplete && seen == 0 }

    /// Returns a problem when the limit is passed.
    mutating func append(_ part: ByteBuffer) -> WeirError? {
        guard problem == nil else { return nil }
        seen += part.readableBytes
        guard seen <= limit else {
            problem = tooLarge(seen)
            bytes = nil
            return problem
        }
        guard isGathered else {
            queued.append(part)
            return nil
        }
        guard bytes != nil else {
            if let declaredLength, declaredLength > part.readableBytes {
                // Room for all of it at once; the limit bounds it.
                var whole = ByteBufferAllocator().buffer(capacity: declaredLength)
                whole.writeImmutableBuffer(part)
                bytes = whole
            } else {
                bytes = part
            }
            return nil
        }
        bytes?.writeImmutableBuffer(part)
        return nil
    }

    mutating func ended() { isComplete = true }

    mutating func takeQueued() -> [ByteBuffer] {
        defer { queued = [] }
        return queued
    }

    /// Bytes waiting for the provider's connection.
    var queuedBytes: Int { queued.reduce(0) { $0 + $1.readableBytes } }

    /// Lets go of the bytes, when no other attempt can need them.
    mutating func drop() { bytes = nil }

    private func tooLarge(_ size: Int) -> WeirError {
        WeirError(
            .bodyTooLarge,
            "The request body has \(size) bytes or more; the limit here is \(limit) (\(limitName)). Send less, or raise the limit.")
    }
}
