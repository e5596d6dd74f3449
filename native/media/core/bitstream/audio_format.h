// What a packet ring's description says of an audio stream.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace lanthorn::media {

enum class AudioCodec { aac, opus };

inline const char *codecName(AudioCodec codec) { return codec == AudioCodec::aac ? "aac" : "opus"; }

struct AudioFormat {
  AudioCodec codec = AudioCodec::aac;
  uint32_t sampleRateHz = 0;
  uint32_t channels = 0;
  std::vector<uint8_t> extradata;  // AudioSpecificConfig | OpusHead
  std::string codecString;         // RFC 6381
  bool operator==(const AudioFormat &) const = default;
};

}  // namespace lanthorn::media
