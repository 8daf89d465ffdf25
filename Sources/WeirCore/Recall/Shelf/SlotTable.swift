/// Finds the slots of an array whose key has a given hash: open addressing, at most two thirds full.
///
/// Holds no keys: whoever asks compares. 8 bytes a bucket, so 12 to 24 for each slot.
struct SlotTable: Sendable {
    private struct Bucket {
        var hash: UInt32 = 0
        /// -1 where the bucket is empty.
        var slot: Int32 = -1
    }

    private var buckets = [Bucket](repeating: Bucket(), count: 16)
    private(set) var count = 0

    private var mask: Int { buckets.count - 1 }

    /// Adds a slot, which must not be there.
    mutating func insert(_ slot: Int32, hash: UInt32) {
        if (count + 1) * 3 > buckets.count * 2 { grow() }
        place(Bucket(hash: hash, slot: slot))
        count += 1
    }

    /// Takes a slot out; nothing happens where it is not there.
    mutating func remove(_ slot: Int32, hash: UInt32) {
        var hole = Int(hash) & mask
        while buckets[hole].slot != slot {
            if buckets[hole].slot < 0 { return }
            hole = (hole + 1) & mask
        }
        // What stands behind the hole moves up, unless it would get in front of where it belongs.
        var next = (hole + 1) & mask
        while buckets[next].slot >= 0 {
            let home = Int(buckets[next].hash) & mask
            if (next - home) & mask >= (next - hole) & mask {
                buckets[hole] = buckets[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        buckets[hole].slot = -1
        count -= 1
    }

    /// Calls `body` with each slot of that hash until it returns true; that slot.
    func first(_ hash: UInt32, where body: (Int32) -> Bool) -> Int32? {
        var index = Int(hash) & mask
        while buckets[index].slot >= 0 {
            if buckets[index].hash == hash, body(buckets[index].slot) { return buckets[index].slot }
            index = (index + 1) & mask
        }
        return nil
    }

    private mutating func place(_ bucket: Bucket) {
        var index = Int(bucket.hash) & mask
        while buckets[index].slot >= 0 { index = (index + 1) & mask }
        buckets[index] = bucket
    }

    private mutating func grow() {
        let old = buckets
        buckets = [Bucket](repeating: Bucket(), count: old.count * 2)
        for bucket in old where bucket.slot >= 0 { place(bucket) }
    }
}
