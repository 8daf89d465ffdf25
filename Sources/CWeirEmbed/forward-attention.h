/* Included by forward.h: attention, in floating point. A few rows at a time, so that scores stay close. */

/* scores[r][j] = query r * key j for ATTENTION_BLOCKS * 16 keys. */
INLINE void score_tile(weir_scratch *s, const float *queries, const size_t rows, size_t key) {
    vf sum[8][ATTENTION_BLOCKS];
    for (size_t r = 0; r < rows; r++)
        for (size_t b = 0; b < ATTENTION_BLOCKS; b++) sum[r][b] = 0;
    for (size_t d = 0; d < WEIR_HEAD_DIM; d++)
        for (size_t b = 0; b < ATTENTION_BLOCKS; b++) {
            const vf keys = LOAD(s->keys[d] + key + 16 * b);
            for (size_t r = 0; r < rows; r++) sum[r][b] += keys * queries[r * 3 * WEIR_DIM + d];
        }
    for (size_t r = 0; r < rows; r++)
        for (size_t b = 0; b < ATTENTION_BLOCKS; b++) STORE(s->scores[r] + key + 16 * b, sum[r][b]);
}

/* Turns a row of scores into powers of e; returns 1 / their sum. Scores from n on become zero. */
INLINE float soften(float *scores, size_t n, size_t padded) {
    vf most = -1e30f, sum = 0;
    for (size_t j = n; j < padded; j++) scores[j] = -1e30f;
    for (size_t j = 0; j < padded; j += 16) {
        const vf now = LOAD(scores + j);
        most = LARGER(now, most);
    }
    const float peak = largest(most);
    for (size_t j = 0; j < padded; j += 16) {
        const vf power = exponential(LOAD(scores + j) - peak);
        STORE(scores + j, power);
        sum += power;
    }
    return 1.0f / total(sum);
}

/* sum[r] = scores r * values, for the 32 numbers of one head. */
INLINE void mix_tile(
    weir_scratch *s, const float *values, float *out, const size_t rows, size_t n, const float *factors) {
    vf sum[8][2];
    for (size_t r = 0; r < rows; r++) sum[r][0] = sum[r][1] = 0;
    for (size_t j = 0; j < n; j++) {
        const vf low = LOAD(values + j * 3 * WEIR_DIM), high = LOAD(values + j * 3 * WEIR_DIM + 16);
        for (size_t r = 0; r < rows; r++) {
            sum[r][0] += low * s->scores[r][j];
            sum[r][1] += high * s->scores[r][j];
        }
    }
    for (size_t r = 0; r < rows; r++) {
        STORE(out + r * WEIR_DIM, sum[r][0] * factors[r]);
        STORE(out + r * WEIR_DIM + 16, sum[r][1] * factors[r]);
    }
}

INLINE void attend_rows(
    weir_scratch *s, size_t head, size_t row, const size_t rows, size_t n, size_t padded) {
    const size_t column = head * WEIR_HEAD_DIM;
    float factors[8];
    for (size_t key = 0; key < padded; key += 16 * ATTENTION_BLOCKS)
        score_tile(s, s->qkv[row] + column, rows, key);
    for (size_t r = 0; r < rows; r++) factors[r] = soften(s->scores[r], n, padded);
    mix_tile(s, s->qkv[0] + 2 * WEIR_DIM + column, s->sum[row] + column, rows, n, factors);
}

static void attend(weir_scratch *s, size_t n) {
    const size_t step = 16 * ATTENTION_BLOCKS, padded = (n + step - 1) / step * step;
    for (size_t head = 0; head < WEIR_HEADS; head++) {
        const float *keys = s->qkv[0] + WEIR_DIM + head * WEIR_HEAD_DIM;
        for (size_t d = 0; d < WEIR_HEAD_DIM; d++)
            for (size_t j = 0; j < padded; j++) s->keys[d][j] = j < n ? keys[j * 3 * WEIR_DIM + d] : 0;
        for (size_t row = 0, rows; row < n; row += rows) {
            rows = tile_height(n, row, ATTENTION_ROWS);
            switch (rows) {
#define CASE(r) case r: attend_rows(s, head, row, r, n, padded); break;
#if ATTENTION_ROWS >= 6
            CASE(6) CASE(5)
#endif
#if ATTENTION_ROWS >= 4
            CASE(4) CASE(3)
#endif
            CASE(2) CASE(1)
#undef CASE
            }
        }
    }
}
