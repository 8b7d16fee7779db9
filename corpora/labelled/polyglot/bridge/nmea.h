#ifndef TIDEWATER_NMEA_H
#define TIDEWATER_NMEA_H

#include <stdbool.h>
#include <stddef.h>

enum nmea_status { NMEA_OK, NMEA_NOT_A_SENTENCE, NMEA_BAD_CHECKSUM, NMEA_TOO_LONG, NMEA_UNSUPPORTED };

struct fix {
    double latitude;
    double longitude;
    double speed_knots;
    double course_degrees;
    bool valid;
};

enum nmea_status nmea_parse_rmc(const char *line, size_t length, struct fix *out);
const char *nmea_status_text(enum nmea_status status);

#endif
