import CWeirEmbed
import WeirCore

/// Why there is no encoder.
struct EncoderError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Turns texts into vectors with the model of one image, on the thread that asks: a hundred words take some 10 ms.
///
/// May be used by any number of threads at a time, each with a scratch of its own.
// Sendable: the image never changes, and `file` keeps it in place.
final class SentenceEncoder: @unchecked Sendable {
    /// Most word pieces of a text, the two around it included.
    static let mostPieces = Int(WEIR_MAX_PIECES)

    /// Model, image and arithmetic: vectors are comparable where this is equal.
    ///
    /// The processor is not in it, since all instruction sets give the same vectors, bit for bit.
    let id: String
    /// The instruction set in use, for people: "avx512-vnni".
    let pathName: String
    let pieces: WordPieces
    private let file: MappedImage
    private let image: weir_image
    private let path: weir_path

    /// Maps an image and looks all of it through.
    ///
    /// - Parameter path: The instruction set to use; the machine's fastest unless a test wants another.
    /// - Throws: `EncoderError` when the file is not there, is not whole, or is not for this version of Weir.
    init(image name: String, path: weir_path = weir_best_path()) throws(EncoderError) {
        let file = try MappedImage(path: name)
        var image = weir_image()
        let fault = weir_image_open(file.bytes.baseAddress, file.bytes.count, &image)
        guard fault == WEIR_IMAGE_RIGHT else { throw EncoderError("\(name): \(Self.text(fault))") }
        let words = UnsafeRawBufferPointer(start: image.vocabulary, count: image.vocabulary_count)
        guard let vocabulary = WordPieceVocabulary(words), vocabulary.count == Int(image.pieces) else {
            throw EncoderError("\(name): its vocabulary is not right")
        }
        guard weir_embed_paths() >> path.rawValue & 1 == 1 else {
            throw EncoderError("this machine has no \(String(cString: weir_path_name(path)))")
        }
        let sum = String(image.checksum, radix: 16)
        id = "\(String(cString: image.name))/\(image.version).\(WEIR_ARITHMETIC)/\(sum)"
        pathName = String(cString: weir_path_name(path))
        pieces = WordPieces(vocabulary)
        self.file = file
        self.image = image
        self.path = path
    }

    /// The vector of a text that was cut into those pieces.
    ///
    /// `nil` when there are more than `mostPieces` or one is not of this encoder's vocabulary.
    func embed(_ ids: [Int32], in scratch: EncoderScratch) -> SentenceVector? {
        var image = image
        var vector = [Float](repeating: 0, count: SentenceVector.dimensions)
        guard weir_encode(&image, ids, ids.count, path, scratch.memory, &vector) == 0 else { return nil }
        var values = [Int8](repeating: 0, count: SentenceVector.dimensions)
        _ = weir_quantise(vector, &values)
        return SentenceVector(values)
    }

    private static func text(_ fault: weir_image_fault) -> String {
        switch fault {
        case WEIR_IMAGE_CUT: "the file is not whole; `make setup` writes it again"
        case WEIR_IMAGE_VERSION: "written for another version of Weir; `make setup` writes it again"
        case WEIR_IMAGE_CHECKSUM: "the file is damaged; `make setup` writes it again once it is removed"
        default: "not an image of the encoder"
        }
    }
}

/// What one thread encodes in, 2.6 MB; made once, used again and again.
final class EncoderScratch {
    fileprivate let memory: UnsafeMutableRawPointer

    /// `nil` when there is no memory.
    init?() {
        guard let memory = weir_scratch_new() else { return nil }
        self.memory = memory
    }

    deinit { weir_scratch_free(memory) }
}
