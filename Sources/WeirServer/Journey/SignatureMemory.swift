import Synchronization
import WeirCore

/// The signature book of the process, shared by all event loops; it outlives reloads.
///
/// Each call holds the lock for microseconds. Where no signature could be foreign to a target, one load says
/// so.
final class SignatureMemory: Sendable {
    private let book = Mutex(SignatureBook())
    /// Whether the book has signatures of no signer, of one, or of several.
    private let signers = Atomic<UInt64>(SignerCode.none)

    /// True where the book may hold a signature that is foreign to that signer.
    func mayHold(foreignTo signer: Signer) -> Bool {
        let code = signers.load(ordering: .relaxed)
        return code != SignerCode.none && code != SignerCode.one(signer)
    }

    func learn(_ hashes: [UInt64], from signer: Signer) {
        book.withLock { book in
            for hash in hashes { book.mint(hash, signer) }
            signers.store(SignerCode.of(book.signers), ordering: .relaxed)
        }
    }

    func refuse(_ hashes: [UInt64], by signer: Signer) {
        guard !hashes.isEmpty else { return }
        book.withLock { book in
            for hash in hashes { book.refuse(hash, by: signer) }
            signers.store(SignerCode.of(book.signers), ordering: .relaxed)
        }
    }

    /// What is known of each signature, for one signer.
    func standings(of hashes: [UInt64], for signer: Signer) -> [Signer.Standing] {
        book.withLock { book in hashes.map { book.standing(of: $0, for: signer) } }
    }
}

/// `SignatureBook.Signers` in one word; a signer's identifier takes the lower half of it.
private enum SignerCode {
    static let none: UInt64 = 0
    static let several = UInt64.max

    static func one(_ signer: Signer) -> UInt64 { UInt64(signer.id) }

    static func of(_ signers: SignatureBook.Signers) -> UInt64 {
        switch signers {
        case .none: none
        case .one(let signer): one(signer)
        case .several: several
        }
    }
}
