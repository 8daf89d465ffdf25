/// Which signer minted which signature, and which one refused it.
///
/// Signatures are kept as 64-bit hashes, `maxBytes` of them at most. When the book is full, those go that
/// nobody asked for since it was half full.
package struct SignatureBook: Sendable {
    /// Memory of a full book.
    package static let maxBytes = 2 * SignatureTable.maxBytes
    /// What stands for a refusal in the place of a signer.
    private static let refused: UInt32 = 0

    private var young = SignatureTable()
    private var old = SignatureTable()
    /// The signers of all that was ever entered.
    package private(set) var signers = Signers.none

    package enum Signers: Sendable, Equatable {
        case none
        case one(Signer)
        /// Several, or one that refused a signature.
        case several
    }

    package init() {}

    /// Entries that are kept now.
    package var count: Int { young.count + old.count }

    /// True where a signature could be foreign to that signer.
    package func mayHold(foreignTo signer: Signer) -> Bool {
        switch signers {
        case .none: false
        case .one(let only): only != signer
        case .several: true
        }
    }

    /// Enters a signature that came in a reply.
    package mutating func mint(_ hash: UInt64, _ signer: Signer) {
        switch signers {
        case .none: signers = .one(signer)
        case .one(let only): if only != signer { signers = .several }
        case .several: break
        }
        set(hash, signer.id)
    }

    /// Enters a signature that a signer did not accept.
    package mutating func refuse(_ hash: UInt64, by signer: Signer) {
        signers = .several
        set(Self.key(hash, signer), Self.refused)
    }

    /// What is known of a signature; one that was asked for stays.
    package mutating func standing(of hash: UInt64, for signer: Signer) -> Signer.Standing {
        if value(of: Self.key(hash, signer)) != nil { return .foreign }
        guard let minted = value(of: hash) else { return .unknown }
        return minted == signer.id ? .own : .foreign
    }

    /// The place of a refusal: one for each signature and signer.
    private static func key(_ hash: UInt64, _ signer: Signer) -> UInt64 {
        // An odd factor near 2^64 / golden ratio spreads the identifier over all bits.
        hash ^ UInt64(signer.id) &* 0x9E37_79B9_7F4A_7C15
    }

    private mutating func value(of key: UInt64) -> UInt32? {
        if let value = young.value(of: key) { return value }
        guard let value = old.value(of: key) else { return nil }
        set(key, value)
        return value
    }

    private mutating func set(_ key: UInt64, _ value: UInt32) {
        if young.set(key, value) { return }
        old = young
        young = SignatureTable()
        _ = young.set(key, value)
    }
}

/// Keys and values with open addressing; grows to a bound, then takes no new keys.
struct SignatureTable: Sendable {
    /// Places at most, of which three quarters are used.
    static let maxPlaces = 65_536
    /// Eight bytes for a key and four for its value.
    static let maxBytes = maxPlaces * 12

    /// 0 marks a free place.
    private var keys: [UInt64] = []
    private var values: [UInt32] = []
    private(set) var count = 0

    func value(of key: UInt64) -> UInt32? {
        guard !keys.isEmpty else { return nil }
        let place = place(of: max(1, key))
        return keys[place] == 0 ? nil : values[place]
    }

    /// False, and nothing changes, when the key is new and the table is full.
    mutating func set(_ key: UInt64, _ value: UInt32) -> Bool {
        let key = max(1, key)
        if keys.isEmpty { resize(to: 64) }
        var place = place(of: key)
        if keys[place] == 0 {
            if 4 * (count + 1) > 3 * keys.count {
                guard keys.count < Self.maxPlaces else { return false }
                resize(to: 4 * keys.count)
                place = self.place(of: key)
            }
            keys[place] = key
            count += 1
        }
        values[place] = value
        return true
    }

    /// Where a key stands, or would; a quarter of the places is free, so that this ends.
    private func place(of key: UInt64) -> Int {
        let mask = keys.count - 1
        var place = Int(truncatingIfNeeded: key &* 0x9E37_79B9_7F4A_7C15 >> 32) & mask
        while keys[place] != 0, keys[place] != key { place = (place + 1) & mask }
        return place
    }

    private mutating func resize(to places: Int) {
        let (oldKeys, oldValues) = (keys, values)
        keys = [UInt64](repeating: 0, count: min(places, Self.maxPlaces))
        values = [UInt32](repeating: 0, count: keys.count)
        for (key, value) in zip(oldKeys, oldValues) where key != 0 {
            let place = place(of: key)
            keys[place] = key
            values[place] = value
        }
    }
}
