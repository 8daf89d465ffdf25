/// What a target is sent once more that refused the signed blocks of a request.
package struct Mending: Sendable, Equatable {
    package let signer: Signer
    package let extent: Parking.Extent
    package let expectsThinking: Bool
    /// Hashes that count as refused by the signer once the mended request is taken.
    ///
    /// One that is refused without those blocks as well was not refused for them.
    package let refused: [UInt64]

    /// `nil` where nothing is left to take out.
    ///
    /// What is not known to be the signer's own goes; where all that is left is its own, that goes, too: it
    /// may be bound to another model, or to another beginning of the transcript. `standings` are those that
    /// the refused request went out with.
    package init?(
        _ refusal: SignatureRefusal, _ blocks: SignedBlocks, _ standings: [Signer.Standing],
        by signer: Signer, _ facts: RequestFacts, _ bytes: UnsafeRawBufferPointer
    ) {
        self.signer = signer
        let sent = blocks.parking(standings, .foreign, facts, bytes)
        switch refusal {
        case .missingThinking:
            guard blocks.parking(standings, .foreign, expectsThinking: true, facts, bytes) != sent else {
                return nil
            }
            (extent, expectsThinking, refused) = (.foreign, true, [])
        case .signature:
            let mended = [Parking.Extent.notOwn, .all].lazy
                .map { ($0, blocks.parking(standings, $0, facts, bytes)) }.first { $0.1 != sent }
            guard let (extent, parking) = mended else { return nil }
            let news = parking.blocks.filter {
                !sent.blocks.contains($0) && (extent == .all || standings[$0] != .own)
            }
            (self.extent, expectsThinking) = (extent, false)
            refused = news.map { blocks.hashes[$0] }
        }
    }
}
