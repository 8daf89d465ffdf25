#include "CWeirScan.h"

#if defined(__SSE2__)
#include <emmintrin.h>

// 0xFF in every byte that ends a run. x <= 0x1F is min(x, 0x1F) == x, since SSE2 compares signed only.
static inline __m128i stops(__m128i x) {
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F);
    __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, slash));
    return _mm_or_si128(ends, _mm_cmpeq_epi8(_mm_min_epu8(x, control), x));
}

static inline __m128i load(const uint8_t *at) { return _mm_loadu_si128((const __m128i *)at); }
#endif

size_t weir_string_run(const uint8_t *bytes, size_t from, size_t count) {
    size_t i = from;
#if defined(__SSE2__)
    for (; i + 64 <= count; i += 64) {
        __m128i a = stops(load(bytes + i)), b = stops(load(bytes + i + 16));
        __m128i c = stops(load(bytes + i + 32)), d = stops(load(bytes + i + 48));
        if (_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d)))) break;
    }
    for (; i + 16 <= count; i += 16) {
        unsigned ends = (unsigned)_mm_movemask_epi8(stops(load(bytes + i)));
        if (ends) return i + (size_t)__builtin_ctz(ends);
    }
#endif
    // Without SSE2 the compiler's own vectors do: eight bytes a step, as the caller in Swift does.
    for (; i < count; i++) {
        uint8_t byte = bytes[i];
        if (byte == '"' || byte == '\\' || byte < 0x20) return i;
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
