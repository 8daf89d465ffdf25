/* Included by path-neon.c and path-neon-dot.c: what both have in common. */
#include <arm_neon.h>

#define TILE_ROWS 4
#define ATTENTION_ROWS 4
#define ATTENTION_BLOCKS 1
#define INPUT_BIAS 0

/* Adds four channels' sums of a group to what they had. */
static inline __attribute__((always_inline)) void add_scaled(
    float *to, int32x4_t part, const float *scales, float scale) {
    const float32x4_t factor = vmulq_n_f32(vld1q_f32(scales), scale);
    vst1q_f32(to, vaddq_f32(vld1q_f32(to), vmulq_f32(vcvtq_f32_s32(part), factor)));
}

static inline __attribute__((always_inline)) void start_rows(
    const size_t rows, const float *bias, float *out, size_t out_stride) {
    for (size_t r = 0; r < rows; r++) memcpy(out + r * out_stride, bias, WEIR_BLOCK * sizeof *out);
}

typedef struct {
    const int8_t *values;
} weir_query;

static inline __attribute__((always_inline)) weir_query prepare(const int8_t *query) {
    return (weir_query){query};
}
