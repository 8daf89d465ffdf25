import GRDB
import GRDBSQLite

/// A prepared statement, bound and read by position without boxing a value per column.
///
/// GRDB prepares and caches it; this binds straight to SQLite, which halves the cost of an insert.
struct RawStatement {
    private let statement: Statement
    private let pointer: OpaquePointer
    private var column: Int32 = 0
    private let values: BoundValues?

    /// - Parameter values: holds texts and bytes bound until `run` returns; several statements that are bound and run
    ///   one after the other may share one. Without it SQLite copies each into memory of its own.
    init(_ statement: Statement, values: BoundValues? = nil) {
        self.statement = statement
        self.values = values
        pointer = statement.sqliteStatement
    }

    /// A statement that GRDB keeps prepared.
    init(_ sql: String, in database: Database, values: BoundValues) throws {
        self.init(try database.cachedStatement(sql: sql), values: values)
    }

    /// Readies the statement for the next set of values.
    mutating func reset() {
        sqlite3_reset(pointer)
        values?.clear()
        column = 0
    }

    mutating func bind(_ value: Int64?) {
        column += 1
        if let value {
            sqlite3_bind_int64(pointer, column, value)
        } else {
            sqlite3_bind_null(pointer, column)
        }
    }

    mutating func bind(_ value: Int?) { bind(value.map(Int64.init)) }

    mutating func bind(_ value: Bool) { bind(value ? Int64(1) : 0) }

    mutating func bind(_ value: String?) {
        column += 1
        guard var text = value else {
            sqlite3_bind_null(pointer, column)
            return
        }
        // The type of -1 is SQLite's SQLITE_TRANSIENT, a macro that Swift does not import: "copy the bytes".
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let column = column
        text.withUTF8 { utf8 in
            if utf8.isEmpty {
                bindEmptyText(pointer, column)
            } else if let kept = values?.keep(UnsafeRawBufferPointer(utf8)) {
                sqlite3_bind_text(
                    pointer, column, kept.assumingMemoryBound(to: CChar.self), Int32(utf8.count), nil)
            } else {
                _ = utf8.withMemoryRebound(to: CChar.self) {
                    sqlite3_bind_text(pointer, column, $0.baseAddress, Int32($0.count), transient)
                }
            }
        }
    }

    mutating func bind(_ value: Double) {
        column += 1
        sqlite3_bind_double(pointer, column, value)
    }

    mutating func bindNull() {
        column += 1
        sqlite3_bind_null(pointer, column)
    }

    /// Binds a copy of the bytes.
    mutating func bind(copyOf bytes: UnsafeRawBufferPointer) {
        if let kept = values?.keep(bytes) {
            bind(lent: UnsafeRawBufferPointer(start: kept, count: bytes.count))
        } else {
            let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            bind(blob: bytes, transient)
        }
    }

    /// Binds bytes that stay where they are until `run` has returned.
    mutating func bind(lent bytes: UnsafeRawBufferPointer) { bind(blob: bytes, nil) }

    private mutating func bind(blob bytes: UnsafeRawBufferPointer, _ end: sqlite3_destructor_type?) {
        column += 1
        if bytes.isEmpty {
            sqlite3_bind_zeroblob(pointer, column, 0)
        } else {
            sqlite3_bind_blob64(pointer, column, bytes.baseAddress, UInt64(bytes.count), end)
        }
    }

    /// Runs a statement that gives no rows.
    func run() throws {
        let code = sqlite3_step(pointer)
        guard code == SQLITE_DONE || code == SQLITE_ROW else {
            let error = problem(code)
            end()
            throw error
        }
        end()
    }

    private func end() {
        sqlite3_reset(pointer)
        // The next values overwrite what was kept.
        if values != nil { sqlite3_clear_bindings(pointer) }
    }

    /// Goes to the next row; false at the end.
    mutating func next() throws -> Bool {
        column = -1
        let code = sqlite3_step(pointer)
        if code == SQLITE_ROW { return true }
        guard code == SQLITE_DONE else {
            let error = problem(code)
            sqlite3_reset(pointer)
            throw error
        }
        return false
    }

    mutating func int64() -> Int64? {
        column += 1
        return sqlite3_column_type(pointer, column) == SQLITE_NULL
            ? nil : sqlite3_column_int64(pointer, column)
    }

    mutating func int() -> Int? { int64().map(Int.init) }

    mutating func bool() -> Bool { int64() == 1 }

    mutating func text() -> String? {
        column += 1
        guard let start = sqlite3_column_text(pointer, column) else { return nil }
        let count = Int(sqlite3_column_bytes(pointer, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    mutating func double() -> Double {
        column += 1
        return sqlite3_column_double(pointer, column)
    }

    /// Lends the bytes of a column; `nil` where it is NULL.
    mutating func blob<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result? {
        column += 1
        guard sqlite3_column_type(pointer, column) != SQLITE_NULL else { return nil }
        let start = sqlite3_column_blob(pointer, column)
        return try body(
            UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))))
    }

    private func problem(_ code: Int32) -> DatabaseError {
        let message = String(cString: sqlite3_errmsg(sqlite3_db_handle(pointer)))
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
}

/// Binds the empty text: a null pointer, which an empty Swift string may have, would mean NULL.
private func bindEmptyText(_ statement: OpaquePointer, _ column: Int32) {
    sqlite3_bind_text(statement, column, "", 0, nil)
}

/// Memory for the values of one row: what SQLite would else allocate and free for each.
final class BoundValues {
    private let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 * 1024, alignment: 8)
    private var used = 0

    deinit { bytes.deallocate() }

    /// A copy that stays until `clear`; `nil` where there is no room.
    func keep(_ value: UnsafeRawBufferPointer) -> UnsafeRawPointer? {
        guard let start = bytes.baseAddress, let source = value.baseAddress, value.count <= bytes.count - used else {
            return nil
        }
        let copy = start + used
        copy.copyMemory(from: source, byteCount: value.count)
        used += value.count
        return UnsafeRawPointer(copy)
    }

    func clear() { used = 0 }
}
