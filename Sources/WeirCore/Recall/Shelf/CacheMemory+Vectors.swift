extension CacheMemory {
    /// Gives an entry the embedding of its question, which was not there when it was inserted.
    ///
    /// The entry stays what it was, its id included. False where it is gone.
    package mutating func give(_ vector: EntryVector, to id: UInt64) -> Bool {
        guard index.contains(id) else { return false }
        if let held = waiting[id], !writing.contains(id) {
            var entry = held.entry
            entry.vector = vector
            let full = HeldEntry(entry)
            waiting[id] = full
            waitingBytes += full.bytes - held.bytes
        } else if !unstored.contains(id) {
            vectors[id] = vector
        }
        return true
    }
}
