#pragma once

#include <cstdint>

namespace lanthorn::srt {

/**
 * For how many packets a gap may wait to be filled by a packet that was overtaken, before it is asked for again
 * (SRTO_LOSSMAXTTL). 0 where packets come in order: what is missing there is lost, and asking at once is best.
 * Elsewhere what was seen, within bounds: waiting costs time in which a packet that is lost after all could come again,
 * so a quarter of the latency at most.
 */
int32_t reorder_tolerance(int32_t seen_distance, double packets_per_s, uint32_t latency_ms);

}  // namespace lanthorn::srt
