import CZstd

/// Answers as zstd frames.
enum CacheBody {
    /// The fastest of zstd's regular levels. Tables of how often each byte comes are most of what packing costs
    /// and gain nothing in small answers; negative levels leave them out (measured: 1 KB in 1.8 µs, not 5.4).
    private static func level(for count: Int) -> Int32 { count < 2048 ? -1 : 1 }

    /// Makes frames, with working memory that is made once.
    // Not Sendable: for one thread at a time.
    final class Packer {
        private let context = ZSTD_createCCtx()

        deinit { ZSTD_freeCCtx(context) }

        /// A frame of the bytes; `nil` where zstd has no memory.
        func pack(_ bytes: [UInt8]) -> [UInt8]? {
            guard let context else { return nil }
            let room = ZSTD_compressBound(bytes.count)
            var isPacked = false
            let frame = [UInt8](unsafeUninitializedCapacity: room) { memory, count in
                let size = bytes.withUnsafeBytes {
                    ZSTD_compressCCtx(
                        context, memory.baseAddress, memory.count, $0.baseAddress, $0.count,
                        CacheBody.level(for: bytes.count))
                }
                isPacked = ZSTD_isError(size) == 0
                count = isPacked ? size : 0
            }
            return isPacked ? frame : nil
        }
    }

    /// The bytes of a frame; `nil` where it is damaged, or does not say itself that they are `count`.
    ///
    /// No more than `count` bytes are allocated, whatever the frame holds.
    static func unpack(_ frame: UnsafeRawBufferPointer, count expected: Int, limit: Int) -> [UInt8]? {
        guard expected >= 0, expected <= limit,
            ZSTD_getFrameContentSize(frame.baseAddress, frame.count) == UInt64(expected)
        else { return nil }
        var isWhole = false
        let bytes = [UInt8](unsafeUninitializedCapacity: expected) { memory, count in
            let size = ZSTD_decompress(memory.baseAddress, expected, frame.baseAddress, frame.count)
            isWhole = ZSTD_isError(size) == 0 && size == expected
            count = isWhole ? size : 0
        }
        return isWhole ? bytes : nil
    }
}
