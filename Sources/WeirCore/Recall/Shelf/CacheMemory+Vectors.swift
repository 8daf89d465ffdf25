/// The embedding of an entry's question.
package struct EntryVector: Sendable, Equatable {
    package var values: [Int8]
    package var scale: Float
    /// Id and version of what made it.
    package var encoder: String

    package init(values: [Int8], scale: Float, encoder: String) {
        self.values = values
        self.scale = scale
        self.encoder = encoder
    }
}

extension CacheEntry {
    /// Takes the embedding of its question.
    package mutating func take(_ vector: EntryVector) {
        self.vector = vector.values
        vectorScale = vector.scale
        encoder = vector.encoder
    }
}

extension CacheMemory {
    /// Gives an entry the embedding of its question, which was not there when it was inserted.
    ///
    /// The entry stays what it was, its id included. False where it is gone.
    package mutating func give(_ vector: EntryVector, to id: UInt64) -> Bool {
        guard index.contains(id) else { return false }
        if let held = waiting[id], !writing.contains(id) {
            var entry = held.entry
            entry.take(vector)
            let full = HeldEntry(entry)
            waiting[id] = full
            waitingBytes += full.bytes - held.bytes
        } else if !unstored.contains(id) {
            vectors[id] = vector
        }
        return true
    }
}
