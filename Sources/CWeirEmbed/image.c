#include "CWeirEmbed.h"
#include "image.h"

_Static_assert(WEIR_DIM == WEIR_DIMENSIONS && WEIR_POSITIONS == WEIR_MAX_PIECES, "sizes told to callers");
_Static_assert(sizeof(weir_header) == 160 && offsetof(weir_header, name) == 32, "the header as written");

weir_image_fault weir_image_open(const void *start, size_t count, weir_image *image) {
    const uint8_t *bytes = start;
    weir_header header;
    weir_layout at;
    if (!bytes || count < sizeof header) return WEIR_IMAGE_CUT;
    if ((uintptr_t)bytes % 64) return WEIR_IMAGE_MISPLACED;
    memcpy(&header, bytes, sizeof header);
    if (memcmp(header.magic, WEIR_IMAGE_MAGIC, sizeof header.magic)) return WEIR_IMAGE_FOREIGN;
    /* A version that only makes sense with its bytes turned round is from a machine of the other order. */
    if (header.version >> 24) return WEIR_IMAGE_FOREIGN;
    if (header.version != WEIR_VERSION || header.header_bytes != sizeof header) return WEIR_IMAGE_VERSION;
    if (header.dimensions != WEIR_DIM || header.layers != WEIR_LAYERS || header.heads != WEIR_HEADS
        || header.inner != WEIR_INNER || header.positions != WEIR_POSITIONS || header.group != WEIR_GROUP
        || header.block != WEIR_BLOCK || header.pieces == 0 || header.pieces > WEIR_PIECES_MAX
        || header.vocabulary_bytes > WEIR_VOCABULARY_MAX || header.name[sizeof header.name - 1] != 0)
        return WEIR_IMAGE_SHAPE;
    weir_layout_of(header.pieces, header.vocabulary_bytes, &at);
    if (header.file_bytes != at.end || count != at.end) return WEIR_IMAGE_CUT;
    const size_t behind = offsetof(weir_header, name);
    if (weir_checksum(bytes + behind, count - behind) != header.checksum)
        return WEIR_IMAGE_CHECKSUM;
    *image = (weir_image){
        .bytes = bytes,
        .count = count,
        .version = header.version,
        .pieces = header.pieces,
        .checksum = header.checksum,
        .name = (const char *)bytes + behind,
        .vocabulary = bytes + at.vocabulary,
        .vocabulary_count = header.vocabulary_bytes,
    };
    return WEIR_IMAGE_RIGHT;
}
