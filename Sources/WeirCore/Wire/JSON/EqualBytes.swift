internal import CWeirScan

extension UnsafeRawBufferPointer {
    /// True where both have the same bytes, as fast as the machine compares.
    func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let base = baseAddress, let otherBase = other.baseAddress else { return true }
        return weir_is_equal(base, otherBase, count)
    }
}
