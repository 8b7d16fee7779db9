/* The inner loops of training. Every array is dense and row-major; float is 32 bits; `dimensions` is the width of a vector. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* out[row] = sum over the row's entries of factor * table[token]. `offsets` has rows + 1 numbers. */
void sum_tokens(const float *table, const int32_t *tokens, const float *factors, const int64_t *offsets, int64_t rows,
                int64_t dimensions, float *out) {
#pragma omp parallel for schedule(dynamic, 64)
    for (int64_t row = 0; row < rows; row++) {
        float *sum = out + row * dimensions;
        memset(sum, 0, sizeof(float) * dimensions);
        for (int64_t entry = offsets[row]; entry < offsets[row + 1]; entry++) {
            const float *vector = table + (int64_t)tokens[entry] * dimensions;
            const float factor = factors[entry];
            for (int64_t at = 0; at < dimensions; at++) sum[at] += factor * vector[at];
        }
    }
}

/* The reverse: gradient[token] = sum over the token's entries of factor * row_gradient[row].
   The entries are ordered by token; those of token number n of `tokens` begin at starts[n] and end at starts[n + 1]. */
void spread_gradient(const float *row_gradient, const int32_t *rows, const float *factors, const int64_t *starts,
                     const int32_t *tokens, int64_t count, int64_t dimensions, float *gradient) {
#pragma omp parallel for schedule(dynamic, 64)
    for (int64_t number = 0; number < count; number++) {
        float *sum = gradient + (int64_t)tokens[number] * dimensions;
        memset(sum, 0, sizeof(float) * dimensions);
        for (int64_t entry = starts[number]; entry < starts[number + 1]; entry++) {
            const float *from = row_gradient + (int64_t)rows[entry] * dimensions;
            const float factor = factors[entry];
            for (int64_t at = 0; at < dimensions; at++) sum[at] += factor * from[at];
        }
    }
}

/* Symmetric InfoNCE of a batch of `size` pairs. `cosines` [size, size] holds query by code on entry and the gradient of the
   mean loss with respect to the cosines on return. Pairs with the same number in `chunks` or in `queries` are no negatives of
   each other, nor are pairs with the same number in `files` if one of them is `broad`. Returns the mean loss. Cosines are at most 1, so subtracting the inverse temperature keeps exp from overflowing. */
double contrast(float *cosines, const int32_t *chunks, const int32_t *queries, const int32_t *files, const int32_t *broad,
                float inverse_temperature, int64_t size) {
    float *row_sums = calloc(size, sizeof(float));
    float *column_sums = calloc(size, sizeof(float));
    float *own = malloc(size * sizeof(float));
#pragma omp parallel
    {
        float *sums = calloc(size, sizeof(float));
#pragma omp for schedule(static)
        for (int64_t row = 0; row < size; row++) {
            float *values = cosines + row * size;
            const int32_t chunk = chunks[row], query = queries[row], file = files[row], row_broad = broad[row];
            float total = 0;
            own[row] = (values[row] - 1) * inverse_temperature;
            for (int64_t column = 0; column < size; column++) {
                const int related = (chunks[column] == chunk) | (queries[column] == query) |
                                    ((files[column] == file) & (row_broad | broad[column]));
                const float kept = related ? 0.f : 1.f;
                values[column] = expf((values[column] - 1) * inverse_temperature) * kept;
            }
            values[row] = expf(own[row]);
            for (int64_t column = 0; column < size; column++) {
                total += values[column];
                sums[column] += values[column];
            }
            row_sums[row] = total;
        }
#pragma omp critical
        for (int64_t column = 0; column < size; column++) column_sums[column] += sums[column];
        free(sums);
    }
    double loss = 0;
    for (int64_t row = 0; row < size; row++) {
        loss += 0.5 * (logf(row_sums[row]) + logf(column_sums[row])) - own[row];
        column_sums[row] = 1 / column_sums[row];
    }
    const float scale = 0.5f * inverse_temperature / size;
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < size; row++) {
        float *values = cosines + row * size;
        const float inverse = 1 / row_sums[row];
        for (int64_t column = 0; column < size; column++) values[column] *= scale * (inverse + column_sums[column]);
        values[row] -= 2 * scale;
    }
    free(row_sums);
    free(column_sums);
    free(own);
    return loss / size;
}

/* Adam for the tokens of a batch only. The table that is looked up is vectors * exp(logarithm of the weight); both factors
   are learned. `mean` and `square` are Adam's averages for the vectors, `weight_mean` and `weight_square` for the weights;
   `correct_mean` and `correct_square` undo that these begin at zero. */
void adam(float *vectors, float *weights, float *table, float *mean, float *square, float *weight_mean, float *weight_square,
          const float *gradient, const int32_t *tokens, int64_t count, int64_t dimensions, float rate, float weight_rate,
          float keep_mean, float keep_square, float correct_mean, float correct_square) {
#pragma omp parallel for schedule(static)
    for (int64_t number = 0; number < count; number++) {
        const int64_t token = tokens[number], start = token * dimensions;
        float *vector = vectors + start, *means = mean + start, *squares = square + start, *row = table + start;
        const float *slope = gradient + start;
        float weight = expf(weights[token]), weight_slope = 0;
        for (int64_t at = 0; at < dimensions; at++) weight_slope += slope[at] * vector[at];
        weight_slope *= weight;
        for (int64_t at = 0; at < dimensions; at++) {
            const float value = slope[at] * weight;
            means[at] = keep_mean * means[at] + (1 - keep_mean) * value;
            squares[at] = keep_square * squares[at] + (1 - keep_square) * value * value;
            vector[at] -= rate * (means[at] / correct_mean) / (sqrtf(squares[at] / correct_square) + 1e-10f);
        }
        weight_mean[token] = keep_mean * weight_mean[token] + (1 - keep_mean) * weight_slope;
        weight_square[token] = keep_square * weight_square[token] + (1 - keep_square) * weight_slope * weight_slope;
        weights[token] -= weight_rate * (weight_mean[token] / correct_mean) /
                          (sqrtf(weight_square[token] / correct_square) + 1e-10f);
        weight = expf(weights[token]);
        for (int64_t at = 0; at < dimensions; at++) row[at] = vector[at] * weight;
    }
}
