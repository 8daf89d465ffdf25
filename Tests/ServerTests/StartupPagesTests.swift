import Testing

@testable import WeirServer

@Suite struct StartupPagesTests {
    @Test func codeOfAFileIsFound() {
        let line = "55b083eca000-55b08662d000 r-xp 00000000 fe:00 16223192                   /tmp/weir\n"
        #expect(StartupPages.codeRegion(line) == 0x55b0_83ec_a000..<0x55b0_8662_d000)
    }

    @Test(arguments: [
        "55b08662d000-55b086745000 r--p 02762000 fe:00 16223192                   /tmp/weir\n",
        "55b086745000-55b088ca6000 rw-p 0287a000 fe:00 16223192                   /tmp/weir\n",
        "7ffd1e5f2000-7ffd1e5f4000 r-xp 00000000 00:00 0                          [vdso]\n",
        "55b088ca6000-55b088dca000 r-xp 00000000 00:00 0 \n", "",
    ])
    func nothingElseIsLetGo(line: String) {
        #expect(StartupPages.codeRegion(line) == nil)
    }
}
