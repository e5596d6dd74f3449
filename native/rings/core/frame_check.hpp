/** Whether a frame's description can be believed: every plane lies inside the slot. */
#pragma once

#include <cstdint>

#include "lanthorn/rings.h"

namespace lanthorn {

/** Returns nullptr when the frame fits into slot_bytes, else what does not. Used at publish and at every read. */
const char *frame_fault(const ltn_frame_t &frame, uint64_t slot_bytes);

}  // namespace lanthorn
