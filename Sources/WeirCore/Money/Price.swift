/// What a model's tokens cost, in nanodollars per million tokens; `nil` where not known.
package struct Price: Sendable, Equatable {
    package var input: Int64?
    package var output: Int64?
    package var cacheRead: Int64?
    package var cacheWriteShort: Int64?
    package var cacheWriteLong: Int64?

    package init() {}
}
