#include "kernels.h"
#include <stdlib.h>

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

_Static_assert(sizeof(weir_scratch) % 64 == 0, "aligned_alloc wants whole lines");

static const weir_kernels *kernels_of(weir_path path) {
    switch (path) {
    case WEIR_PATH_PORTABLE: return &weir_portable;
#if defined(__x86_64__)
    case WEIR_PATH_AVX2: return &weir_avx2;
    case WEIR_PATH_VNNI: return &weir_vnni;
#elif defined(__aarch64__)
    case WEIR_PATH_NEON: return &weir_neon;
    case WEIR_PATH_NEON_DOT: return &weir_neon_dot;
#endif
    default: return NULL;
    }
}

uint32_t weir_embed_paths(void) {
    uint32_t paths = 1u << WEIR_PATH_PORTABLE;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2")) {
        paths |= 1u << WEIR_PATH_AVX2;
        if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512vnni"))
            paths |= 1u << WEIR_PATH_VNNI;
    }
#elif defined(__aarch64__)
    paths |= 1u << WEIR_PATH_NEON;
#if defined(__linux__)
    /* Bit 20 is the dot product of bytes. */
    if (getauxval(AT_HWCAP) & (1ul << 20)) paths |= 1u << WEIR_PATH_NEON_DOT;
#elif defined(__APPLE__)
    paths |= 1u << WEIR_PATH_NEON_DOT;
#endif
#endif
    return paths;
}

weir_path weir_best_path(void) {
    static const weir_path order[] = {WEIR_PATH_VNNI, WEIR_PATH_AVX2, WEIR_PATH_NEON_DOT, WEIR_PATH_NEON};
    const uint32_t paths = weir_embed_paths();
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (paths >> order[i] & 1) return order[i];
    return WEIR_PATH_PORTABLE;
}

const char *weir_path_name(weir_path path) {
    static const char *const names[WEIR_PATHS] = {"portable", "avx2", "avx512-vnni", "neon", "neon-dot"};
    return (unsigned)path < WEIR_PATHS ? names[path] : "";
}

void *weir_scratch_new(void) {
    void *scratch = aligned_alloc(64, sizeof(weir_scratch));
    /* Its pages are there from now on, so that the first text is not the slow one. */
    if (scratch) memset(scratch, 0, sizeof(weir_scratch));
    return scratch;
}

void weir_scratch_free(void *scratch) { free(scratch); }

int weir_encode(
    const weir_image *image, const int32_t *ids, size_t count, weir_path path, void *scratch, float *vector) {
    if (!image || !ids || !scratch || !vector || count == 0 || count > WEIR_MAX_PIECES) return -1;
    if ((unsigned)path >= WEIR_PATHS || !(weir_embed_paths() >> path & 1)) return -1;
    for (size_t i = 0; i < count; i++)
        if (ids[i] < 0 || (uint32_t)ids[i] >= image->pieces) return -1;
    kernels_of(path)->encode(image, ids, count, scratch, vector);
    return 0;
}

float weir_quantise(const float *vector, int8_t *values) {
    float most = 0, squares = 0;
    memset(values, 0, WEIR_DIM);
    for (size_t i = 0; i < WEIR_DIM; i++) {
        const float size = __builtin_fabsf(vector[i]);
        if (!(size <= __FLT_MAX__)) return 0;
        if (size > most) most = size;
    }
    /* A vector of numbers this small has lost its direction. */
    if (!(most > 1e-30f)) return 0;
    for (size_t i = 0; i < WEIR_DIM; i++) {
        values[i] = (int8_t)__builtin_rintf(vector[i] / most * 127.0f);
        squares += (float)(values[i] * values[i]);
    }
    return 1.0f / __builtin_sqrtf(squares);
}

size_t weir_search(
    const int8_t *query, float query_scale, const int8_t *entries, const float *scales, size_t count,
    size_t k, float floor, weir_path path, weir_neighbour *found) {
    if (count == 0 || k == 0 || count > UINT32_MAX) return 0;
    if ((unsigned)path >= WEIR_PATHS || !(weir_embed_paths() >> path & 1)) return 0;
    if (k > WEIR_MAX_NEIGHBOURS) k = WEIR_MAX_NEIGHBOURS;
    return kernels_of(path)->search(query, query_scale, entries, scales, count, k, floor, found);
}
