import Synchronization
import WeirCore

/// Place of an open request in the crash table.
package struct SlotNumber: Sendable, Hashable {
    let index: Int
}

/// The requests that are open now, in a mapped file, so that the next start knows which ones a crash cut off.
///
///     head    0 magic · 8 slots ever used since the start
///     slot    0 state (1: open) · 1 endpoint · 2 words · 8 checksum · 16 received · 24 five strings
///
/// A slot belongs to one request from `open` to `close`; strings are cut to what fits.
// Sendable: `file` never changes, and a slot's bytes are touched only by who holds its number.
final class OpenRequestTable: Sendable {
    static let slotBytes = 256
    private static let magic: UInt64 = 0x3154_4F4C_5349_4557  // "WEISLOT1"
    private static let limits = (id: 48, caller: 40, project: 40, model: 63, session: 36)

    private struct Free {
        /// Slots given back, the last one first, so that few pages are ever touched.
        var returned: [Int32] = []
        /// Slots never used yet start here.
        var fresh = 0
    }

    private let file: MappedFile
    private let count: Int
    private let free = Mutex(Free())

    /// Opens the table; what an earlier process left open is in `leftOpen` until `clear`.
    init(directory: String, count: Int) throws {
        file = try MappedFile(path: directory + "/open.slots", size: (count + 1) * Self.slotBytes)
        self.count = count
        if file.base.load(as: UInt64.self) != Self.magic {
            file.base.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
            file.base.storeBytes(of: Self.magic, as: UInt64.self)
        }
    }

    /// Notes an open request; `nil` when all slots are taken, and a crash would leave no row of it.
    func open(_ request: borrowing OpenRequest) -> SlotNumber? {
        let index = free.withLock { free -> Int? in
            if let last = free.returned.popLast() { return Int(last) }
            guard free.fresh < count else { return nil }
            free.fresh += 1
            file.base.storeBytes(of: UInt64(free.fresh), toByteOffset: 8, as: UInt64.self)
            return free.fresh - 1
        }
        guard let index else { return nil }
        let slot = slot(index)
        slot.storeBytes(of: request.endpoint.code, toByteOffset: 1, as: UInt8.self)
        slot.storeBytes(of: request.receivedAt, toByteOffset: 16, as: Int64.self)
        var offset = 24
        offset = Self.store(request.id, limit: Self.limits.id, in: slot, at: offset)
        offset = Self.store(request.caller, limit: Self.limits.caller, in: slot, at: offset)
        offset = Self.store(request.project, limit: Self.limits.project, in: slot, at: offset)
        offset = Self.store(request.requestedModel, limit: Self.limits.model, in: slot, at: offset)
        offset = Self.store(request.session, limit: Self.limits.session, in: slot, at: offset)
        let end = (offset + 7) & ~7
        while offset < end {
            slot.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
            offset += 1
        }
        slot.storeBytes(of: UInt8(end / 8), toByteOffset: 2, as: UInt8.self)
        slot.storeBytes(of: Self.checksum(slot, end: end), toByteOffset: 8, as: UInt64.self)
        // The slot is whole before it counts as open, whenever the process ends.
        atomicMemoryFence(ordering: .releasing)
        slot.storeBytes(of: 1, as: UInt8.self)
        return SlotNumber(index: index)
    }

    /// Gives a slot back; called when the row is in the journal.
    func close(_ number: SlotNumber) {
        // The row's bytes are stored before the slot stops covering the request.
        atomicMemoryFence(ordering: .releasing)
        slot(number.index).storeBytes(of: 0, as: UInt8.self)
        free.withLock { $0.returned.append(Int32(truncatingIfNeeded: number.index)) }
    }

    /// Requests left open by an earlier process, by age; called before the first `open`.
    func leftOpen() -> [OpenRequest] {
        (0..<used).compactMap { read($0) }.sorted { $0.receivedAt < $1.receivedAt }
    }

    /// Forgets what an earlier process left; called when its rows are in the journal.
    func clear() {
        atomicMemoryFence(ordering: .releasing)
        for index in 0..<used where slot(index).load(as: UInt8.self) != 0 {
            slot(index).storeBytes(of: 0, as: UInt8.self)
        }
        file.base.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
    }

    /// Slots that may have been used since the table was last cleared; the others are not even looked at.
    private var used: Int {
        Int(min(UInt64(count), file.base.load(fromByteOffset: 8, as: UInt64.self)))
    }

    private func read(_ index: Int) -> OpenRequest? {
        let slot = slot(index)
        guard slot.load(as: UInt8.self) == 1 else { return nil }
        let end = Int(slot.load(fromByteOffset: 2, as: UInt8.self)) * 8
        guard end > 24, end <= Self.slotBytes,
            slot.load(fromByteOffset: 8, as: UInt64.self) == Self.checksum(slot, end: end),
            let endpoint = Endpoint(code: slot.load(fromByteOffset: 1, as: UInt8.self))
        else { return nil }
        var offset = 24
        func text() -> String? {
            guard offset < end else { return nil }
            let length = Int(slot.load(fromByteOffset: offset, as: UInt8.self))
            guard length > 0, offset + length <= end else {
                offset += 1
                return nil
            }
            defer { offset += length }
            let bytes = UnsafeRawBufferPointer(start: slot + offset + 1, count: length - 1)
            return String(decoding: bytes, as: UTF8.self)
        }
        guard let id = text() else { return nil }
        let received = slot.load(fromByteOffset: 16, as: Int64.self)
        var request = OpenRequest(id: id, receivedAt: received, endpoint: endpoint)
        request.caller = text()
        request.project = text()
        request.requestedModel = text()
        request.session = text()
        return request
    }

    private func slot(_ index: Int) -> UnsafeMutableRawPointer {
        file.base + (index + 1) * Self.slotBytes
    }

    /// Covers what `open` stores, without the state byte.
    private static func checksum(_ slot: UnsafeMutableRawPointer, end: Int) -> UInt64 {
        let seed = UInt64(slot.load(fromByteOffset: 1, as: UInt8.self)) << 8 | UInt64(end)
        return Checksum.of(UnsafeRawBufferPointer(start: slot + 16, count: end - 16), seed: seed)
    }

    /// Stores a length byte (0: `nil`, else length + 1) and the text, cut at a character boundary.
    private static func store(
        _ text: String?, limit: Int, in slot: UnsafeMutableRawPointer, at offset: Int
    ) -> Int {
        guard var text else {
            slot.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
            return offset + 1
        }
        return text.withUTF8 { utf8 in
            var length = min(utf8.count, limit)
            if length < utf8.count {
                while length > 0, utf8[length] & 0xC0 == 0x80 { length -= 1 }
            }
            slot.storeBytes(of: UInt8(length + 1), toByteOffset: offset, as: UInt8.self)
            if length > 0, let start = utf8.baseAddress {
                (slot + offset + 1).copyMemory(from: start, byteCount: length)
            }
            return offset + 1 + length
        }
    }
}
