#include "kernels.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define TILE_ROWS 2
#define ATTENTION_ROWS 2
#define ATTENTION_BLOCKS 1
#define INPUT_BIAS 0

typedef int8_t bytes8 __attribute__((ext_vector_type(8), aligned(1), may_alias));
typedef int16_t words8 __attribute__((ext_vector_type(8)));
typedef int32_t sums4 __attribute__((ext_vector_type(4)));

/* Adds the products of neighbours: one instruction that every x86-64 has, but that compilers seldom find. */
static inline __attribute__((always_inline)) sums4 add_pairs(sums4 sum, words8 x, words8 y) {
#if defined(__SSE2__)
    return sum + (sums4)_mm_madd_epi16((__m128i)x, (__m128i)y);
#else
    return sum + (__builtin_convertvector(x.even, sums4) * __builtin_convertvector(y.even, sums4)
        + __builtin_convertvector(x.odd, sums4) * __builtin_convertvector(y.odd, sums4));
#endif
}

/* Eight channels of a group, in two sums each. */
static inline __attribute__((always_inline)) void eighth_tile(
    const size_t rows, size_t stride, const int8_t *weights, const int8_t *a, sums4 half[2][4]) {
    for (size_t r = 0; r < rows; r++)
        for (size_t b = 0; b < 4; b++) half[r][b] = 0;
    for (size_t quad = 0; quad < WEIR_GROUP / 4; quad++) {
        words8 inputs[2];
        for (size_t r = 0; r < rows; r++) {
            typedef int32_t twice __attribute__((ext_vector_type(2)));
            int32_t four;
            memcpy(&four, a + r * stride + 4 * quad, 4);
            inputs[r] = __builtin_convertvector((bytes8)(twice){four, four}, words8);
        }
        for (size_t b = 0; b < 4; b++) {
            const bytes8 w = *(const bytes8 *)(weights + quad * 4 * WEIR_BLOCK + 8 * b);
            for (size_t r = 0; r < rows; r++)
                half[r][b] = add_pairs(half[r][b], __builtin_convertvector(w, words8), inputs[r]);
        }
    }
}

static inline __attribute__((always_inline)) void tile_rows(
    const size_t rows, size_t groups, const int8_t *weights, const float *scales, const int32_t *corrections,
    const float *bias, const uint8_t *a, const float *a_scales, float *out, size_t out_stride) {
    (void)corrections;
    for (size_t r = 0; r < rows; r++) memcpy(out + r * out_stride, bias, WEIR_BLOCK * sizeof *out);
    for (size_t g = 0; g < groups; g++, scales += WEIR_BLOCK)
        for (size_t c = 0; c < WEIR_BLOCK; c += 8) {
            sums4 half[2][4];
            const int8_t *w = weights + g * WEIR_GROUP * WEIR_BLOCK + 4 * c;
            eighth_tile(rows, groups * WEIR_GROUP, w, (const int8_t *)a + g * WEIR_GROUP, half);
            for (size_t r = 0; r < rows; r++)
                for (size_t i = 0; i < 8; i++) {
                    const int32_t part = half[r][i / 2][i % 2 * 2] + half[r][i / 2][i % 2 * 2 + 1];
                    float *to = out + r * out_stride + c + i;
                    *to = *to + (float)part * (scales[c + i] * a_scales[r * groups + g]);
                }
        }
}

typedef struct {
    const int8_t *values;
} weir_query;

static inline __attribute__((always_inline)) weir_query prepare(const int8_t *query) {
    return (weir_query){query};
}

static inline __attribute__((always_inline)) int32_t dot(const weir_query *query, const int8_t *entry) {
    int32_t sum = 0;
    for (size_t i = 0; i < WEIR_DIM; i++) sum += query->values[i] * entry[i];
    return sum;
}

#include "forward.h"

const weir_kernels weir_portable = {encode, search};
