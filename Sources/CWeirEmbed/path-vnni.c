#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push( \
    __attribute__((target("avx2,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function)

#define TILE_ROWS 6
#define ATTENTION_ROWS 6
#define ATTENTION_BLOCKS 2
#define INPUT_BIAS 0x80

static inline __attribute__((always_inline)) void tile_rows(
    const size_t rows, size_t groups, const int8_t *weights, const float *scales, const int32_t *corrections,
    const float *bias, const uint8_t *a, const float *a_scales, float *out, size_t out_stride) {
    const size_t stride = groups * WEIR_GROUP;
    __m512 sum[6][2];
    for (size_t r = 0; r < rows; r++)
        for (size_t b = 0; b < 2; b++) sum[r][b] = _mm512_loadu_ps(bias + 16 * b);
    for (size_t g = 0; g < groups; g++) {
        __m512i part[6][2];
        for (size_t r = 0; r < rows; r++)
            for (size_t b = 0; b < 2; b++) part[r][b] = _mm512_loadu_si512(corrections + 16 * b);
#pragma clang loop unroll_count(4)
        for (size_t quad = 0; quad < WEIR_GROUP / 4; quad++) {
            const __m512i w0 = _mm512_loadu_si512(weights), w1 = _mm512_loadu_si512(weights + 64);
            for (size_t r = 0; r < rows; r++) {
                int32_t four;
                memcpy(&four, a + r * stride + 4 * quad, 4);
                const __m512i input = _mm512_set1_epi32(four);
                part[r][0] = _mm512_dpbusd_epi32(part[r][0], input, w0);
                part[r][1] = _mm512_dpbusd_epi32(part[r][1], input, w1);
            }
            weights += 4 * WEIR_BLOCK;
        }
        for (size_t b = 0; b < 2; b++) {
            const __m512 scale = _mm512_loadu_ps(scales + 16 * b);
            for (size_t r = 0; r < rows; r++) {
                const __m512 factor = scale * _mm512_set1_ps(a_scales[r * groups + g]);
                sum[r][b] = sum[r][b] + _mm512_cvtepi32_ps(part[r][b]) * factor;
            }
        }
        a += WEIR_GROUP;
        scales += WEIR_BLOCK;
        corrections += WEIR_BLOCK;
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t b = 0; b < 2; b++) _mm512_storeu_ps(out + r * out_stride + 16 * b, sum[r][b]);
}

typedef struct {
    __m512i part[6];
    int32_t correction;
} weir_query;

static inline __attribute__((always_inline)) weir_query prepare(const int8_t *query) {
    weir_query made = {.correction = 0};
    for (size_t i = 0; i < WEIR_DIM; i++) made.correction -= 128 * query[i];
    for (size_t i = 0; i < 6; i++) made.part[i] = _mm512_loadu_si512(query + 64 * i);
    return made;
}

static inline __attribute__((always_inline)) int32_t dot(const weir_query *query, const int8_t *entry) {
    const __m512i bias = _mm512_set1_epi8((char)0x80);
    __m512i even = _mm512_setzero_si512(), odd = _mm512_setzero_si512();
    for (size_t i = 0; i < 6; i += 2) {
        even = _mm512_dpbusd_epi32(
            even, _mm512_xor_si512(_mm512_loadu_si512(entry + 64 * i), bias), query->part[i]);
        odd = _mm512_dpbusd_epi32(
            odd, _mm512_xor_si512(_mm512_loadu_si512(entry + 64 * i + 64), bias), query->part[i + 1]);
    }
    return _mm512_reduce_add_epi32(_mm512_add_epi32(even, odd)) + query->correction;
}

#include "forward.h"

#pragma clang attribute pop

const weir_kernels weir_vnni = {encode, search};
#endif
