#ifndef WEIR_SCAN_H
#define WEIR_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/// Offset of the quote that closes a JSON string; `from` is behind the one that opens it.
///
/// Where the string is not right, the offset of the first byte that is not: a control character below 0x20, or the
/// backslash of an escape that RFC 8259 does not know or that is cut off; `count` when the quote is missing.
/// Reads no byte outside `bytes[0..<count]`.
size_t weir_string_end(const uint8_t *bytes, size_t from, size_t count);

/// Offset of the first quote at or behind `from`; `count` when there is none. Reads no byte outside
/// `bytes[0..<count]`.
size_t weir_quote(const uint8_t *bytes, size_t from, size_t count);

/// Offset of the first line feed at or behind `from`, which is at most `count`; `count` when there is none.
static inline size_t weir_line_feed(const uint8_t *bytes, size_t from, size_t count) {
    const uint8_t *found = memchr(bytes + from, '\n', count - from);
    return found ? (size_t)(found - bytes) : count;
}

/// True where both have the same `count` bytes.
static inline bool weir_is_equal(const void *a, const void *b, size_t count) { return !memcmp(a, b, count); }

#endif
