/* Times the sentence encoder of Sources/CWeirEmbed on one core and prints JSON.
 *   embed IMAGE [SECONDS]
 * "embed N" is one text of N word pieces, "search N" the eight nearest of N entries; milliseconds each, on the
 * path that Weir would take here. Each is measured for SECONDS (1 when not given). */
#include "CWeirEmbed.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

enum { RUNS = 20000 };
static double runs[RUNS];

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "embed: %s\n", what);
    exit(1);
}

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static uint32_t draw(void) {
    static uint32_t state = 2463534242u;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(const char *what, size_t size, size_t count) {
    qsort(runs, count, sizeof *runs, ascending);
    printf(",\n \"%s %zu\": {\"p50_ms\": %.4f, \"p95_ms\": %.4f, \"runs\": %zu}", what, size, runs[count / 2],
           runs[count * 95 / 100], count);
}

static void time_texts(const weir_image *image, size_t pieces, double milliseconds) {
    int32_t ids[WEIR_MAX_PIECES];
    float vector[WEIR_DIMENSIONS];
    void *scratch = weir_scratch_new();
    if (!scratch) fail("no memory");
    size_t count = 0;
    const double end = now_ms() + milliseconds;
    for (int warm = 20; warm > 0 || (count < RUNS && now_ms() < end); warm--) {
        for (size_t i = 0; i < pieces; i++) ids[i] = (int32_t)(draw() % image->pieces);
        const double began = now_ms();
        if (weir_encode(image, ids, pieces, weir_best_path(), scratch, vector)) fail("it was refused");
        if (warm <= 0) runs[count++] = now_ms() - began;
    }
    weir_scratch_free(scratch);
    print("embed", pieces, count);
}

/* Entries as of a full scope: random directions, so that the eight best change often at first. */
static void time_search(size_t entries, double milliseconds) {
    int8_t *values = malloc(entries * WEIR_DIMENSIONS), query[WEIR_DIMENSIONS];
    float *scales = malloc(entries * sizeof *scales);
    if (!values || !scales) fail("no memory");
    for (size_t i = 0; i < entries * WEIR_DIMENSIONS; i++) values[i] = (int8_t)(draw() % 255 - 127);
    for (size_t i = 0; i < entries; i++) scales[i] = 1.0f / 1440;
    weir_neighbour found[8];
    size_t count = 0;
    const double end = now_ms() + milliseconds;
    for (int warm = 5; warm > 0 || (count < RUNS && now_ms() < end); warm--) {
        for (size_t i = 0; i < WEIR_DIMENSIONS; i++) query[i] = (int8_t)(draw() % 255 - 127);
        const double began = now_ms();
        if (!weir_search(query, 1.0f / 1440, values, scales, entries, 8, -1, weir_best_path(), found))
            fail("nothing was found");
        if (warm <= 0) runs[count++] = now_ms() - began;
    }
    free(values);
    free(scales);
    print("search", entries, count);
}

int main(int count, char **words) {
    if (count < 2) fail("usage: embed IMAGE [SECONDS]");
    const double milliseconds = count > 2 ? atof(words[2]) * 1e3 : 1e3;
    const int file = open(words[1], O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status) || status.st_size == 0) fail("cannot open the image");
    const size_t size = (size_t)status.st_size;
    const void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED) fail("cannot map the image");
    weir_image image;
    const double began = now_ms();
    if (weir_image_open(bytes, size, &image)) fail("the image is not right");
    printf("{\"path\": \"%s\", \"open_ms\": %.2f", weir_path_name(weir_best_path()), now_ms() - began);
    time_texts(&image, 8, milliseconds);
    time_texts(&image, 32, milliseconds);
    time_texts(&image, 128, milliseconds);
    time_search(10000, milliseconds);
    time_search(100000, milliseconds);
    printf("\n}\n");
    return 0;
}
