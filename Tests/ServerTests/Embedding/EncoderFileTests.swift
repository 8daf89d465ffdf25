import Foundation
import Testing

@testable import WeirCore
@testable import WeirServer

@Suite struct EncoderFileTests {
    private static func complaint(_ path: String) -> String? {
        do {
            _ = try SentenceEncoder(image: path)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func aMissingFileIsSaidWithItsPath() {
        #expect(
            Self.complaint("/nowhere/x.weir") == "/nowhere/x.weir: cannot open: No such file or directory")
        #expect(SentenceEncoder.find(given: "/nowhere/x.weir") == nil)
    }

    @Test func aFolderAndAnEmptyFileAreNoImages() throws {
        let folder = try EncoderFolder()
        #expect(try #require(Self.complaint(folder.url.path)).hasPrefix("\(folder.url.path): cannot map "))
        let empty = try folder.put(Data())
        #expect(Self.complaint(empty) == "\(empty): the file is empty")
    }

    @Test func anotherFileIsNoImage() throws {
        let folder = try EncoderFolder()
        let text = try folder.put(Data(String(repeating: "a text, not an image\n", count: 100).utf8))
        #expect(Self.complaint(text) == "\(text): not an image of the encoder")
        let short = try folder.put(Data("WEIRENC\n".utf8))
        #expect(try #require(Self.complaint(short)).hasPrefix("\(short): the file is not whole; "))
    }

    @Test func whatIsWrongWithAnImageIsSaid() throws {
        let folder = try EncoderFolder()
        let right = try Data(contentsOf: URL(filePath: ModelImage.path()))
        let cut = try folder.put(right.dropLast(64), "cut")
        #expect(try #require(Self.complaint(cut)).contains(": the file is not whole; `make setup`"))
        var damaged = right
        damaged[damaged.startIndex + 9_000_000] ^= 4
        let file = try folder.put(damaged, "damaged")
        #expect(try #require(Self.complaint(file)).contains(": the file is damaged; `make setup`"))
        var newer = right
        newer[newer.startIndex + 8] = 2
        let other = try folder.put(newer, "newer")
        #expect(try #require(Self.complaint(other)).contains(": written for another version of Weir; "))
        #expect(try Self.complaint(folder.put(right, "copy")) == nil)
    }

    @Test func anEncoderOutlivesItsFile() throws {
        let folder = try EncoderFolder()
        let file = try folder.put(Data(contentsOf: URL(filePath: ModelImage.path())))
        let encoder = try SentenceEncoder(image: file)
        try FileManager.default.removeItem(atPath: file)
        let scratch = try #require(EncoderScratch())
        let ids = encoder.pieces.read("Is it still there?").ids
        #expect(try encoder.embed(ids, in: scratch) == ModelImage.encoder().embed(ids, in: scratch))
    }

    @Test func placesAreThoseOfABuildAndOfAnInstallation() {
        let name = "all-MiniLM-L6-v2.weir"
        #expect(SentenceEncoder.imageName == name)
        #expect(SentenceEncoder.places(given: "/etc/m.weir", executable: "/usr/bin/weir") == ["/etc/m.weir"])
        #expect(
            SentenceEncoder.places(given: nil, executable: "/w/.build/x86/release/weir") == [
                "/w/.build/x86/release/../models/\(name)", "/w/.build/x86/release/../../models/\(name)",
                "/w/.build/x86/release/../share/weir/\(name)",
            ])
        #expect(SentenceEncoder.places(given: nil, executable: "/weir").first == "/../models/\(name)")
        #expect(!SentenceEncoder.executable().isEmpty)
    }
}
