/* The transformer's pass and the search, written once and compiled for every instruction set. The file that
 * includes it defines before:
 *   TILE_ROWS, ATTENTION_ROWS, ATTENTION_BLOCKS   rows and blocks of 16 that fit into the registers; at most 8
 *   INPUT_BIAS                                    0, or 0x80 where the integer product wants unsigned inputs
 *   tile_rows(rows, ...), dot(...)                the two integer kernels
 * No result depends on these: every number is summed up in the same order. */

#define INLINE static inline __attribute__((always_inline))

/* 16 numbers, whatever the machine's registers hold. */
typedef float vf __attribute__((ext_vector_type(16)));
typedef int32_t vi __attribute__((ext_vector_type(16)));
typedef uint8_t vb __attribute__((ext_vector_type(16)));
typedef float vf_any __attribute__((ext_vector_type(16), aligned(4), may_alias));
typedef uint8_t vb_any __attribute__((ext_vector_type(16), aligned(1), may_alias));

#define LOAD(at) (*(const vf_any *)(at))
#define STORE(at, v) (*(vf_any *)(at) = (v))
#define LARGER(a, b) ((a) > (b) ? (a) : (b))

#include "forward-math.h"
#include "forward-linear.h"
#include "forward-attention.h"

static void embed_words(
    const weir_image *image, const weir_layout *at, const int32_t *ids, size_t n, weir_scratch *s) {
    const int8_t *words = (const int8_t *)image->bytes + at->words;
    const float *scales = (const float *)(image->bytes + at->word_scales);
    const float *places = (const float *)(image->bytes + at->positions);
    for (size_t i = 0; i < n; i++) {
        const size_t id = (size_t)ids[i];
        for (size_t d = 0; d < WEIR_DIM; d++)
            s->x[i][d] = (float)words[id * WEIR_DIM + d] * scales[id * WEIR_DIM_GROUPS + d / WEIR_GROUP]
                + places[i * WEIR_DIM + d];
        normalise_row(s->x[i], (const float *)(image->bytes + at->norm));
    }
}

/* x becomes the norm of x + what the layer adds. */
static void add_and_normalise(weir_scratch *s, size_t n, const float *norm) {
    for (size_t i = 0; i < n; i++) {
        for (size_t d = 0; d < WEIR_DIM; d += 16) STORE(s->x[i] + d, LOAD(s->x[i] + d) + LOAD(s->sum[i] + d));
        normalise_row(s->x[i], norm);
    }
}

static void transform(const weir_image *image, const weir_layer_at *at, size_t n, weir_scratch *s) {
    const weir_linear qkv = linear_at(image, &at->qkv, WEIR_DIM), out = linear_at(image, &at->out, WEIR_DIM);
    const weir_linear up = linear_at(image, &at->up, WEIR_DIM);
    const weir_linear down = linear_at(image, &at->down, WEIR_INNER);
    for (size_t i = 0; i < n; i++) quantise_row(s->x[i], WEIR_DIM_GROUPS, s->a[i], s->a_scales[i]);
    linear_all(&qkv, s->a[0], s->a_scales[0], n, 3 * WEIR_DIM, s->qkv[0]);
    attend(s, n);
    for (size_t i = 0; i < n; i++) quantise_row(s->sum[i], WEIR_DIM_GROUPS, s->a[i], s->a_scales[i]);
    linear_all(&out, s->a[0], s->a_scales[0], n, WEIR_DIM, s->sum[0]);
    add_and_normalise(s, n, (const float *)(image->bytes + at->norm1));
    for (size_t i = 0; i < n; i++) quantise_row(s->x[i], WEIR_DIM_GROUPS, s->a[i], s->a_scales[i]);
    linear_up(&up, s, n);
    linear_all(&down, s->inner[0], s->inner_scales[0], n, WEIR_DIM, s->sum[0]);
    add_and_normalise(s, n, (const float *)(image->bytes + at->norm2));
}

static void encode(const weir_image *image, const int32_t *ids, size_t n, weir_scratch *s, float *vector) {
    weir_layout at;
    weir_layout_of(image->pieces, image->vocabulary_count, &at);
    embed_words(image, &at, ids, n, s);
    for (int i = 0; i < WEIR_LAYERS; i++) transform(image, &at.layer[i], n, s);
    vf squares = 0;
    for (size_t d = 0; d < WEIR_DIM; d += 16) {
        vf sum = 0;
        for (size_t i = 0; i < n; i++) sum += LOAD(s->x[i] + d);
        STORE(s->sum[0] + d, sum);
        squares += sum * sum;
    }
    const float length = __builtin_sqrtf(total(squares));
    for (size_t d = 0; d < WEIR_DIM; d++) vector[d] = length > 0 ? s->sum[0][d] / length : 0;
}

static size_t search(
    const int8_t *query, float query_scale, const int8_t *entries, const float *scales, size_t count,
    size_t k, float floor, weir_neighbour *found) {
    const weir_query prepared = prepare(query);
    size_t held = 0;
    for (size_t i = 0; i < count; i++) {
        const float cosine = (float)dot(&prepared, entries + i * WEIR_DIM) * (query_scale * scales[i]);
        if (!(held < k ? cosine >= floor : cosine > found[k - 1].cosine)) continue;
        size_t at = held < k ? held++ : k - 1;
        for (; at > 0 && found[at - 1].cosine < cosine; at--) found[at] = found[at - 1];
        found[at] = (weir_neighbour){(uint32_t)i, cosine};
    }
    return held;
}
