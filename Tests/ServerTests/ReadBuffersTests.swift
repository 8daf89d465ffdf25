import NIOCore
import Testing

@testable import WeirServer

@Suite struct ReadBuffersTests {
    private func capacity(_ buffers: ReadBuffers) -> Int {
        buffers.buffer(allocator: ByteBufferAllocator()).capacity
    }

    @Test func theBufferThatNIOKeepsIsTiny() {
        var buffers = ReadBuffers()
        #expect(capacity(buffers) == 64)
        let mayGrow = buffers.record(actualReadBytes: 64)
        #expect(mayGrow)
        #expect(capacity(buffers) == 2048)
        #expect(buffers.nextBufferSize() == nil)
    }

    @Test func buffersGrowWithFullReadsUpToABoundAndShrinkAfterTwoEmptyOnes() {
        var buffers = ReadBuffers()
        _ = buffers.record(actualReadBytes: 64)
        for expected in [8192, 32768, 131_072, 262_144, 262_144] {
            let full = capacity(buffers)
            _ = buffers.record(actualReadBytes: full)
            #expect(capacity(buffers) == expected)
        }
        _ = buffers.record(actualReadBytes: 100)
        #expect(capacity(buffers) == 262_144)
        _ = buffers.record(actualReadBytes: 100)
        #expect(capacity(buffers) == 131_072)
        for _ in 0..<40 { _ = buffers.record(actualReadBytes: 100) }
        #expect(capacity(buffers) == 512)
    }
}
