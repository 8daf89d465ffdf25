/* Included by forward.h: functions of numbers and rows. */

/* The sum of all lanes, in halves: an order of its own, the same everywhere. */
INLINE float total(vf v) {
    float lane[16];
    STORE(lane, v);
    for (int half = 8; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lane[i] += lane[i + half];
    return lane[0];
}

INLINE float largest(vf v) {
    float lane[16];
    STORE(lane, v);
    for (int half = 8; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lane[i] = LARGER(lane[i], lane[i + half]);
    return lane[0];
}

INLINE vf magnitude(vf v) { return (vf)((vi)v & 0x7FFFFFFF); }

/* Adding 1.5 * 2^23 rounds to a whole number, half to even, which then stands in the low bits. */
static const float rounder = 12582912.0f;

/* e^x for x <= 0; zero below -87. */
INLINE vf exponential(vf x) {
    const vf shifted = x * 1.44269504f + rounder;
    const vf whole = shifted - rounder;
    /* ln 2 in two parts, the first of few bits, so that its product with a whole number is exact. */
    const vf r = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
    vf sum = r * (1.0f / 720) + 1.0f / 120;
    sum = sum * r + 1.0f / 24;
    sum = sum * r + 1.0f / 6;
    sum = sum * r + 0.5f;
    sum = sum * r + 1.0f;
    sum = sum * r + 1.0f;
    const vi power = ((vi)shifted << 23) + 0x3F800000;
    const vf value = sum * (vf)power;
    return x < -87.0f ? (vf)0.0f : value;
}

/* x times the normal distribution's share below x. Of the error function's complement, the approximation
 * 1 / (1 + a z + ... + f z^6)^16 by Hastings, off by at most 3e-7 (Abramowitz and Stegun, 7.1.28). */
INLINE vf gelu(vf x) {
    vf z = magnitude(x) * 0.70710678f;
    z = z > 6.0f ? (vf)6.0f : z;
    vf p = z * 0.0000430638f + 0.0002765672f;
    p = p * z + 0.0001520143f;
    p = p * z + 0.0092705272f;
    p = p * z + 0.0422820123f;
    p = p * z + 0.0705230784f;
    p = p * z + 1.0f;
    p = p * p;
    p = p * p;
    p = p * p;
    p = p * p;
    const vf beyond = 0.5f / p;
    return x * (x > 0.0f ? 1.0f - beyond : beyond);
}

/* A row of 384 to mean 0 and variance 1, times the norm's weight, plus its bias. */
INLINE void normalise_row(float *row, const float *norm) {
    vf sum = 0, squares = 0;
    for (int d = 0; d < WEIR_DIM; d += 16) sum += LOAD(row + d);
    const float mean = total(sum) / WEIR_DIM;
    for (int d = 0; d < WEIR_DIM; d += 16) {
        const vf off = LOAD(row + d) - mean;
        squares += off * off;
    }
    const float factor = 1.0f / __builtin_sqrtf(total(squares) / WEIR_DIM + 1e-12f);
    for (int d = 0; d < WEIR_DIM; d += 16)
        STORE(row + d, (LOAD(row + d) - mean) * factor * LOAD(norm + d) + LOAD(norm + WEIR_DIM + d));
}

/* Rounds a row to 8 bits with one scale for each group. */
INLINE void quantise_row(const float *row, int groups, uint8_t *to, float *scales) {
    for (int g = 0; g < groups; g++, row += WEIR_GROUP, to += WEIR_GROUP) {
        vf most = 0;
        for (int i = 0; i < WEIR_GROUP; i += 16) {
            const vf size = magnitude(LOAD(row + i));
            most = LARGER(size, most);
        }
        const float peak = largest(most), factor = peak > 0 ? 127.0f / peak : 0;
        for (int i = 0; i < WEIR_GROUP; i += 16) {
            const vi whole = (vi)(LOAD(row + i) * factor + rounder);
            *(vb_any *)(to + i) = __builtin_convertvector(whole, vb) ^ (uint8_t)INPUT_BIAS;
        }
        scales[g] = peak / 127.0f;
    }
}
