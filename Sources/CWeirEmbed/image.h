#ifndef WEIR_EMBED_IMAGE_H
#define WEIR_EMBED_IMAGE_H

#include <stdint.h>
#include <stddef.h>
#include <string.h>

/* The image of the encoder: one file, mapped and used as it is. Numbers are little-endian, parts start at
 * multiples of 64. Shared by the reader (image.c) and the writer (Scripts/model/convert.c). */

#define WEIR_IMAGE_MAGIC "WEIRENC\n"

enum {
    WEIR_VERSION = 1,
    WEIR_DIM = 384,
    WEIR_LAYERS = 6,
    WEIR_HEADS = 12,
    WEIR_HEAD_DIM = 32,
    WEIR_INNER = 1536,
    WEIR_POSITIONS = 256,
    WEIR_GROUP = 128,      /* numbers that share a scale */
    WEIR_BLOCK = 32,       /* output channels that lie together */
    WEIR_DIM_GROUPS = WEIR_DIM / WEIR_GROUP,
    WEIR_PIECES_MAX = 1 << 20,
    WEIR_VOCABULARY_MAX = 1 << 26,
};

typedef struct {
    uint8_t magic[8];
    uint32_t version;
    uint32_t header_bytes;
    uint64_t file_bytes;
    uint64_t checksum;            /* of everything behind this field */
    char name[64];                /* ends with a zero */
    uint32_t dimensions, layers, heads, inner, positions, group, block;
    uint32_t pieces;
    uint32_t vocabulary_bytes;
    uint32_t spare[7];
} weir_header;

/* A linear layer with K inputs and N outputs:
 *   weights      [N / 32][K / 128][32 quads][32 channels][4] int8, -127...127
 *   scales       [N / 32][K / 128][32 channels] float
 *   corrections  [N / 32][K / 128][32 channels] int32: -128 times the sum of the group's weights, which takes
 *                back the 128 that paths with unsigned inputs add to every input
 *   bias         [N] float
 * A layer of the transformer: queries, keys and values in one (384 -> 1152; queries divided by the root of 32),
 * output (384 -> 384), norm, up (384 -> 1536), down (1536 -> 384), norm. A norm: weight [384], bias [384]. */
typedef struct {
    size_t weights, scales, corrections, bias;
} weir_linear_at;

typedef struct {
    weir_linear_at qkv, out, up, down;
    size_t norm1, norm2;
} weir_layer_at;

typedef struct {
    size_t words;         /* [pieces][384] int8 */
    size_t word_scales;   /* [pieces][3] float */
    size_t positions;     /* [256][384] float, the type of a first sentence added */
    size_t norm;
    weir_layer_at layer[WEIR_LAYERS];
    size_t vocabulary;    /* see WordPieceVocabulary in WeirCore */
    size_t end;
} weir_layout;

static inline size_t weir_part(size_t *end, size_t bytes) {
    size_t at = *end;
    *end = (at + bytes + 63) & ~(size_t)63;
    return at;
}

static inline weir_linear_at weir_linear_layout(size_t *end, size_t k, size_t n) {
    weir_linear_at at;
    at.weights = weir_part(end, k * n);
    at.scales = weir_part(end, k / WEIR_GROUP * n * 4);
    at.corrections = weir_part(end, k / WEIR_GROUP * n * 4);
    at.bias = weir_part(end, n * 4);
    return at;
}

static inline void weir_layout_of(size_t pieces, size_t vocabulary_bytes, weir_layout *at) {
    size_t end = (sizeof(weir_header) + 63) & ~(size_t)63;
    at->words = weir_part(&end, pieces * WEIR_DIM);
    at->word_scales = weir_part(&end, pieces * WEIR_DIM_GROUPS * 4);
    at->positions = weir_part(&end, WEIR_POSITIONS * WEIR_DIM * 4);
    at->norm = weir_part(&end, 2 * WEIR_DIM * 4);
    for (int i = 0; i < WEIR_LAYERS; i++) {
        weir_layer_at *layer = &at->layer[i];
        layer->qkv = weir_linear_layout(&end, WEIR_DIM, 3 * WEIR_DIM);
        layer->out = weir_linear_layout(&end, WEIR_DIM, WEIR_DIM);
        layer->norm1 = weir_part(&end, 2 * WEIR_DIM * 4);
        layer->up = weir_linear_layout(&end, WEIR_DIM, WEIR_INNER);
        layer->down = weir_linear_layout(&end, WEIR_INNER, WEIR_DIM);
        layer->norm2 = weir_part(&end, 2 * WEIR_DIM * 4);
    }
    at->vocabulary = weir_part(&end, vocabulary_bytes);
    at->end = end;
}

/* Checksum of bytes whose count is a multiple of 8: four lanes of xor, multiply and rotate. It tells damage,
 * not forgery: every step is a bijection of its lane, so one changed word always changes the result. */
static inline uint64_t weir_checksum(const uint8_t *bytes, size_t count) {
    const uint64_t prime = 0x9E3779B97F4A7C15;
    uint64_t lane[4] = {0x6A09E667F3BCC909, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1};
    size_t i = 0, l = 0;
    for (; i + 32 <= count; i += 32) {
        for (l = 0; l < 4; l++) {
            uint64_t word;
            memcpy(&word, bytes + i + 8 * l, 8);
            lane[l] = (lane[l] ^ word) * prime;
            lane[l] ^= lane[l] >> 29;
        }
    }
    for (l = 0; i + 8 <= count; i += 8, l++) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        lane[l] = (lane[l] ^ word) * prime;
        lane[l] ^= lane[l] >> 29;
    }
    uint64_t sum = (uint64_t)count;
    for (l = 0; l < 4; l++) {
        sum = (sum ^ lane[l]) * prime;
        sum ^= sum >> 32;
    }
    return sum;
}

#endif
