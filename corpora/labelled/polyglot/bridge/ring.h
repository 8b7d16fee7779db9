#ifndef TIDEWATER_RING_H
#define TIDEWATER_RING_H

#include <stdatomic.h>

struct ring {
    unsigned char *storage;
    unsigned mask;
    atomic_uint head;
    atomic_uint tail;
};

void ring_init(struct ring *ring, unsigned char *storage, unsigned capacity);
unsigned ring_put(struct ring *ring, const unsigned char *bytes, unsigned count);
unsigned ring_take_line(struct ring *ring, char *out, unsigned room);

#endif
