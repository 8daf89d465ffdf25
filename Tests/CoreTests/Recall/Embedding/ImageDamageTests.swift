import CWeirEmbed
import Foundation
import Testing

@testable import WeirCore

@Suite struct ImageDamageTests {
    /// A copy of the image that a test may spoil.
    private final class Copy {
        let bytes: UnsafeMutableRawBufferPointer

        init() throws {
            let image = try EncoderImage.bytes()
            bytes = .allocate(byteCount: image.count + 64, alignment: 64)
            bytes.copyMemory(from: image)
        }

        deinit { bytes.deallocate() }

        func fault(count: Int, from: Int = 0) -> weir_image_fault {
            var image = weir_image()
            return weir_image_open(bytes.baseAddress.map { $0 + from }, count, &image)
        }

        func put(_ value: UInt32, at offset: Int) {
            bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
        }
    }

    @Test func theImageIsRight() throws {
        let image = try EncoderImage.opened()
        #expect(image.pieces == 30_522)
        #expect(String(cString: image.name) == "all-MiniLM-L6-v2")
        #expect(image.count == 24_468_672)
    }

    @Test func oneChangedBitAnywhereIsRefused() throws {
        let copy = try Copy()
        let count = copy.bytes.count - 64
        var draws = Draws(7)
        let elsewhere = (0..<150).map { _ in Int.random(in: 160..<count, using: &draws) }
        for place in Array(0..<160) + elsewhere + [count - 1] {
            let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &draws)
            copy.bytes[place] ^= bit
            #expect(copy.fault(count: count) != WEIR_IMAGE_RIGHT, "byte \(place)")
            copy.bytes[place] ^= bit
        }
        #expect(copy.fault(count: count) == WEIR_IMAGE_RIGHT)
    }

    @Test func aCutOrGrownImageIsRefused() throws {
        let copy = try Copy()
        let count = copy.bytes.count - 64
        var draws = Draws(2)
        let random = (0..<200).map { _ in Int.random(in: 0..<count, using: &draws) }
        for size in Array(0...400) + random + [
            count - 64, count - 8, count - 1, count + 1, count + 8, count + 64,
        ] {
            #expect(copy.fault(count: size) == WEIR_IMAGE_CUT, "\(size) bytes")
        }
    }

    @Test func aHeaderThatPromisesOtherSizesIsRefused() throws {
        let copy = try Copy()
        let count = copy.bytes.count - 64
        // Offsets of the fields in the header, each with a value that could lead outside.
        let lies: [(offset: Int, value: UInt32, fault: weir_image_fault)] = [
            (8, 0, WEIR_IMAGE_VERSION), (8, 2, WEIR_IMAGE_VERSION), (8, 0x0100_0000, WEIR_IMAGE_FOREIGN),
            (0, 0, WEIR_IMAGE_FOREIGN), (12, 0, WEIR_IMAGE_VERSION), (16, 0, WEIR_IMAGE_CUT),
            (96, 385, WEIR_IMAGE_SHAPE), (100, 7, WEIR_IMAGE_SHAPE), (112, .max, WEIR_IMAGE_SHAPE),
            (124, 0, WEIR_IMAGE_SHAPE), (124, .max, WEIR_IMAGE_SHAPE), (124, 30_523, WEIR_IMAGE_CUT),
            (128, .max, WEIR_IMAGE_SHAPE), (128, 0, WEIR_IMAGE_CUT),
        ]
        for lie in lies {
            let before = copy.bytes.loadUnaligned(fromByteOffset: lie.offset, as: UInt32.self)
            copy.put(lie.value, at: lie.offset)
            #expect(copy.fault(count: count) == lie.fault, "\(lie.value) at \(lie.offset)")
            copy.bytes.storeBytes(of: before, toByteOffset: lie.offset, as: UInt32.self)
        }
    }

    @Test func anImageThatIsNotAtAWholeLineOfMemoryIsRefused() throws {
        let copy = try Copy()
        for from in [1, 8, 32, 63] {
            #expect(copy.fault(count: copy.bytes.count - 64, from: from) == WEIR_IMAGE_MISPLACED)
        }
        var image = weir_image()
        #expect(weir_image_open(nil, 1_000, &image) == WEIR_IMAGE_CUT)
    }

    /// The page behind the bytes may not be touched, so that a read beyond the end would end the process.
    @Test func nothingBehindTheBytesIsRead() throws {
        let image = try EncoderImage.bytes()
        let page = Int(getpagesize())
        let size = 4 * page
        let area = try #require(mmap(nil, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0))
        defer { munmap(area, size + page) }
        #expect(mprotect(area + size, page, PROT_NONE) == 0)
        for count in stride(from: 0, through: size, by: 64) {
            let start = area + (size - count)
            start.copyMemory(from: image.baseAddress ?? UnsafeRawPointer(area), byteCount: count)
            var opened = weir_image()
            #expect(weir_image_open(start, count, &opened) == WEIR_IMAGE_CUT)
        }
    }
}
