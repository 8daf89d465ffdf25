/* Writes the encoder's int8 image from the weights and the vocabulary of all-MiniLM-L6-v2.
 *   convert model.safetensors vocab.txt image.weir
 * The same input gives the same bytes on every machine. Sources/CWeirEmbed/image.h says what is where. */
#include "../../Sources/CWeirEmbed/image.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#pragma STDC FP_CONTRACT OFF

static _Noreturn void fail(const char *what, const char *which) {
    fprintf(stderr, "convert: %s%s\n", what, which);
    exit(1);
}

typedef struct {
    uint8_t *bytes;
    size_t count;
} blob;

static blob read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) fail("cannot open ", path);
    blob blob = {NULL, 0};
    size_t room = 0, got = 1;
    while (got > 0) {
        if (room - blob.count < 4096) {
            room = room ? room * 2 : 1 << 20;
            blob.bytes = realloc(blob.bytes, room);
            if (!blob.bytes) fail("no memory for ", path);
        }
        got = fread(blob.bytes + blob.count, 1, room - blob.count - 1, file);
        blob.count += got;
    }
    if (ferror(file)) fail("cannot read ", path);
    fclose(file);
    blob.bytes[blob.count] = 0;
    return blob;
}

/* The numbers of one tensor of a safetensors file: an eight-byte length, a JSON object, the data. */
static const float *tensor(blob model, const char *name, size_t numbers) {
    uint64_t header;
    char key[160];
    unsigned long long from, to;
    memcpy(&header, model.bytes, 8);
    if (model.count < 16 || header > model.count - 8) fail("no safetensors file", "");
    const char *json = (const char *)model.bytes + 8;
    snprintf(key, sizeof key, "\"%s\":{", name);
    const char *entry = strstr(json, key);
    if (!entry || (uint64_t)(entry - json) > header) fail("no tensor ", name);
    const char *end = strchr(entry, '}');
    const char *type = strstr(entry, "\"dtype\":\"F32\"");
    const char *range = strstr(entry, "\"data_offsets\":[");
    if (!end || !type || !range || type > end || range > end) fail("not in float32: ", name);
    if (sscanf(range, "\"data_offsets\":[%llu,%llu]", &from, &to) != 2) fail("no place for ", name);
    if (to < from || to - from != numbers * 4 || to > model.count - 8 - header || from % 4)
        fail("another size than expected: ", name);
    return (const float *)(const void *)(model.bytes + 8 + header + from);
}

static void put_float(uint8_t *at, float value) { memcpy(at, &value, 4); }

/* Rounds numbers that lie `stride` apart to one scale; returns the sum of the rounded ones. */
static int quantise(const float *from, size_t stride, size_t count, int8_t *to, float *scale) {
    float most = 0;
    int sum = 0;
    for (size_t i = 0; i < count; i++) most = fmaxf(most, fabsf(from[i * stride]));
    *scale = most / 127.0f;
    for (size_t i = 0; i < count; i++) {
        float value = most > 0 ? rintf(from[i * stride] / *scale) : 0;
        to[i] = (int8_t)fminf(127.0f, fmaxf(-127.0f, value));
        sum += to[i];
    }
    return sum;
}

/* One linear layer from up to three matrices [n][k] that are laid one behind another. */
static void linear(
    uint8_t *image, weir_linear_at at, size_t k, size_t n, const float *weight, const float *bias, size_t first,
    float factor) {
    const size_t groups = k / WEIR_GROUP;
    int8_t rounded[WEIR_GROUP];
    float scaled[WEIR_GROUP];
    for (size_t row = 0; row < n; row++) {
        const size_t channel = first + row, block = channel / WEIR_BLOCK, lane = channel % WEIR_BLOCK;
        put_float(image + at.bias + channel * 4, bias[row] * factor);
        for (size_t g = 0; g < groups; g++) {
            const size_t group = (block * groups + g) * WEIR_BLOCK;
            float scale;
            for (size_t i = 0; i < WEIR_GROUP; i++) scaled[i] = weight[row * k + g * WEIR_GROUP + i] * factor;
            int32_t correction = -128 * quantise(scaled, 1, WEIR_GROUP, rounded, &scale);
            put_float(image + at.scales + (group + lane) * 4, scale);
            memcpy(image + at.corrections + (group + lane) * 4, &correction, 4);
            uint8_t *to = image + at.weights + group * WEIR_GROUP + lane * 4;
            for (size_t quad = 0; quad < WEIR_GROUP / 4; quad++)
                memcpy(to + quad * WEIR_BLOCK * 4, rounded + quad * 4, 4);
        }
    }
}

static void put_norm(uint8_t *image, size_t at, blob model, const char *prefix) {
    char name[128];
    snprintf(name, sizeof name, "%s.weight", prefix);
    memcpy(image + at, tensor(model, name, WEIR_DIM), WEIR_DIM * 4);
    snprintf(name, sizeof name, "%s.bias", prefix);
    memcpy(image + at + WEIR_DIM * 4, tensor(model, name, WEIR_DIM), WEIR_DIM * 4);
}

static void put_linear(
    uint8_t *image, weir_linear_at at, blob model, const char *prefix, size_t k, size_t n, size_t first,
    float factor) {
    char weight[128], bias[128];
    snprintf(weight, sizeof weight, "%s.weight", prefix);
    snprintf(bias, sizeof bias, "%s.bias", prefix);
    linear(image, at, k, n, tensor(model, weight, n * k), tensor(model, bias, n), first, factor);
}

static void put_layer(uint8_t *image, const weir_layer_at *at, blob model, int number) {
    char prefix[7][96];
    static const char *const parts[7] = {
        "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
        "attention.output.LayerNorm", "intermediate.dense", "output.dense",
    };
    for (int i = 0; i < 7; i++)
        snprintf(prefix[i], sizeof prefix[i], "encoder.layer.%d.%s", number, parts[i]);
    /* What scores are divided by goes into the queries. */
    const float root = 1.0f / sqrtf(WEIR_HEAD_DIM);
    put_linear(image, at->qkv, model, prefix[0], WEIR_DIM, WEIR_DIM, 0, root);
    put_linear(image, at->qkv, model, prefix[1], WEIR_DIM, WEIR_DIM, WEIR_DIM, 1);
    put_linear(image, at->qkv, model, prefix[2], WEIR_DIM, WEIR_DIM, 2 * WEIR_DIM, 1);
    put_linear(image, at->out, model, prefix[3], WEIR_DIM, WEIR_DIM, 0, 1);
    put_norm(image, at->norm1, model, prefix[4]);
    put_linear(image, at->up, model, prefix[5], WEIR_DIM, WEIR_INNER, 0, 1);
    put_linear(image, at->down, model, prefix[6], WEIR_INNER, WEIR_DIM, 0, 1);
    snprintf(prefix[0], sizeof prefix[0], "encoder.layer.%d.output.LayerNorm", number);
    put_norm(image, at->norm2, model, prefix[0]);
}

static void put_embeddings(uint8_t *image, const weir_layout *at, blob model, size_t pieces) {
    const float *words = tensor(model, "embeddings.word_embeddings.weight", pieces * WEIR_DIM);
    const float *places = tensor(model, "embeddings.position_embeddings.weight", 512 * WEIR_DIM);
    const float *types = tensor(model, "embeddings.token_type_embeddings.weight", 2 * WEIR_DIM);
    for (size_t g = 0; g < pieces * WEIR_DIM_GROUPS; g++) {
        float scale;
        quantise(words + g * WEIR_GROUP, 1, WEIR_GROUP, (int8_t *)image + at->words + g * WEIR_GROUP, &scale);
        put_float(image + at->word_scales + g * 4, scale);
    }
    for (size_t i = 0; i < WEIR_POSITIONS * WEIR_DIM; i++)
        put_float(image + at->positions + i * 4, places[i] + types[i % WEIR_DIM]);
    put_norm(image, at->norm, model, "embeddings.LayerNorm");
}

/* The vocabulary's part: count, slots, longest piece in bytes, bytes of text; where each piece starts, and where
 * the last ends; a hash table of number + 1 (0 is free) by FNV-1a with linear probing; the text. */
typedef struct {
    uint8_t *bytes;
    size_t count;
    uint32_t pieces;
} vocabulary;

enum { WEIR_SLOTS = 1 << 16 };

static uint32_t hash_of(const uint8_t *text, size_t count) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < count; i++) hash = (hash ^ text[i]) * 16777619u;
    return hash;
}

static vocabulary make_vocabulary(blob file) {
    uint32_t pieces = 0, longest = 0, text = 0;
    for (size_t i = 0; i < file.count; i++) pieces += file.bytes[i] == '\n';
    if (pieces == 0 || pieces >= WEIR_SLOTS || file.bytes[file.count - 1] != '\n') fail("no vocabulary", "");
    const size_t starts_at = 16, slots_at = starts_at + ((size_t)pieces + 1) * 4;
    const size_t text_at = slots_at + WEIR_SLOTS * 4;
    vocabulary made = {calloc(1, text_at + file.count), 0, pieces};
    uint32_t *slots = calloc(WEIR_SLOTS, 4);
    if (!made.bytes || !slots) fail("no memory", "");
    const uint8_t *line = file.bytes;
    for (uint32_t id = 0; id < pieces; id++) {
        const uint8_t *end = memchr(line, '\n', file.count - (size_t)(line - file.bytes));
        uint32_t size = (uint32_t)(end - line), slot = hash_of(line, size) % WEIR_SLOTS;
        memcpy(made.bytes + starts_at + (size_t)id * 4, &text, 4);
        memcpy(made.bytes + text_at + text, line, size);
        while (slots[slot]) slot = (slot + 1) % WEIR_SLOTS;
        slots[slot] = id + 1;
        if (size > longest) longest = size;
        text += size;
        line = end + 1;
    }
    const uint32_t head[4] = {pieces, WEIR_SLOTS, longest, text};
    memcpy(made.bytes, head, sizeof head);
    memcpy(made.bytes + starts_at + (size_t)pieces * 4, &text, 4);
    memcpy(made.bytes + slots_at, slots, WEIR_SLOTS * 4);
    made.count = text_at + text;
    free(slots);
    return made;
}

static void write_file(const char *path, const uint8_t *bytes, size_t count) {
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, count, file) != count || fclose(file) != 0) fail("cannot write ", path);
}

int main(int count, char **words) {
    const uint16_t one = 1;
    if (count != 4) fail("usage: convert model.safetensors vocab.txt image.weir", "");
    if (*(const uint8_t *)&one != 1) fail("this machine is big-endian; the image is not", "");
    blob model = read_file(words[1]);
    vocabulary vocabulary = make_vocabulary(read_file(words[2]));
    weir_layout at;
    weir_layout_of(vocabulary.pieces, vocabulary.count, &at);
    uint8_t *image = calloc(1, at.end);
    if (!image) fail("no memory", "");
    put_embeddings(image, &at, model, vocabulary.pieces);
    for (int i = 0; i < WEIR_LAYERS; i++) put_layer(image, &at.layer[i], model, i);
    memcpy(image + at.vocabulary, vocabulary.bytes, vocabulary.count);
    weir_header header = {
        .magic = WEIR_IMAGE_MAGIC, .version = WEIR_VERSION, .header_bytes = sizeof header, .file_bytes = at.end,
        .name = "all-MiniLM-L6-v2", .dimensions = WEIR_DIM, .layers = WEIR_LAYERS, .heads = WEIR_HEADS,
        .inner = WEIR_INNER, .positions = WEIR_POSITIONS, .group = WEIR_GROUP, .block = WEIR_BLOCK,
        .pieces = vocabulary.pieces, .vocabulary_bytes = (uint32_t)vocabulary.count,
    };
    memcpy(image, &header, sizeof header);
    const size_t behind = offsetof(weir_header, name);
    header.checksum = weir_checksum(image + behind, at.end - behind);
    memcpy(image, &header, sizeof header);
    write_file(words[3], image, at.end);
    printf("%zu bytes, checksum %016llx\n", at.end, (unsigned long long)header.checksum);
    return 0;
}
