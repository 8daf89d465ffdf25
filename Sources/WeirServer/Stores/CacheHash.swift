import Crypto
import WeirCore

/// Makes the SHA-256 of parts, each with its length before it, so that no two lists of parts are the same bytes.
struct CacheHash {
    private var hash = SHA256()

    /// What kind of key it is; keys of different kinds never meet.
    enum Kind: UInt8 {
        /// Of who may share answers.
        case scope = 1
        /// Of identical requests.
        case exact
        /// Of requests that differ in the wording of the question only.
        case text
        /// Of what must be the same where questions are compared by meaning.
        case context
        /// Of a long part of a request's canonical form.
        case part
        /// Of an answer that a judge let serve a request which it was not made for.
        case taught
    }

    /// Raised when what goes into keys changes, so that entries of an older form are not found.
    private static let version: UInt8 = 2

    init(_ kind: Kind) { withUnsafeBytes(of: (Self.version, kind.rawValue)) { hash.update(bufferPointer: $0) } }

    /// The hash of who may share answers.
    static func ofScope(_ scope: CacheScope) -> CacheKey {
        var hash = CacheHash(.scope)
        for part in scope.parts { hash.add(part) }
        return hash.key()
    }

    /// The hash of a part of a request.
    static func ofPart(_ form: UnsafeRawBufferPointer) -> CacheKey {
        var hash = CacheHash(.part)
        hash.add(form)
        return hash.key()
    }

    /// The key of an answer that a judge let serve the request of this key.
    static func ofTaught(_ key: CacheKey) -> CacheKey {
        var hash = CacheHash(.taught)
        hash.add(key)
        return hash.key()
    }

    mutating func add(_ text: String?) {
        guard var text else {
            // No text has this length.
            return add(length: .max)
        }
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        add(length: UInt64(bytes.count))
        hash.update(bufferPointer: bytes)
    }

    mutating func add(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { add($0) } }

    mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

    mutating func add(_ key: CacheKey) { key.withBytes { add($0) } }

    private mutating func add(length: UInt64) {
        withUnsafeBytes(of: length.littleEndian) { hash.update(bufferPointer: $0) }
    }

    func key() -> CacheKey {
        hash.finalize().withUnsafeBytes { bytes in
            func word(_ index: Int) -> UInt64 {
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
            }
            // A SHA-256 is 32 bytes.
            return CacheKey(word(0), word(1), word(2), word(3))
        }
    }
}
