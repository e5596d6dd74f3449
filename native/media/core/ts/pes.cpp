#include "ts/pes.h"

namespace lanthorn::media {
namespace {

uint64_t readTimestamp(const uint8_t *b) {  // 33 bits in five bytes with marker bits
  return (uint64_t{b[0]} >> 1 & 7) << 30 | uint64_t{b[1]} << 22 | (uint64_t{b[2]} >> 1) << 15 | uint64_t{b[3]} << 7 |
         b[4] >> 1;
}

// Streams without the optional header (table 2-21): programme map, padding, private 2, ECM, EMM, directory, DSM-CC,
// type E.
bool hasOptionalHeader(uint8_t streamId) {
  switch (streamId) {
    case 0xBC:
    case 0xBE:
    case 0xBF:
    case 0xF0:
    case 0xF1:
    case 0xFF:
    case 0xF2:
    case 0xF8:
      return false;
    default:
      return true;
  }
}

}  // namespace

std::optional<PesPacket> parsePes(Bytes b) {
  if (b.size() < 6 || b[0] != 0 || b[1] != 0 || b[2] != 1) return std::nullopt;
  PesPacket pes;
  if (!hasOptionalHeader(b[3])) {
    if (b[3] == 0xBE) return std::nullopt;  // padding
    pes.data = b.subspan(6);
    return pes;
  }
  if (b.size() < 9 || (b[6] & 0xC0) != 0x80) return std::nullopt;
  const size_t header = 9 + size_t{b[8]};
  if (header > b.size()) return std::nullopt;
  if ((b[7] & 0x80) && b[8] >= 5) pes.pts33 = readTimestamp(b.data() + 9);
  if ((b[7] & 0xC0) == 0xC0 && b[8] >= 10) pes.dts33 = readTimestamp(b.data() + 14);
  pes.data = b.subspan(header);
  return pes;
}

}  // namespace lanthorn::media
