/* Prints, for every path of the encoder that this machine can take, what it makes of the same word pieces: a hash of
 * the vectors' bits and one of what a search among them finds. All paths of all machines must print the same.
 *
 *   encoder-paths IMAGE */
#include "CWeirEmbed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 1000, NEIGHBOURS = 10 };

/* Lengths around the edges of the kernels' tiles: rows of four, groups and the longest text. */
static const size_t lengths[] = {2, 3, 4, 5, 7, 16, 17, 31, 32, 33, 65, 128, 255, 256};
enum { TEXTS = sizeof lengths / sizeof *lengths };

static uint64_t seed = 1;

/* The high half of Knuth's MMIX generator. */
static uint32_t next(void) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 32);
}

/* FNV-1a. */
static uint64_t hashed(uint64_t hash, const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    for (size_t i = 0; i < count; i++) hash = (hash ^ at[i]) * 0x100000001b3u;
    return hash;
}

static void *whole(const char *path, size_t *count) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    fseek(file, 0, SEEK_END);
    *count = (size_t)ftell(file);
    rewind(file);
    void *bytes = aligned_alloc(64, (*count + 63) / 64 * 64);
    const size_t got = bytes ? fread(bytes, 1, *count, file) : 0;
    fclose(file);
    return got == *count ? bytes : NULL;
}

int main(int argc, char **argv) {
    size_t count = 0;
    void *bytes = argc == 2 ? whole(argv[1], &count) : NULL;
    weir_image image;
    if (!bytes || weir_image_open(bytes, count, &image) != WEIR_IMAGE_RIGHT) {
        fprintf(stderr, "usage: encoder-paths IMAGE (the file that `make setup` writes)\n");
        return 2;
    }
    int32_t ids[TEXTS][WEIR_MAX_PIECES];
    for (size_t text = 0; text < TEXTS; text++)
        for (size_t i = 0; i < lengths[text]; i++)
            ids[text][i] = i == 0 ? 101 : i + 1 == lengths[text] ? 102 : (int32_t)(next() % image.pieces);
    int8_t *entries = malloc(ENTRIES * WEIR_DIMENSIONS);
    float *scales = malloc(ENTRIES * sizeof *scales);
    void *scratch = weir_scratch_new();
    if (!entries || !scales || !scratch) return 3;
    for (size_t i = 0; i < ENTRIES; i++) {
        float vector[WEIR_DIMENSIONS];
        for (size_t d = 0; d < WEIR_DIMENSIONS; d++) vector[d] = (float)(next() % 2001) / 1000 - 1;
        scales[i] = weir_quantise(vector, entries + i * WEIR_DIMENSIONS);
    }
    for (int path = 0; path < WEIR_PATHS; path++) {
        if (!(weir_embed_paths() >> path & 1)) continue;
        uint64_t vectors = 0xcbf29ce484222325u, found = vectors;
        for (size_t text = 0; text < TEXTS; text++) {
            float vector[WEIR_DIMENSIONS];
            int8_t values[WEIR_DIMENSIONS];
            weir_neighbour near[NEIGHBOURS];
            if (weir_encode(&image, ids[text], lengths[text], path, scratch, vector)) return 4;
            vectors = hashed(vectors, vector, sizeof vector);
            const float scale = weir_quantise(vector, values);
            const size_t n =
                weir_search(values, scale, entries, scales, ENTRIES, NEIGHBOURS, -1, path, near);
            for (size_t i = 0; i < n; i++) {
                found = hashed(found, &near[i].index, sizeof near[i].index);
                found = hashed(found, &near[i].cosine, sizeof near[i].cosine);
            }
        }
        printf("%-12s %016llx %016llx\n", weir_path_name(path), (unsigned long long)vectors, (unsigned long long)found);
        fflush(stdout);
    }
    return 0;
}
