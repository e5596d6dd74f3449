/** Facts for people and tools: what a ring is, who writes it, and where each field of the layout lies. */
#pragma once

#include "lanthorn/rings.h"

namespace lanthorn {

ltn_status_e inspect_ring(const char *name, ltn_ring_info_t *out);
const ltn_layout_field_t *layout_fields(size_t *count);

}  // namespace lanthorn
