#include <cstdio>

#include "bitstream/bit_reader.h"
#include "bitstream/sps.h"

namespace lanthorn::media {
namespace {

constexpr uint32_t kMaxPx = 16384;

bool hasChromaInfo(uint32_t profile) {
  switch (profile) {  // the list of §7.3.2.1.1
    case 100:
    case 110:
    case 122:
    case 244:
    case 44:
    case 83:
    case 86:
    case 118:
    case 128:
    case 138:
    case 139:
    case 134:
    case 135:
      return true;
    default:
      return false;
  }
}

void skipScalingList(BitReader &r, unsigned size) {
  int32_t last = 8, next = 8;
  for (unsigned i = 0; i < size && !r.overrun(); ++i) {
    if (next != 0) next = (last + r.se() + 256) % 256;
    if (next != 0) last = next;
  }
}

double vuiFps(BitReader &r) {  // §E.1.1, up to the timing
  if (r.bit()) {               // aspect_ratio_info_present_flag
    if (r.bits(8) == 255) r.skip(32);
  }
  if (r.bit()) r.skip(1);  // overscan
  if (r.bit()) {           // video_signal_type
    r.skip(4);
    if (r.bit()) r.skip(24);
  }
  if (r.bit()) {  // chroma_loc_info
    r.ue();
    r.ue();
  }
  if (!r.bit()) return 0;
  const uint32_t unitsInTick = r.bits(32);
  const uint32_t timeScale = r.bits(32);
  if (r.overrun() || unitsInTick == 0 || timeScale == 0) return 0;
  const double fps = timeScale / (2.0 * unitsInTick);  // a tick is a field: two a frame
  return fps >= 0.1 && fps <= 1000 ? fps : 0;
}

}  // namespace

std::optional<Sps> parseH264Sps(Bytes nal) {
  if (nal.size() < 5) return std::nullopt;
  const std::vector<uint8_t> rbsp = toRbsp(nal.subspan(1));
  if (rbsp.size() < 4) return std::nullopt;
  BitReader r(rbsp);
  const uint32_t profile = r.bits(8);
  const uint32_t constraints = r.bits(8);
  const uint32_t level = r.bits(8);
  Sps sps;
  sps.id = r.ue();
  uint32_t chroma = 1;
  bool separatePlanes = false;
  if (hasChromaInfo(profile)) {
    chroma = r.ue();
    if (chroma == 3) separatePlanes = r.bit();
    sps.bitDepthLuma = static_cast<uint8_t>(8 + (r.ue() & 7));
    sps.bitDepthChroma = static_cast<uint8_t>(8 + (r.ue() & 7));
    r.skip(1);
    if (r.bit()) {
      for (unsigned i = 0; i < (chroma == 3 ? 12u : 8u); ++i) {
        if (r.bit()) skipScalingList(r, i < 6 ? 16 : 64);
      }
    }
  }
  r.ue();  // log2_max_frame_num_minus4
  const uint32_t pocType = r.ue();
  if (pocType == 0) {
    r.ue();
  } else if (pocType == 1) {
    r.skip(1);
    r.se();
    r.se();
    const uint32_t cycle = r.ue();
    if (cycle > 255) return std::nullopt;
    for (uint32_t i = 0; i < cycle; ++i) r.se();
  }
  r.ue();     // max_num_ref_frames
  r.skip(1);  // gaps_in_frame_num
  const uint64_t widthMbs = uint64_t{r.ue()} + 1;
  const uint64_t heightUnits = uint64_t{r.ue()} + 1;
  const bool frameMbsOnly = r.bit();
  if (!frameMbsOnly) r.skip(1);
  r.skip(1);  // direct_8x8_inference
  uint64_t cropLeft = 0, cropRight = 0, cropTop = 0, cropBottom = 0;
  if (r.bit()) {
    cropLeft = r.ue();
    cropRight = r.ue();
    cropTop = r.ue();
    cropBottom = r.ue();
  }
  if (r.overrun() || sps.id > 31 || chroma > 3 || widthMbs > kMaxPx / 16 || heightUnits > kMaxPx / 16)
    return std::nullopt;
  sps.chromaFormat = static_cast<uint8_t>(chroma);
  const uint64_t chromaArray = separatePlanes ? 0 : chroma;
  const uint64_t cropX = chromaArray == 1 || chromaArray == 2 ? 2 : 1;
  const uint64_t cropY = (chromaArray == 1 ? 2 : 1) * (frameMbsOnly ? 1 : 2);
  const uint64_t width = widthMbs * 16, height = heightUnits * 16 * (frameMbsOnly ? 1 : 2);
  if ((cropLeft + cropRight) * cropX >= width || (cropTop + cropBottom) * cropY >= height) return std::nullopt;
  sps.widthPx = static_cast<uint32_t>(width - (cropLeft + cropRight) * cropX);
  sps.heightPx = static_cast<uint32_t>(height - (cropTop + cropBottom) * cropY);
  if (r.bit()) sps.fps = vuiFps(r);
  char text[24];
  std::snprintf(text, sizeof text, "avc1.%02x%02x%02x", profile, constraints, level);
  sps.codecString = text;
  return sps;
}

}  // namespace lanthorn::media
