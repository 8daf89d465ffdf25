#ifndef WEIR_EMBED_KERNELS_H
#define WEIR_EMBED_KERNELS_H

#include "CWeirEmbed.h"
#include "image.h"

/* A product is never fused with the sum it goes into, here and in all that includes this file: machines that
 * can and machines that cannot would round differently. */
#pragma STDC FP_CONTRACT OFF

/* Vectors wider than the registers go through no call: everything that takes them is inlined. */
#pragma clang diagnostic ignored "-Wpsabi"

/* What one thread works in. Rows are word pieces. */
typedef struct {
    _Alignas(64) float x[WEIR_POSITIONS][WEIR_DIM];
    float qkv[WEIR_POSITIONS][3 * WEIR_DIM];
    float sum[WEIR_POSITIONS][WEIR_DIM];            /* what attention found; then what a layer adds to x */
    uint8_t a[WEIR_POSITIONS][WEIR_DIM];            /* x or sum in 8 bits, with their scales */
    float a_scales[WEIR_POSITIONS][WEIR_DIM_GROUPS];
    uint8_t inner[WEIR_POSITIONS][WEIR_INNER];
    float inner_scales[WEIR_POSITIONS][WEIR_INNER / WEIR_GROUP];
    float keys[WEIR_HEAD_DIM][WEIR_POSITIONS];      /* of one head, turned */
    float scores[8][WEIR_POSITIONS];
    float tile[8][WEIR_GROUP];
} weir_scratch;

/* One path's code. */
typedef struct {
    void (*encode)(
        const weir_image *image, const int32_t *ids, size_t count, weir_scratch *scratch, float *vector);
    size_t (*search)(
        const int8_t *query, float query_scale, const int8_t *entries, const float *scales, size_t count,
        size_t k, float floor, weir_neighbour *found);
} weir_kernels;

extern const weir_kernels weir_portable;
#if defined(__x86_64__)
extern const weir_kernels weir_avx2, weir_vnni;
#elif defined(__aarch64__)
extern const weir_kernels weir_neon, weir_neon_dot;
#endif

#endif
