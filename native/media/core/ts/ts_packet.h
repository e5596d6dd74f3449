// One MPEG-TS packet. Source: ISO/IEC 13818-1 §2.4.3.2 and §2.4.3.4.
#pragma once
#include <cstdint>

#include "bitstream/annex_b.h"

namespace lanthorn::media {

constexpr size_t kTsPacketBytes = 188;
constexpr uint8_t kTsSyncByte = 0x47;
constexpr uint16_t kNullPid = 0x1FFF;

struct TsPacket {
  uint16_t pid = kNullPid;
  uint8_t continuity = 0;
  bool start = false;    // payload_unit_start_indicator
  bool damaged = false;  // transport_error_indicator, or impossible lengths
  bool scrambled = false;
  bool hasPayload = false;
  bool discontinuity = false;  // of the adaptation field
  bool stuffed = false;        // the adaptation field holds stuffing: the payload was too short to fill the packet
  Bytes payload;
};

inline TsPacket parseTsPacket(const uint8_t *b) {
  TsPacket packet;
  packet.pid = static_cast<uint16_t>(((b[1] & 0x1F) << 8) | b[2]);
  packet.damaged = b[1] & 0x80;
  packet.start = b[1] & 0x40;
  packet.scrambled = b[3] & 0xC0;
  packet.continuity = b[3] & 0x0F;
  size_t at = 4;
  if (b[3] & 0x20) {
    const size_t length = b[4];
    at = 5 + length;
    if (at > kTsPacketBytes) {
      packet.damaged = true;
      return packet;
    }
    if (length == 0) {
      packet.stuffed = true;  // the one byte form of stuffing
    } else {
      const uint8_t flags = b[5];
      packet.discontinuity = flags & 0x80;
      size_t used = 1 + ((flags & 0x10) ? 6u : 0u) + ((flags & 0x08) ? 6u : 0u) + ((flags & 0x04) ? 1u : 0u);
      if ((flags & 0x02) && 5 + used < at) used += 1 + size_t{b[5 + used]};  // transport_private_data
      if ((flags & 0x01) && 5 + used < at) used += 1 + size_t{b[5 + used]};  // adaptation_field_extension
      packet.stuffed = used < length;
    }
  }
  packet.hasPayload = (b[3] & 0x10) && at < kTsPacketBytes;
  if (packet.hasPayload) packet.payload = Bytes(b + at, kTsPacketBytes - at);
  return packet;
}

}  // namespace lanthorn::media
