// NAL units in Annex B byte streams (H.264 Annex B, H.265 Annex B).
#pragma once
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace lanthorn::media {

enum class VideoCodec { h264, hevc };

inline const char *codecName(VideoCodec codec) { return codec == VideoCodec::h264 ? "h264" : "hevc"; }

using Bytes = std::span<const uint8_t>;

// Offset of the next 00 00 01 at or after `from`; bytes.size() when there is none.
inline size_t findStartCode(Bytes bytes, size_t from) {
  size_t at = from + 2;
  while (at < bytes.size()) {
    // memchr for the 01 is far faster than looking at every zero: 01 is rare in entropy-coded data
    const void *hit = std::memchr(bytes.data() + at, 1, bytes.size() - at);
    if (hit == nullptr) break;
    at = static_cast<size_t>(static_cast<const uint8_t *>(hit) - bytes.data());
    if (bytes[at - 1] == 0 && bytes[at - 2] == 0) return at - 2;
    ++at;
  }
  return bytes.size();
}

// Calls visit(nal, offsetOfStartCode) for every NAL unit; nal is without start code and without trailing zeros.
template <class Visit>
void forEachNal(Bytes bytes, Visit &&visit) {
  size_t start = findStartCode(bytes, 0);
  while (start < bytes.size()) {
    const size_t begin = start + 3;
    const size_t next = findStartCode(bytes, begin);
    size_t end = next;
    while (end > begin && bytes[end - 1] == 0) --end;  // trailing_zero_8bits, and the zero of a 4-byte start code
    if (end > begin) visit(bytes.subspan(begin, end - begin), start);
    start = next;
  }
}

// Removes emulation prevention bytes (00 00 03). At most `limit` bytes of payload are looked at.
inline std::vector<uint8_t> toRbsp(Bytes nal, size_t limit = 4096) {
  std::vector<uint8_t> rbsp;
  const size_t count = nal.size() < limit ? nal.size() : limit;
  rbsp.reserve(count);
  unsigned zeros = 0;
  for (size_t i = 0; i < count; ++i) {
    if (zeros >= 2 && nal[i] == 3) {
      zeros = 0;
      continue;
    }
    zeros = nal[i] == 0 ? zeros + 1 : 0;
    rbsp.push_back(nal[i]);
  }
  return rbsp;
}

}  // namespace lanthorn::media
