#include <algorithm>
#include <cstdio>

#include "bitstream/bit_reader.h"
#include "bitstream/sps.h"

namespace lanthorn::media {
namespace {

constexpr uint32_t kMaxPx = 16384;

uint32_t reverseBits(uint32_t value) {
  uint32_t reversed = 0;
  for (int i = 0; i < 32; ++i) reversed |= ((value >> i) & 1) << (31 - i);
  return reversed;
}

// profile_tier_level (§7.3.3) → codec string after ISO/IEC 14496-15 Annex E.3
std::string readProfileTierLevel(BitReader &r, uint32_t maxSubLayersMinus1) {
  const uint32_t space = r.bits(2);
  const uint32_t tier = r.bits(1);
  const uint32_t profile = r.bits(5);
  const uint32_t compatibility = r.bits(32);
  uint8_t constraints[6];
  for (uint8_t &byte : constraints) byte = static_cast<uint8_t>(r.bits(8));
  const uint32_t level = r.bits(8);
  bool subProfile[8] = {}, subLevel[8] = {};
  for (uint32_t i = 0; i < maxSubLayersMinus1; ++i) {
    subProfile[i] = r.bit();
    subLevel[i] = r.bit();
  }
  if (maxSubLayersMinus1 > 0) r.skip(2 * (8 - maxSubLayersMinus1));
  for (uint32_t i = 0; i < maxSubLayersMinus1; ++i) {
    if (subProfile[i]) r.skip(88);
    if (subLevel[i]) r.skip(8);
  }
  static constexpr const char *kSpaces[] = {"", "A", "B", "C"};
  char text[64];
  std::snprintf(text, sizeof text, "hvc1.%s%u.%X.%c%u", kSpaces[space], profile, reverseBits(compatibility),
                tier ? 'H' : 'L', level);
  std::string codecString = text;
  int last = 5;
  while (last >= 0 && constraints[last] == 0) --last;
  for (int i = 0; i <= last; ++i) {
    std::snprintf(text, sizeof text, ".%X", constraints[i]);
    codecString += text;
  }
  return codecString;
}

}  // namespace

std::optional<Sps> parseHevcSps(Bytes nal) {
  if (nal.size() < 16) return std::nullopt;
  const std::vector<uint8_t> rbsp = toRbsp(nal.subspan(2));
  BitReader r(rbsp);
  r.skip(4);  // sps_video_parameter_set_id
  const uint32_t maxSubLayersMinus1 = r.bits(3);
  Sps sps;
  sps.temporalIdNesting = r.bit();
  if (maxSubLayersMinus1 > 6 || rbsp.size() < 13) return std::nullopt;
  sps.subLayers = static_cast<uint8_t>(maxSubLayersMinus1 + 1);
  std::copy_n(rbsp.begin() + 1, sps.profileTierLevel.size(), sps.profileTierLevel.begin());
  sps.codecString = readProfileTierLevel(r, maxSubLayersMinus1);
  sps.id = r.ue();
  const uint32_t chroma = r.ue();
  if (chroma == 3) r.skip(1);
  const uint64_t width = r.ue();
  const uint64_t height = r.ue();
  uint64_t left = 0, right = 0, top = 0, bottom = 0;
  if (r.bit()) {
    left = r.ue();
    right = r.ue();
    top = r.ue();
    bottom = r.ue();
  }
  sps.bitDepthLuma = static_cast<uint8_t>(8 + (r.ue() & 7));
  sps.bitDepthChroma = static_cast<uint8_t>(8 + (r.ue() & 7));
  sps.chromaFormat = static_cast<uint8_t>(chroma & 3);
  if (r.overrun() || sps.id > 15 || chroma > 3 || width == 0 || height == 0 || width > kMaxPx || height > kMaxPx) {
    return std::nullopt;
  }
  const uint64_t cropX = chroma == 1 || chroma == 2 ? 2 : 1;
  const uint64_t cropY = chroma == 1 ? 2 : 1;
  if ((left + right) * cropX >= width || (top + bottom) * cropY >= height) return std::nullopt;
  sps.widthPx = static_cast<uint32_t>(width - (left + right) * cropX);
  sps.heightPx = static_cast<uint32_t>(height - (top + bottom) * cropY);
  return sps;
}

}  // namespace lanthorn::media
