import CWeirEmbed
import Foundation

@testable import WeirCore
@testable import WeirServer

/// The encoder as `make setup` writes it, for tests.
enum ModelImage {
    struct Missing: Error, CustomStringConvertible {
        let description =
            "no sentence encoder at .build/models/\(SentenceEncoder.imageName): run `make setup`"
    }

    /// The folder that holds `Package.swift`.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func path() throws -> String {
        let file = root.appending(path: ".build/models/\(SentenceEncoder.imageName)")
        guard FileManager.default.fileExists(atPath: file.path) else { throw Missing() }
        return file.path
    }

    /// One for all tests that do not care for the instruction set.
    static func encoder() throws -> SentenceEncoder { try shared.get() }

    private static let shared = Result { try SentenceEncoder(image: path()) }

    /// All paths that this machine can take.
    static let paths = (0..<UInt32(WEIR_PATHS)).filter { weir_embed_paths() >> $0 & 1 == 1 }
        .map(weir_path.init(rawValue:))

    static func fixture(_ name: String) throws -> Data {
        try Data(contentsOf: root.appending(path: "Tests/CoreTests/Fixtures/embedding/\(name)"))
    }
}

/// A folder that is removed with the last that holds it.
final class EncoderFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "weir-encoder-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes a file; returns its path.
    func put(_ bytes: Data, _ name: String = "image.weir") throws -> String {
        let file = url.appending(path: name)
        try bytes.write(to: file)
        return file.path
    }
}
