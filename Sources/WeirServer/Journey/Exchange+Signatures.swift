import NIOCore
import WeirCore

/// What an exchange did to its transcript's signed blocks.
struct SigningState {
    /// Signed blocks that the present attempt goes without.
    fileprivate(set) var parked = 0
    /// Set from a target's refusal of signed blocks on.
    fileprivate var mending: Mending?
    /// True until the mended request is answered.
    fileprivate var isOnTrial = false
}

extension Exchange {
    /// The dialect whose signed blocks the request's transcript may have.
    private var signedDialect: Dialect? {
        switch endpoint {
        case .messages, .countTokens: .anthropic
        case .responses: .responses
        case .chatCompletions, .embeddings, .models, .anthropicOther, .openAIOther, .raw: nil
        }
    }

    // MARK: The request

    /// Takes signed blocks out that the target would refuse.
    ///
    /// Costs one load where no such block can be.
    func signatureSplices(_ planned: Planned, upstream: Upstream) -> [Splice] {
        signing.parked = 0
        let mending = signing.mending.flatMap { $0.signer == upstream.signer ? $0 : nil }
        guard mending != nil || services.signatures.mayHold(foreignTo: upstream.signer) else { return [] }
        let parking = withSignedBlocks(planned) { blocks, facts, bytes in
            blocks.parking(
                services.signatures.standings(of: blocks.hashes, for: upstream.signer),
                mending?.extent ?? .foreign, expectsThinking: mending?.expectsThinking ?? false, facts, bytes)
        }
        guard let parking else { return [] }
        signing.parked = parking.blocks.count
        return parking.splices
    }

    private func withSignedBlocks<Result>(
        _ planned: Planned, _ body: (SignedBlocks, RequestFacts, UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        guard let dialect = signedDialect, let facts = planned.admitted.facts, let bytes = self.body.bytes
        else { return nil }
        return bytes.withUnsafeReadableBytes { bytes in
            SignedBlocks.read(facts, bytes, dialect: dialect).map { body($0, facts, bytes) }
        }
    }

    // MARK: A provider that refuses signed blocks

    /// Sees whether a refusal is about signed blocks and the same target can be asked again without them;
    /// from then on `signatureSplices` takes them out for it.
    ///
    /// Once for each request.
    func mendsSignatures(_ answer: ByteBuffer, _ planned: Planned, upstream: Upstream) -> Bool {
        guard signing.mending == nil, let refusal = answer.withUnsafeReadableBytes(SignatureRefusal.read)
        else { return false }
        signing.mending = withSignedBlocks(planned) { blocks, facts, bytes in
            let standings = services.signatures.standings(of: blocks.hashes, for: upstream.signer)
            return Mending(refusal, blocks, standings, by: upstream.signer, facts, bytes)
        }.flatMap { $0 }
        signing.isOnTrial = signing.mending != nil
        return signing.isOnTrial
    }

    /// Remembers the refusal, now that the request without those blocks was taken.
    func noteMendedSignatures(_ upstream: Upstream) {
        guard signing.isOnTrial, let mending = signing.mending, mending.signer == upstream.signer else {
            return
        }
        signing.isOnTrial = false
        services.signatures.refuse(mending.refused, by: mending.signer)
    }

    // MARK: The reply

    /// True where the reply's signatures may meet another signer in a later turn.
    var learnsSignatures: Bool {
        guard let signedDialect else { return false }
        return snapshot.sharedDialects.contains(signedDialect)
    }

    /// Enters the signatures that the meter has read.
    func learnSignatures() {
        guard relaying.meter?.hasSignatures == true, let upstream = winner?.aim.upstream else { return }
        services.signatures.learn(relaying.meter?.takeSignatures() ?? [], from: upstream.signer)
    }
}
