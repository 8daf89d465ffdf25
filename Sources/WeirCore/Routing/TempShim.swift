package struct RequestNeeds: Sendable {
    package static func read(_ f: RequestFacts, _ b: UnsafeRawBufferPointer, dialect: Dialect) -> RequestNeeds { RequestNeeds() }
}
extension CatalogueEntry { package func misfit(for n: RequestNeeds) -> String? { nil } }
