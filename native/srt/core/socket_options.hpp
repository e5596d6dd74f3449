#pragma once

#include <srt/srt.h>

#include <cstdint>

namespace lanthorn::srt {

/** Sets what every receiving socket of ours has in common: live mode, TSBPD, forced encryption, buffers for the
 * latency. */
bool set_receiver_options(SRTSOCKET socket, uint32_t latency_ms);

/** Receive buffer in packets for a camera of up to 50 Mbit/s at this latency; docs/design/ingest.md has the arithmetic.
 */
int32_t receive_buffer_packets(uint32_t latency_ms);

}  // namespace lanthorn::srt
