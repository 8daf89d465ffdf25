import NIOCore

/// Sizes the buffers that a connection reads into, and lets go of each one once its bytes are used.
///
/// NIO keeps the first buffer of a channel for the life of the channel, and with `readsPerTurn` of 1 only
/// that one. It is tiny here, so that an open connection on which nothing comes holds no buffer; the first
/// read of a connection is short for it.
struct ReadBuffers: RecvByteBufferAllocator {
    /// The value that `ChannelOptions.maxMessagesPerRead` must have.
    ///
    /// Buffers grow to what a socket holds, so one read a turn is enough.
    static let readsPerTurn: UInt = 1
    /// Bytes of the buffer that NIO keeps.
    private static let kept = 64
    private static let smallest = 512
    private static let largest = 256 * 1024

    /// Bytes of the next buffer; `kept` until the first read.
    private var size = kept
    /// Reads in a row that left most of their buffer empty.
    private var emptyReads = 0

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer { allocator.buffer(capacity: size) }

    /// `nil`: NIO shall not offer a buffer it has used before.
    func nextBufferSize() -> Int? { nil }

    /// Always true, for the same reason.
    mutating func record(actualReadBytes: Int) -> Bool {
        if size == Self.kept {
            size = 2048
        } else if actualReadBytes >= size {
            size = min(size * 4, Self.largest)
            emptyReads = 0
        } else if actualReadBytes < size / 4, size > Self.smallest {
            emptyReads += 1
            if emptyReads == 2 {
                size /= 2
                emptyReads = 0
            }
        } else {
            emptyReads = 0
        }
        return true
    }
}
