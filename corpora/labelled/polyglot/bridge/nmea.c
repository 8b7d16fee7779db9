#include "nmea.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST_SENTENCE 82
#define MOST_FIELDS 16

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static enum nmea_status verify(const char *line, size_t length) {
    unsigned char sum = 0;
    size_t at = 1;
    if (length < 4 || line[0] != '$') return NMEA_NOT_A_SENTENCE;
    while (at < length && line[at] != '*') sum ^= (unsigned char)line[at++];
    if (at + 2 >= length) return NMEA_NOT_A_SENTENCE;
    int high = hex_digit(line[at + 1]), low = hex_digit(line[at + 2]);
    return high >= 0 && low >= 0 && sum == (high << 4 | low) ? NMEA_OK : NMEA_BAD_CHECKSUM;
}

/* ddmm.mmmm and a hemisphere letter become signed decimal degrees. */
static double to_degrees(const char *field, char hemisphere) {
    double raw = strtod(field, NULL);
    int whole = (int)(raw / 100.0);
    double degrees = whole + (raw - whole * 100.0) / 60.0;
    return hemisphere == 'S' || hemisphere == 'W' ? -degrees : degrees;
}

static size_t split(char *text, char **fields) {
    size_t count = 0;
    for (char *next = text; next && count < MOST_FIELDS;) {
        fields[count++] = next;
        next = strchr(next, ',');
        if (next) *next++ = '\0';
    }
    return count;
}

enum nmea_status nmea_parse_rmc(const char *line, size_t length, struct fix *out) {
    char copy[LONGEST_SENTENCE + 1], *fields[MOST_FIELDS];
    if (length > LONGEST_SENTENCE) return NMEA_TOO_LONG;
    enum nmea_status status = verify(line, length);
    if (status != NMEA_OK) return status;
    memcpy(copy, line, length);
    copy[length] = '\0';
    if (split(copy, fields) < 9 || strcmp(fields[0] + 3, "RMC") != 0) return NMEA_UNSUPPORTED;
    out->valid = fields[2][0] == 'A';
    out->latitude = to_degrees(fields[3], fields[4][0]);
    out->longitude = to_degrees(fields[5], fields[6][0]);
    out->speed_knots = strtod(fields[7], NULL);
    out->course_degrees = strtod(fields[8], NULL);
    return NMEA_OK;
}

const char *nmea_status_text(enum nmea_status status) {
    switch (status) {
    case NMEA_OK: return "ok";
    case NMEA_NOT_A_SENTENCE: return "not a sentence";
    case NMEA_BAD_CHECKSUM: return "checksum does not match";
    case NMEA_TOO_LONG: return "longer than the standard allows";
    case NMEA_UNSUPPORTED: return "a kind of sentence that is not read";
    }
    return "unknown";
}
