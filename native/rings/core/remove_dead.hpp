/** Removing what a dead writer left, and never anything alive. Procedure: docs/design/rings.md#removing. */
#pragma once

#include "lanthorn/rings.h"

namespace lanthorn {

/** Contract: ltn_ring_remove_dead. */
ltn_status_e remove_dead_ring(const char *name, uint64_t *freed_bytes);

}  // namespace lanthorn
