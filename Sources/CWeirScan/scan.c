#include "CWeirScan.h"
#include <stdbool.h>

static inline bool stops(uint8_t byte) { return byte == '"' || byte == '\\' || byte < 0x20; }

/* One bit for each of 16 bytes, set where the byte may end a run inside a string. */
#if defined(__SSE2__)
#include <emmintrin.h>

static inline __m128i load(const uint8_t *at) { return _mm_loadu_si128((const __m128i *)at); }

static inline uint64_t stops16(const uint8_t *at) {
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F);
    __m128i x = load(at);
    __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, slash));
    /* x <= 0x1F is min(x, 0x1F) == x, since SSE2 compares signed only. */
    return (uint64_t)_mm_movemask_epi8(_mm_or_si128(ends, _mm_cmpeq_epi8(_mm_min_epu8(x, control), x)));
}
#else
static inline uint64_t stops16(const uint8_t *at) {
    uint64_t marks = 0;
    for (unsigned k = 0; k < 16; k++) marks |= (uint64_t)stops(at[k]) << k;
    return marks;
}
#endif

static inline uint64_t stops64(const uint8_t *at) {
    return stops16(at) | stops16(at + 16) << 16 | stops16(at + 32) << 32 | stops16(at + 48) << 48;
}

static inline bool is_hex(uint8_t c) { return (uint8_t)(c - '0') < 10 || (uint8_t)((c | 0x20) - 'a') < 6; }

/* Offset behind the escape whose backslash is at `at`; `at` itself when it is not right or not whole. */
static inline size_t escape_end(const uint8_t *bytes, size_t at, size_t count) {
    if (at + 2 > count) return at;
    uint8_t c = bytes[at + 1];
    /* One bit for each of " \ / b f n r t, from 0x00 and from 0x40; no branch, as escapes come in no order. */
    uint64_t map = c < 0x40 ? 0x0000800400000000 : 0x0014404410000000;
    if (c < 0x80 && (map >> (c & 0x3F) & 1)) return at + 2;
    if (c != 'u' || at + 6 > count) return at;
    const uint8_t *hex = bytes + at + 2;
    return is_hex(hex[0]) && is_hex(hex[1]) && is_hex(hex[2]) && is_hex(hex[3]) ? at + 6 : at;
}

size_t weir_string_end(const uint8_t *bytes, size_t from, size_t count) {
    size_t i = from, step = 16;
    while (i + step <= count || (step == 64 && i + (step = 16) <= count)) {
        uint64_t marks = step == 16 ? stops16(bytes + i) : stops64(bytes + i);
        size_t next = i + step;
        /* Most strings are short; one that is not is read in larger steps from here on. */
        if (!marks) step = 64;
        while (marks) {
            size_t at = i + (size_t)__builtin_ctzll(marks);
            if (bytes[at] != '\\') return at;
            size_t behind = escape_end(bytes, at, count);
            if (behind == at) return at;
            if (behind >= next) {
                next = behind;
                break;
            }
            marks &= ~(uint64_t)0 << (behind - i);
        }
        i = next;
    }
    while (i < count) {
        if (!stops(bytes[i])) {
            i++;
            continue;
        }
        size_t behind = bytes[i] == '\\' ? escape_end(bytes, i, count) : i;
        if (behind == i) return i;
        i = behind;
    }
    return count;
}

size_t weir_quote(const uint8_t *bytes, size_t from, size_t count) {
    size_t i = from;
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    for (; i + 64 <= count; i += 64) {
        __m128i a = _mm_cmpeq_epi8(load(bytes + i), quote), b = _mm_cmpeq_epi8(load(bytes + i + 16), quote);
        __m128i c = _mm_cmpeq_epi8(load(bytes + i + 32), quote);
        __m128i d = _mm_cmpeq_epi8(load(bytes + i + 48), quote);
        if (_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d)))) break;
    }
    for (; i + 16 <= count; i += 16) {
        unsigned ends = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(load(bytes + i), quote));
        if (ends) return i + (size_t)__builtin_ctz(ends);
    }
#endif
    for (; i < count; i++) {
        if (bytes[i] == '"') return i;
    }
    return count;
}
