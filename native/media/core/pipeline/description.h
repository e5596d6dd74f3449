// The JSON description of a packet ring. Source: docs/design/media.md#description.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bitstream/audio_format.h"
#include "bitstream/video_track.h"

namespace lanthorn::media {

struct DescribedStream {
  uint32_t index = 0;
  const VideoTrack *video = nullptr;
  const AudioFormat *audio = nullptr;
  const char *data = nullptr;  // FFmpeg's name: klv, bin_data
};

// A text as JSON writes it, with its quotes.
std::string jsonText(const std::string &text);

std::string describeStreams(const std::string &cameraId, const std::vector<DescribedStream> &streams);

}  // namespace lanthorn::media
