/** The seats of a slot ring's readers, seen from outside: who sits in them, and clearing those of the dead. */
#pragma once

#include "lanthorn/rings.h"

namespace lanthorn {

/** Contract: ltn_ring_readers. */
ltn_status_e list_seats(const char *name, ltn_ring_reader_t *out, size_t capacity, size_t *count);
/** Contract: ltn_ring_free_dead_seats. */
ltn_status_e free_dead_seats(const char *name, uint32_t *freed);

}  // namespace lanthorn
