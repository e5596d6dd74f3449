// Reads what the decoder needs from a packet ring's description.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "bitstream/annex_b.h"

namespace lanthorn::media {

struct DescribedVideo {
  uint32_t index = 0;
  VideoCodec codec = VideoCodec::h264;
};

// The first video stream; nothing when there is none or the text is not such a description.
std::optional<DescribedVideo> videoOfDescription(std::string_view json);

}  // namespace lanthorn::media
