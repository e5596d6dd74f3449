/** Real H.264 and H.265 for tests, encoded in this process by libavcodec: access units in Annex B. */
#pragma once

#include <string>
#include <vector>

#include "ts_builder.hpp"

namespace lanthorn::media::test {

/** Moving gradients; a key frame every keyInterval, no B-frames. encoder: libx264 or libx265. */
std::vector<Buffer> madeVideo(const std::string &encoder, int widthPx, int heightPx, int frames, int keyInterval);

/** The units as MPEG-TS at 25 fps, with tables in front. streamType: 0x1B or 0x24. */
Buffer madeTs(const std::vector<Buffer> &units, uint8_t streamType);

}  // namespace lanthorn::media::test
