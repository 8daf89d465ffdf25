import Crypto
package import WeirCore

/// The caller keys that are good now, found by the SHA-256 of what a caller presents.
///
/// An immutable snapshot.
package struct KeyRing: Sendable {
    /// A key and the hash of its secret.
    package struct Entry: Sendable, Equatable {
        package var key: CallerKey
        package var digest: KeyDigest

        package init(key: CallerKey, digest: KeyDigest) {
            self.key = key
            self.digest = digest
        }
    }

    /// By the first eight bytes of the digest; the rest is compared in constant time.
    private var entries: [UInt64: [Entry]] = [:]
    /// What limits a caller whose own credential passes through; `nil` where nothing does.
    package let passthroughTerms: CallerTerms?

    /// Makes a ring of keys; revoked ones are left out.
    ///
    /// A secret that is both configured and stored belongs to the configuration. `rules` are the limits for
    /// all.
    package init(keys: [Entry], configured: [ConfiguredKey], rules: LimitRules = LimitRules()) {
        passthroughTerms = rules.terms(of: CallerLimitOptions(), project: nil)
        for given in configured {
            let secret = given.key.reveal()
            let key = CallerKey(
                id: "key_config_" + given.name, name: given.name, project: given.project,
                allowModels: given.allowModels, prefix: secret.utf8.count < 24 ? "" : String(secret.prefix(8)),
                limits: given.limits)
            add(Entry(key: key, digest: KeyDigest(of: secret)), rules)
        }
        for entry in keys where entry.key.revokedAt == nil { add(entry, rules) }
    }

    private mutating func add(_ entry: Entry, _ rules: LimitRules) {
        var entry = entry
        entry.key.terms = rules.terms(of: entry.key.limits, project: entry.key.project)
        entries[entry.digest.first, default: []].append(entry)
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// The key whose secret this is; `nil` for an unknown or revoked one.
    package func caller(presenting credential: String) -> CallerKey? {
        caller(with: KeyDigest(of: credential))
    }

    /// As `caller(presenting:)`, for bytes as they came in a header.
    package func caller(presenting credential: UnsafeRawBufferPointer) -> CallerKey? {
        caller(with: KeyDigest(of: credential))
    }

    private func caller(with digest: KeyDigest) -> CallerKey? {
        entries[digest.first]?.first { $0.digest.isSame(as: digest) }?.key
    }
}

/// SHA-256 of a caller key's secret.
package struct KeyDigest: Sendable, Equatable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    package init(of secret: String) {
        var secret = secret
        self = secret.withUTF8 { KeyDigest(of: UnsafeRawBufferPointer($0)) }
    }

    package init(of secret: UnsafeRawBufferPointer) {
        var hash = SHA256()
        hash.update(bufferPointer: secret)
        words = hash.finalize().withUnsafeBytes { Self.words($0) }
    }

    /// From the 32 bytes that are stored; `nil` for any other number.
    init?(stored bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        words = Array(bytes).withUnsafeBytes { Self.words($0) }
    }

    var first: UInt64 { words.0 }

    /// The 32 bytes.
    var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    /// Compares all bytes, wherever the first difference is.
    func isSame(as other: KeyDigest) -> Bool {
        (words.0 ^ other.words.0) | (words.1 ^ other.words.1) | (words.2 ^ other.words.2)
            | (words.3 ^ other.words.3) == 0
    }

    package static func == (one: KeyDigest, other: KeyDigest) -> Bool { one.isSame(as: other) }

    /// "cred_" and 16 hexadecimal digits: how the ledger knows a caller whose own credential passes through.
    package var credentialID: String {
        "cred_" + RowJSON.hexadecimal(UInt64(bigEndian: words.0))
    }

    private static func words(_ bytes: UnsafeRawBufferPointer) -> (UInt64, UInt64, UInt64, UInt64) {
        func word(_ index: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) }
        return (word(0), word(1), word(2), word(3))
    }
}
