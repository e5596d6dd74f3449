// What we need of a sequence parameter set. Source: H.264 §7.3.2.1, H.265 §7.3.2.2.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "bitstream/annex_b.h"

namespace lanthorn::media {

struct Sps {
  uint32_t id = 0;
  uint32_t widthPx = 0;  // after cropping
  uint32_t heightPx = 0;
  double fps = 0;           // from the VUI; 0 when it does not say
  std::string codecString;  // RFC 6381: avc1.64001f, hvc1.1.6.L93.B0
  // for the configuration records of MP4 (configuration_record.h)
  uint8_t chromaFormat = 1;
  uint8_t bitDepthLuma = 8;
  uint8_t bitDepthChroma = 8;
  std::array<uint8_t, 12> profileTierLevel{};  // H.265: general_profile_space … general_level_idc, as sent
  uint8_t subLayers = 1;
  bool temporalIdNesting = false;
};

// nal: with its header byte(s). Nothing when it is damaged or its values are impossible.
std::optional<Sps> parseH264Sps(Bytes nal);
std::optional<Sps> parseHevcSps(Bytes nal);

inline std::optional<Sps> parseSps(VideoCodec codec, Bytes nal) {
  return codec == VideoCodec::h264 ? parseH264Sps(nal) : parseHevcSps(nal);
}

}  // namespace lanthorn::media
