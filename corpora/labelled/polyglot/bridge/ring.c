#include "ring.h"

#include <string.h>

/* One thread writes, one reads; the capacity is a power of two. */
void ring_init(struct ring *ring, unsigned char *storage, unsigned capacity) {
    ring->storage = storage;
    ring->mask = capacity - 1;
    atomic_init(&ring->head, 0);
    atomic_init(&ring->tail, 0);
}

unsigned ring_put(struct ring *ring, const unsigned char *bytes, unsigned count) {
    unsigned head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    unsigned tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    unsigned room = ring->mask + 1 - (head - tail);
    if (count > room) count = room;
    for (unsigned at = 0; at < count; at++) ring->storage[(head + at) & ring->mask] = bytes[at];
    atomic_store_explicit(&ring->head, head + count, memory_order_release);
    return count;
}

/* Copies up to and with the next line feed; 0 if no whole line has arrived. */
unsigned ring_take_line(struct ring *ring, char *out, unsigned room) {
    unsigned tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    unsigned head = atomic_load_explicit(&ring->head, memory_order_acquire);
    for (unsigned at = tail; at != head && at - tail < room; at++) {
        out[at - tail] = (char)ring->storage[at & ring->mask];
        if (out[at - tail] == '\n') {
            atomic_store_explicit(&ring->tail, at + 1, memory_order_release);
            return at + 1 - tail;
        }
    }
    return 0;
}
