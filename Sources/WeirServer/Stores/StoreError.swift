/// A store that could not be opened or used; the message says which file and what to do.
package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    package let message: String

    package init(_ message: String) { self.message = message }

    package var description: String { message }
}
