/* Included by forward.h: the linear layers. */

typedef struct {
    const int8_t *weights;
    const float *scales;
    const int32_t *corrections;
    const float *bias;
    size_t inputs;
} weir_linear;

INLINE weir_linear linear_at(const weir_image *image, const weir_linear_at *at, size_t inputs) {
    return (weir_linear){
        (const int8_t *)image->bytes + at->weights,
        (const float *)(image->bytes + at->scales),
        (const int32_t *)(image->bytes + at->corrections),
        (const float *)(image->bytes + at->bias),
        inputs,
    };
}

/* Splits n rows into tiles of nearly the same height: the height of the one that begins at `row`. */
INLINE size_t tile_height(size_t n, size_t row, size_t most) {
    const size_t left = n - row, tiles = (left + most - 1) / most;
    return (left + tiles - 1) / tiles;
}

/* 32 channels of up to TILE_ROWS rows; `rows` is a constant in each case, so that loops over it unroll. */
INLINE void tile(
    const weir_linear *layer, size_t block, const uint8_t *a, const float *a_scales, size_t rows, float *out,
    size_t out_stride) {
    const size_t groups = layer->inputs / WEIR_GROUP, at = block * groups * WEIR_BLOCK;
    const int8_t *weights = layer->weights + at * WEIR_GROUP;
    const float *scales = layer->scales + at, *bias = layer->bias + block * WEIR_BLOCK;
    const int32_t *corrections = layer->corrections + at;
    switch (rows) {
#define CASE(r) \
    case r: tile_rows(r, groups, weights, scales, corrections, bias, a, a_scales, out, out_stride); break;
#if TILE_ROWS >= 6
    CASE(6) CASE(5)
#endif
#if TILE_ROWS >= 4
    CASE(4) CASE(3)
#endif
#if TILE_ROWS >= 2
    CASE(2)
#endif
    CASE(1)
#undef CASE
    }
}

/* out[n][channels] = a * weights + bias. A block's weights stay in the cache for all rows. */
static void linear_all(
    const weir_linear *layer, const uint8_t *a, const float *a_scales, size_t n, size_t channels,
    float *out) {
    const size_t groups = layer->inputs / WEIR_GROUP;
    for (size_t block = 0; block < channels / WEIR_BLOCK; block++)
        for (size_t row = 0, rows; row < n; row += rows) {
            rows = tile_height(n, row, TILE_ROWS);
            tile(
                layer, block, a + row * layer->inputs, a_scales + row * groups, rows,
                out + row * channels + block * WEIR_BLOCK, channels);
        }
}

/* The layer that widens: its outputs go through gelu and are rounded again while they are at hand. */
static void linear_up(const weir_linear *layer, weir_scratch *s, size_t n) {
    for (size_t group = 0; group < WEIR_INNER / WEIR_GROUP; group++)
        for (size_t row = 0, rows; row < n; row += rows) {
            rows = tile_height(n, row, TILE_ROWS);
            for (size_t b = 0; b < WEIR_GROUP / WEIR_BLOCK; b++)
                tile(
                    layer, group * (WEIR_GROUP / WEIR_BLOCK) + b, s->a[row], s->a_scales[row], rows,
                    s->tile[0] + b * WEIR_BLOCK, WEIR_GROUP);
            for (size_t r = 0; r < rows; r++) {
                for (size_t i = 0; i < WEIR_GROUP; i += 16) STORE(s->tile[r] + i, gelu(LOAD(s->tile[r] + i)));
                quantise_row(
                    s->tile[r], 1, s->inner[row + r] + group * WEIR_GROUP, &s->inner_scales[row + r][group]);
            }
        }
}
