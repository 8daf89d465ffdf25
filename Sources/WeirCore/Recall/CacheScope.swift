/// The wall around kept answers: requests on different sides of it never share one.
package struct CacheScope: Sendable, Equatable {
    /// Who pays: "weir" for callers with a key of Weir's, else the id of the credential that passes through, of
    /// which each is an organisation of its own.
    package let organisation: String
    /// `nil` for a credential that passes through.
    package let project: String?
    /// Set where the policy says `key` or `session`.
    package let caller: String?
    /// Set where the policy says `session`.
    package let session: String?

    /// - Parameters:
    ///   - caller: The row's: a key's id, or that of a credential that passes through.
    ///   - project: `nil` exactly where the caller's own credential passes through.
    ///   - session: Without one, a request under the policy `session` shares with those of its key that have
    ///     none either.
    package init(_ policy: CacheScopePolicy, caller: String, project: String?, session: String?) {
        organisation = project == nil ? caller : "weir"
        self.project = project
        switch policy {
        case .project: (self.caller, self.session) = (nil, nil)
        case .key: (self.caller, self.session) = (caller, nil)
        case .session: (self.caller, self.session) = (caller, session ?? "")
        }
    }

    /// The parts in their order, for a hash over each with its length; `nil` is another part than "".
    package var parts: [String?] { [organisation, project, caller, session] }
}
