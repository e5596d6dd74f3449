// Opus in MPEG-TS: control headers in front of each packet. Source: "ETSI TS Opus" draft, opus_control_header;
// OpusHead: RFC 7845 §5.1; packet durations: RFC 6716 §3.1.
#pragma once
#include <cstdint>
#include <optional>

#include "bitstream/annex_b.h"
#include "bitstream/audio_format.h"

namespace lanthorn::media {

// OpusHead for a channel count of 1..8 (mapping family 0 or 1).
AudioFormat opusFormat(uint32_t channels);

// Samples at 48 kHz in one packet; 0 when it is not an Opus packet.
uint32_t opusPacketSamples(Bytes packet);

// Calls onPacket(packet) for each Opus packet of a PES payload; returns false when the framing is broken.
template <class OnPacket>
bool forEachOpusPacket(Bytes pes, OnPacket &&onPacket) {
  size_t at = 0;
  while (at < pes.size()) {
    if (pes.size() - at < 3 || pes[at] != 0x7F || (pes[at + 1] & 0xE0) != 0xE0) return false;  // 11-bit prefix 0x3FF
    const uint8_t flags = pes[at + 1];
    at += 2;
    size_t size = 0;
    while (at < pes.size() && pes[at] == 0xFF) size += 255, ++at;
    if (at >= pes.size()) return false;
    size += pes[at++];
    if (flags & 0x10) at += 2;  // start_trim
    if (flags & 0x08) at += 2;  // end_trim
    if (flags & 0x04) {         // control extension
      if (at >= pes.size()) return false;
      at += 1 + size_t{pes[at]};
    }
    if (at > pes.size() || size > pes.size() - at || size == 0) return false;
    onPacket(pes.subspan(at, size));
    at += size;
  }
  return true;
}

}  // namespace lanthorn::media
