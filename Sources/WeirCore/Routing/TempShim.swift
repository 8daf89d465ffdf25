extension Plan {
    package var primaries: [Target] { [first] }
    package var weights: [Int] { [1] }
    package var hedge: HedgeOptions? { nil }
    package var streams: StreamOptions { StreamOptions() }
    package func target(at index: Int) -> Target { targets[index] }
}
extension Plan.Target { package var isSubstitute: Bool { false } }
package struct RequestNeeds: Sendable {
    package static func read(_ f: RequestFacts, _ b: UnsafeRawBufferPointer, dialect: Dialect) -> RequestNeeds { RequestNeeds() }
}
extension CatalogueEntry { package func misfit(for n: RequestNeeds) -> String? { nil } }
extension RouteTable {
    package func plan(model: String?, dialect: Dialect) throws(WeirError) -> Plan { try plan(model: model, dialect: dialect, pick: 0) }
}
