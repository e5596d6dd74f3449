// Reads what decoders need from a packet ring's description.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "bitstream/annex_b.h"
#include "bitstream/audio_format.h"

namespace lanthorn::media {

struct DescribedVideo {
  uint32_t index = 0;
  VideoCodec codec = VideoCodec::h264;
};

// The first video stream; nothing when there is none or the text is not such a description.
std::optional<DescribedVideo> videoOfDescription(std::string_view json);

struct DescribedSound {
  uint32_t index = 0;
  AudioCodec codec = AudioCodec::aac;
  uint32_t sampleRateHz = 0;
  uint32_t channels = 0;
  std::vector<uint8_t> extradata;
  bool operator==(const DescribedSound &) const = default;
};

// The first stream of coded sound.
std::optional<DescribedSound> soundOfDescription(std::string_view json);
// The indexes of the streams of KLV data.
std::vector<uint32_t> klvOfDescription(std::string_view json);

}  // namespace lanthorn::media
