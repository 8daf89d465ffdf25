#ifndef WEIR_SCAN_H
#define WEIR_SCAN_H

#include <stddef.h>
#include <stdint.h>

/// Offset of the first byte at or behind `from` that may end a run inside a JSON string: a quote, a backslash or
/// a control character below 0x20. `count` when there is none. Reads no byte outside `bytes[0..<count]`.
size_t weir_string_run(const uint8_t *bytes, size_t from, size_t count);

/// Offset of the first quote at or behind `from`; `count` when there is none. Reads no byte outside
/// `bytes[0..<count]`.
size_t weir_quote(const uint8_t *bytes, size_t from, size_t count);

#endif
