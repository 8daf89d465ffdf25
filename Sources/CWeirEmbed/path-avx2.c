#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

#define TILE_ROWS 4
#define ATTENTION_ROWS 4
#define ATTENTION_BLOCKS 1
#define INPUT_BIAS 0

#define LOAD256(at) _mm256_loadu_si256((const __m256i *)(const void *)(at))

/* Adds products of signed bytes to eight sums, exactly: vpmaddubsw wants one side unsigned, so the sign of
 * that side goes over to the other; two products of at most 128 * 127 are no more than 16 bits hold. */
static inline __attribute__((always_inline)) __m256i add_products(__m256i sum, __m256i size, __m256i other) {
    const __m256i pairs = _mm256_maddubs_epi16(size, other);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

/* 16 of the 32 channels, so that the sums of four rows fit into 16 registers. */
static inline __attribute__((always_inline)) void half_tile(
    const size_t rows, size_t groups, const int8_t *weights, const float *scales, const float *bias,
    const uint8_t *a, const float *a_scales, float *out, size_t out_stride) {
    const size_t stride = groups * WEIR_GROUP;
    for (size_t r = 0; r < rows; r++)
        for (size_t b = 0; b < 2; b++)
            _mm256_storeu_ps(out + r * out_stride + 8 * b, _mm256_loadu_ps(bias + 8 * b));
    for (size_t g = 0; g < groups; g++) {
        __m256i part[4][2];
        for (size_t r = 0; r < rows; r++) part[r][0] = part[r][1] = _mm256_setzero_si256();
        for (size_t quad = 0; quad < WEIR_GROUP / 4; quad++) {
            const __m256i w0 = LOAD256(weights), w1 = LOAD256(weights + 32);
            for (size_t r = 0; r < rows; r++) {
                int32_t four;
                memcpy(&four, a + r * stride + 4 * quad, 4);
                const __m256i input = _mm256_set1_epi32(four), size = _mm256_abs_epi8(input);
                part[r][0] = add_products(part[r][0], size, _mm256_sign_epi8(w0, input));
                part[r][1] = add_products(part[r][1], size, _mm256_sign_epi8(w1, input));
            }
            weights += 4 * WEIR_BLOCK;
        }
        for (size_t b = 0; b < 2; b++) {
            const __m256 scale = _mm256_loadu_ps(scales + 8 * b);
            for (size_t r = 0; r < rows; r++) {
                float *to = out + r * out_stride + 8 * b;
                const __m256 factor = scale * _mm256_set1_ps(a_scales[r * groups + g]);
                _mm256_storeu_ps(to, _mm256_loadu_ps(to) + _mm256_cvtepi32_ps(part[r][b]) * factor);
            }
        }
        a += WEIR_GROUP;
        scales += WEIR_BLOCK;
    }
}

static inline __attribute__((always_inline)) void tile_rows(
    const size_t rows, size_t groups, const int8_t *weights, const float *scales, const int32_t *corrections,
    const float *bias, const uint8_t *a, const float *a_scales, float *out, size_t out_stride) {
    (void)corrections;
    half_tile(rows, groups, weights, scales, bias, a, a_scales, out, out_stride);
    half_tile(rows, groups, weights + 64, scales + 16, bias + 16, a, a_scales, out + 16, out_stride);
}

typedef struct {
    __m256i part[12];
} weir_query;

static inline __attribute__((always_inline)) weir_query prepare(const int8_t *query) {
    weir_query made;
    for (size_t i = 0; i < 12; i++) made.part[i] = LOAD256(query + 32 * i);
    return made;
}

static inline __attribute__((always_inline)) int32_t dot(const weir_query *query, const int8_t *entry) {
    __m256i even = _mm256_setzero_si256(), odd = _mm256_setzero_si256();
    for (size_t i = 0; i < 12; i += 2) {
        const __m256i e0 = LOAD256(entry + 32 * i), e1 = LOAD256(entry + 32 * i + 32);
        even = add_products(even, _mm256_abs_epi8(e0), _mm256_sign_epi8(query->part[i], e0));
        odd = add_products(odd, _mm256_abs_epi8(e1), _mm256_sign_epi8(query->part[i + 1], e1));
    }
    const __m256i all = _mm256_add_epi32(even, odd);
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4E));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xB1));
    return _mm_cvtsi128_si32(sum);
}

#include "forward.h"

#pragma clang attribute pop

const weir_kernels weir_avx2 = {encode, search};
#endif
