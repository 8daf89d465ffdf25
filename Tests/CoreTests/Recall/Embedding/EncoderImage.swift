import CWeirEmbed
import Foundation

@testable import WeirCore

/// The encoder's image as `make setup` writes it, and fixtures made with the reference implementation.
enum EncoderImage {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// The image's bytes, at a multiple of 64 in memory; they stay for the whole process.
    static func bytes() throws -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(try loaded.get()) }

    static func opened() throws -> weir_image {
        let bytes = try bytes()
        var image = weir_image()
        guard weir_image_open(bytes.baseAddress, bytes.count, &image) == WEIR_IMAGE_RIGHT else {
            throw Missing(
                description: "the encoder's image is not right: remove \(path) and run `make setup`")
        }
        return image
    }

    static func pieces() throws -> WordPieces {
        let image = try opened()
        let words = UnsafeRawBufferPointer(start: image.vocabulary, count: image.vocabulary_count)
        guard let vocabulary = WordPieceVocabulary(words) else {
            throw Missing(description: "the vocabulary in \(path) is not right")
        }
        return WordPieces(vocabulary)
    }

    static func fixture(_ name: String) throws -> Data {
        try Data(contentsOf: SourceTree.root.appending(path: "Tests/CoreTests/Fixtures/embedding/\(name)"))
    }

    /// All paths that this machine can take.
    static let paths = (0..<UInt32(WEIR_PATHS)).filter { weir_embed_paths() >> $0 & 1 == 1 }
        .map(weir_path.init(rawValue:))

    static func name(_ path: weir_path) -> String { String(cString: weir_path_name(path)) }

    static func aligned(_ data: [UInt8]) -> UnsafeMutableRawBufferPointer {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: max(data.count, 1), alignment: 64)
        room.copyBytes(from: data)
        return UnsafeMutableRawBufferPointer(rebasing: room[..<data.count])
    }

    private static let path = ".build/models/all-MiniLM-L6-v2.weir"

    // Sendable: written once, before anybody else has it.
    private struct Loaded: @unchecked Sendable {
        let bytes: UnsafeMutableRawBufferPointer
    }

    private static let loading = Result {
        let file = SourceTree.root.appending(path: path)
        guard let data = try? Data(contentsOf: file) else {
            throw Missing(description: "no sentence encoder at \(path): run `make setup`")
        }
        return Loaded(bytes: aligned([UInt8](data)))
    }

    private static var loaded: Result<UnsafeMutableRawBufferPointer, any Error> { loading.map(\.bytes) }
}
