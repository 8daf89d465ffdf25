/// What mints signatures that only itself accepts: the origin of a provider's URL, with all credentials and
/// models behind it.
package struct Signer: Sendable, Hashable {
    /// A hash of the origin, the same in every process; never 0.
    package let id: UInt32

    /// `origin` is scheme, host and port, for instance "https://api.anthropic.com".
    package init(origin: String) {
        id = max(1, UInt32(truncatingIfNeeded: FastHash.hash64(of: origin)))
    }

    /// What is known of a signature, for one signer.
    package enum Standing: Sendable, Equatable {
        /// The signer minted it.
        case own
        /// Another one minted it, or this one refused it.
        case foreign
        case unknown
    }
}
