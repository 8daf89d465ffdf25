#include "kernels.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#include "path-neon.h"

/* 16 channels of a group; a register of inputs holds four quads. */
static inline __attribute__((always_inline)) void half_tile(
    const size_t rows, size_t stride, const int8_t *weights, const uint8_t *a, int32x4_t part[4][4]) {
    for (size_t r = 0; r < rows; r++)
        for (size_t b = 0; b < 4; b++) part[r][b] = vdupq_n_s32(0);
    for (size_t i = 0; i < WEIR_GROUP; i += 16) {
        int8x16_t input[4];
        for (size_t r = 0; r < rows; r++) input[r] = vld1q_s8((const int8_t *)a + r * stride + i);
#define QUAD(lane) \
    for (size_t b = 0; b < 4; b++) { \
        const int8x16_t w = vld1q_s8(weights + (i / 4 + lane) * 4 * WEIR_BLOCK + 16 * b); \
        for (size_t r = 0; r < rows; r++) part[r][b] = vdotq_laneq_s32(part[r][b], w, input[r], lane); \
    }
        QUAD(0) QUAD(1) QUAD(2) QUAD(3)
#undef QUAD
    }
}

static inline __attribute__((always_inline)) void tile_rows(
    const size_t rows, size_t groups, const int8_t *weights, const float *scales, const int32_t *corrections,
    const float *bias, const uint8_t *a, const float *a_scales, float *out, size_t out_stride) {
    (void)corrections;
    start_rows(rows, bias, out, out_stride);
    for (size_t g = 0; g < groups; g++)
        for (size_t c = 0; c < WEIR_BLOCK; c += 16) {
            int32x4_t part[4][4];
            half_tile(
                rows, groups * WEIR_GROUP, weights + g * WEIR_GROUP * WEIR_BLOCK + 4 * c,
                a + g * WEIR_GROUP, part);
            for (size_t r = 0; r < rows; r++)
                for (size_t b = 0; b < 4; b++)
                    add_scaled(
                        out + r * out_stride + c + 4 * b, part[r][b], scales + g * WEIR_BLOCK + c + 4 * b,
                        a_scales[r * groups + g]);
        }
}

static inline __attribute__((always_inline)) int32_t dot(const weir_query *query, const int8_t *entry) {
    int32x4_t sum = vdupq_n_s32(0);
    for (size_t i = 0; i < WEIR_DIM; i += 16)
        sum = vdotq_s32(sum, vld1q_s8(query->values + i), vld1q_s8(entry + i));
    return vaddvq_s32(sum);
}

#include "forward.h"

#pragma clang attribute pop

const weir_kernels weir_neon_dot = {encode, search};
#endif
