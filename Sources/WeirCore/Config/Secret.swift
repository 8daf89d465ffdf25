/// A provider key, caller key or other string that must never be shown.
///
/// Prints as `***` wherever it is interpolated, logged or dumped. `reveal` is called where it goes on the
/// wire.
package struct Secret: Sendable, Equatable {
    private let value: String

    package init(_ value: String) { self.value = value }

    package func reveal() -> String { value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
