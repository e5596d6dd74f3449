/** Facts about this process and its clocks. */
#pragma once

#include <cstdint>

namespace lanthorn {

int64_t mono_now_ns();
int64_t wall_now_us();
/** Field 22 of /proc/<pid>/stat: start time in clock ticks after boot; 0 when there is no such process or it is hidden.
 */
uint64_t start_ticks_of(uint32_t pid);
/** A number that no earlier ring had: 64 random bits, never 0. */
uint64_t new_incarnation();

}  // namespace lanthorn
