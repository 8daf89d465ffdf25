/// Recognises a provider's refusal that is about a cache marker or field.
package enum CacheRefusal {
    private static let words: [[UInt8]] = ["cache_control", "prompt_cache"].map { Array($0.utf8) }
    /// Bytes of an error body that are looked at.
    private static let longest = 16 * 1024

    /// True where an error body names `cache_control` or one of the `prompt_cache_…` fields.
    package static func isNamed(in body: UnsafeRawBufferPointer) -> Bool {
        let text = body.prefix(longest)
        return words.contains { word in
            var start = text.startIndex
            while let first = text[start...].firstIndex(of: word[0]) {
                if text[first...].starts(with: word) { return true }
                start = first + 1
            }
            return false
        }
    }
}
