#include "kernels.h"

#if defined(__aarch64__)
#include "path-neon.h"

/* Eight channels: two products of at most 127 * 127 fit into 16 bits before they are added to a channel's two
 * halves. */
static inline __attribute__((always_inline)) void eighth_tile(
    const size_t rows, size_t stride, const int8_t *weights, const uint8_t *a, int32x4_t part[4][2]) {
    int32x4_t half[4][4];
    for (size_t r = 0; r < rows; r++)
        for (size_t b = 0; b < 4; b++) half[r][b] = vdupq_n_s32(0);
    for (size_t quad = 0; quad < WEIR_GROUP / 4; quad += 2)
        for (size_t r = 0; r < rows; r++) {
            int32_t first, second;
            memcpy(&first, a + r * stride + 4 * quad, 4);
            memcpy(&second, a + r * stride + 4 * quad + 4, 4);
            const int8x8_t i0 = vreinterpret_s8_s32(vdup_n_s32(first));
            const int8x8_t i1 = vreinterpret_s8_s32(vdup_n_s32(second));
            for (size_t b = 0; b < 4; b++) {
                const int8_t *at = weights + quad * 4 * WEIR_BLOCK + 8 * b;
                const int16x8_t product =
                    vmlal_s8(vmull_s8(vld1_s8(at), i0), vld1_s8(at + 4 * WEIR_BLOCK), i1);
                half[r][b] = vpadalq_s16(half[r][b], product);
            }
        }
    for (size_t r = 0; r < rows; r++)
        for (size_t b = 0; b < 2; b++) part[r][b] = vpaddq_s32(half[r][2 * b], half[r][2 * b + 1]);
}

static inline __attribute__((always_inline)) void tile_rows(
    const size_t rows, size_t groups, const int8_t *weights, const float *scales, const int32_t *corrections,
    const float *bias, const uint8_t *a, const float *a_scales, float *out, size_t out_stride) {
    (void)corrections;
    start_rows(rows, bias, out, out_stride);
    for (size_t g = 0; g < groups; g++)
        for (size_t c = 0; c < WEIR_BLOCK; c += 8) {
            int32x4_t part[4][2];
            eighth_tile(
                rows, groups * WEIR_GROUP, weights + g * WEIR_GROUP * WEIR_BLOCK + 4 * c,
                a + g * WEIR_GROUP, part);
            for (size_t r = 0; r < rows; r++)
                for (size_t b = 0; b < 2; b++)
                    add_scaled(
                        out + r * out_stride + c + 4 * b, part[r][b], scales + g * WEIR_BLOCK + c + 4 * b,
                        a_scales[r * groups + g]);
        }
}

static inline __attribute__((always_inline)) int32_t dot(const weir_query *query, const int8_t *entry) {
    int32x4_t sum = vdupq_n_s32(0);
    for (size_t i = 0; i < WEIR_DIM; i += 8)
        sum = vpadalq_s16(sum, vmull_s8(vld1_s8(query->values + i), vld1_s8(entry + i)));
    return vaddvq_s32(sum);
}

#include "forward.h"

const weir_kernels weir_neon = {encode, search};
#endif
