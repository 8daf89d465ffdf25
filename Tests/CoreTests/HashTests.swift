import Testing

@testable import WeirCore

@Suite struct HashTests {
    @Test(
        arguments: [
            (0, 0x5BD0_65C9_2AD2_9614), (1, 0x09CD_C8C7_EAAD_56C9), (7, 0x6663_097C_5676_2E49),
            (8, 0x48A1_811B_969E_FEB5), (9, 0xBDBA_EDF9_0222_88D7), (15, 0x46F5_73CC_A06A_7D6A),
            (16, 0x0703_1E30_2B9F_0A68), (17, 0x69A0_BEEB_C1C8_9350), (31, 0xF6F6_600E_F8FF_5D65),
            (63, 0x5396_1916_93D5_B119), (64, 0xBA94_C4BB_B0A6_658C), (65, 0x10AC_44ED_AC6C_A3AB),
            (127, 0xEE4A_8231_9FEF_D5CC), (128, 0xB858_160D_8BD7_86AC), (1000, 0xF024_608B_E468_3FC1),
        ] as [(Int, UInt64)])
    func hashesAreFixedForever(_ length: Int, _ expected: UInt64) {
        // Stored fingerprints compare with these; whoever changes the function breaks them.
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) }
        #expect(bytes.withUnsafeBytes(FastHash.hash64) == expected)
    }

    @Test func placeInMemoryDoesNotMatter() {
        let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for shift in 0..<16 {
            let padded = [UInt8](repeating: 9, count: shift) + bytes
            let hash = padded.withUnsafeBytes {
                FastHash.hash64(UnsafeRawBufferPointer(rebasing: $0[shift...]))
            }
            #expect(hash == bytes.withUnsafeBytes(FastHash.hash64))
        }
    }

    @Test func lengthsOfZerosDiffer() {
        var seen: Set<UInt64> = []
        for length in 0..<1000 {
            seen.insert([UInt8](repeating: 0, count: length).withUnsafeBytes(FastHash.hash64))
        }
        #expect(seen.count == 1000)
    }

    @Test func oneBitChangesAboutHalfOfTheHash() {
        var bytes = (0..<150).map { UInt8(truncatingIfNeeded: $0) }
        let before = bytes.withUnsafeBytes(FastHash.hash64)
        var changed = 0
        var fewest = 64
        for i in 0..<bytes.count * 8 {
            bytes[i / 8] ^= 1 << (i % 8)
            let bits = (bytes.withUnsafeBytes(FastHash.hash64) ^ before).nonzeroBitCount
            bytes[i / 8] ^= 1 << (i % 8)
            changed += bits
            fewest = min(fewest, bits)
        }
        let mean = Double(changed) / Double(bytes.count * 8)
        #expect(mean > 31 && mean < 33 && fewest > 8)
    }
}
