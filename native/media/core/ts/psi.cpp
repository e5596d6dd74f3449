#include "ts/psi.h"

#include <array>

namespace lanthorn::media {
namespace {

constexpr std::array<uint32_t, 256> makeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i << 24;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x80000000u) ? (crc << 1) ^ 0x04C11DB7u : crc << 1;  // Annex A
    table[i] = crc;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kCrcTable = makeCrcTable();

constexpr uint32_t fourcc(const char (&text)[5]) {
  return (uint32_t(uint8_t(text[0])) << 24) | (uint32_t(uint8_t(text[1])) << 16) | (uint32_t(uint8_t(text[2])) << 8) |
         uint32_t(uint8_t(text[3]));
}

constexpr uint8_t kRegistrationDescriptor = 0x05;
constexpr uint8_t kExtensionDescriptor = 0x7F;
constexpr uint8_t kOpusExtension = 0x80;  // channel_config_code follows

struct Descriptors {
  uint32_t registration = 0;
  uint32_t opusChannels = 0;
};

Descriptors readDescriptors(Bytes bytes) {
  Descriptors found;
  while (bytes.size() >= 2) {
    const uint8_t tag = bytes[0];
    const size_t length = bytes[1];
    if (2 + length > bytes.size()) break;
    const Bytes body = bytes.subspan(2, length);
    if (tag == kRegistrationDescriptor && length >= 4) {
      found.registration = (uint32_t{body[0]} << 24) | (uint32_t{body[1]} << 16) | (uint32_t{body[2]} << 8) | body[3];
    } else if (tag == kExtensionDescriptor && length >= 2 && body[0] == kOpusExtension) {
      found.opusChannels = body[1] == 0 ? 2 : body[1];  // 0 is dual mono
    }
    bytes = bytes.subspan(2 + length);
  }
  return found;
}

StreamKind kindOf(uint8_t streamType, const Descriptors &d) {
  switch (streamType) {  // table 2-34
    case 0x1B:
      return StreamKind::h264;
    case 0x24:
      return StreamKind::hevc;
    case 0x0F:
      return StreamKind::aacAdts;
    case 0x15:
      return StreamKind::klv;  // metadata in PES (MISB ST 1402, synchronous)
    case 0x06:
      if (d.registration == fourcc("Opus")) return StreamKind::opus;
      if (d.registration == fourcc("KLVA")) return StreamKind::klv;
      if (d.registration == fourcc("HEVC")) return StreamKind::hevc;
      return StreamKind::privateData;
    default:
      return StreamKind::unsupported;
  }
}

}  // namespace

bool Pmt::hasVideo() const {
  for (const PmtStream &s : streams) {
    if (s.kind == StreamKind::h264 || s.kind == StreamKind::hevc) return true;
  }
  return false;
}

bool Pmt::hasAnything() const {
  for (const PmtStream &s : streams) {
    if (s.kind != StreamKind::unsupported) return true;
  }
  return false;
}

uint32_t mpegCrc32(Bytes bytes) {
  uint32_t crc = 0xFFFFFFFFu;
  for (const uint8_t byte : bytes) crc = (crc << 8) ^ kCrcTable[((crc >> 24) ^ byte) & 0xFF];
  return crc;
}

bool sectionIsWhole(Bytes section) { return section.size() >= 12 && mpegCrc32(section) == 0; }

std::optional<std::vector<PatEntry>> parsePat(Bytes s) {
  if (!sectionIsWhole(s) || s[0] != 0x00 || !(s[5] & 1)) return std::nullopt;  // current_next_indicator
  std::vector<PatEntry> entries;
  for (size_t at = 8; at + 4 <= s.size() - 4; at += 4) {
    const uint16_t program = static_cast<uint16_t>((s[at] << 8) | s[at + 1]);
    const uint16_t pid = static_cast<uint16_t>(((s[at + 2] & 0x1F) << 8) | s[at + 3]);
    if (program != 0) entries.push_back({program, pid});  // 0 is the network PID
  }
  return entries;
}

std::optional<Pmt> parsePmt(Bytes s) {
  if (!sectionIsWhole(s) || s[0] != 0x02 || !(s[5] & 1) || s.size() < 16) return std::nullopt;
  Pmt pmt;
  pmt.programNumber = static_cast<uint16_t>((s[3] << 8) | s[4]);
  size_t at = 12 + (((s[10] & 0x0Fu) << 8) | s[11]);
  const size_t end = s.size() - 4;
  while (at + 5 <= end) {
    PmtStream stream;
    stream.streamType = s[at];
    stream.pid = static_cast<uint16_t>(((s[at + 1] & 0x1F) << 8) | s[at + 2]);
    const size_t length = ((s[at + 3] & 0x0Fu) << 8) | s[at + 4];
    at += 5;
    if (at + length > end) return std::nullopt;
    const Descriptors descriptors = readDescriptors(s.subspan(at, length));
    stream.kind = kindOf(stream.streamType, descriptors);
    stream.opusChannels = descriptors.opusChannels;
    pmt.streams.push_back(stream);
    at += length;
  }
  return pmt;
}

}  // namespace lanthorn::media
