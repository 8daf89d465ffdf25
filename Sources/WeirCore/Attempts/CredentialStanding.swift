/// Why a provider does not serve a credential.
package enum CredentialFault: String, Sendable, CaseIterable {
    /// Over a rate limit (429), until the time that the provider said.
    case limited
    /// The provider does not accept it (401, 403).
    case rejected
    /// Its account is out of money or over its spending limit.
    case outOfMoney = "out_of_money"
}

/// How a credential stands at one moment.
package struct CredentialStanding: Sendable, Equatable {
    /// False while it is set aside, or has used up the limits that the configuration sets.
    package var isUsable = true
    /// Least share left of the limits that are known, 0...1; 1 where none is.
    ///
    /// At 0 the provider will probably refuse, but has the last word: such a credential is usable and is
    /// chosen last.
    package var room = 1.0
    /// True where a limit is known.
    package var isMeasured = false
    /// When it may be used again, while it may not; microseconds since 1970.
    package var freeAt: Int64?
    package var fault: CredentialFault?
    /// Requests sent whose end is not known.
    package var open = 0
    /// Requests of the last minute.
    package var recent = 0

    package init() {}
}
