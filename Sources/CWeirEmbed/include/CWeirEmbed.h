#ifndef WEIR_EMBED_H
#define WEIR_EMBED_H

#include <stddef.h>
#include <stdint.h>

/* Sentence vectors of all-MiniLM-L6-v2 in int8, and the search for the nearest among them.
 *
 * Every path computes the same integers and does its floating point in the same order, so that vectors are equal
 * bit for bit on every machine; the portable path is the definition. */

/// Sizes that callers must know: numbers of a vector, and word pieces that one text may have.
enum { WEIR_DIMENSIONS = 384, WEIR_MAX_PIECES = 256 };

/// Grows whenever the same image gives other vectors than before; it is part of the encoder's identity.
enum { WEIR_ARITHMETIC = 1 };

/// Most neighbours that one search reports.
enum { WEIR_MAX_NEIGHBOURS = 64 };

/// The instruction sets that there is code for.
typedef enum {
    WEIR_PATH_PORTABLE = 0,
    WEIR_PATH_AVX2 = 1,
    WEIR_PATH_VNNI = 2,
    WEIR_PATH_NEON = 3,
    WEIR_PATH_NEON_DOT = 4,
} weir_path;

/// Number of `weir_path`s.
enum { WEIR_PATHS = 5 };

/// Bit `1 << path` for every path that this machine can take; the portable one is always there.
uint32_t weir_embed_paths(void);

/// The fastest path that this machine can take.
weir_path weir_best_path(void);

/// The path's name: "portable", "avx2", "avx512-vnni", "neon", "neon-dot".
const char *weir_path_name(weir_path path);

/// What is wrong with an image.
typedef enum {
    WEIR_IMAGE_RIGHT = 0,
    WEIR_IMAGE_CUT,        ///< shorter or longer than its header says
    WEIR_IMAGE_MISPLACED,  ///< its first byte is not at a multiple of 64 in memory
    WEIR_IMAGE_FOREIGN,    ///< no image, or written for the other byte order
    WEIR_IMAGE_VERSION,    ///< of another version than this code reads
    WEIR_IMAGE_SHAPE,      ///< sizes that are not this model's
    WEIR_IMAGE_CHECKSUM,   ///< its bytes are not those that were written
} weir_image_fault;

/// An image that was found right: where its parts are. Owns nothing; the bytes must stay as they are.
typedef struct {
    const uint8_t *bytes;
    size_t count;
    uint32_t version;
    uint32_t pieces;        ///< entries of the vocabulary
    uint64_t checksum;      ///< of everything but the fixed fields; tells images apart
    const char *name;       ///< the model's name, ends with a zero
    const uint8_t *vocabulary;
    size_t vocabulary_count;
} weir_image;

/// Looks through all of `bytes` and fills `image` when they are right. Reads no byte outside of them.
weir_image_fault weir_image_open(const void *bytes, size_t count, weir_image *image);

/// Memory that one thread needs to encode, about 2.7 MB; NULL when there is none. Used by one call at a time.
void *weir_scratch_new(void);
void weir_scratch_free(void *scratch);

/// Writes the unit vector of a text to `vector[WEIR_DIMENSIONS]`; returns 0.
///
/// `ids` are word pieces with [CLS] and [SEP]. Returns -1 and writes nothing when there is none, are more than
/// `WEIR_MAX_PIECES`, one is not in the vocabulary, or the machine cannot take the path.
int weir_encode(
    const weir_image *image, const int32_t *ids, size_t count, weir_path path, void *scratch, float *vector);

/// Rounds a vector to `values[WEIR_DIMENSIONS]` in -127...127; returns what makes them a unit vector again.
///
/// Zeros, and 0 returned, when the vector has no direction (zero, or a number that is not finite).
float weir_quantise(const float *vector, int8_t *values);

/// One neighbour: an entry's number and its cosine.
typedef struct {
    uint32_t index;
    float cosine;
} weir_neighbour;

/// Finds the `k` entries with the largest cosines that are at least `floor`, largest first, of equal ones the
/// lower number first; returns how many there are.
///
/// `entries` are `count` vectors of `weir_quantise` one behind another, `scales` what it returned for each; an
/// entry whose scale is 0 has no cosine above 0, which is how to leave one out. `query` holds -127...127.
size_t weir_search(
    const int8_t *query, float query_scale, const int8_t *entries, const float *scales, size_t count,
    size_t k, float floor, weir_path path, weir_neighbour *found);

#endif
