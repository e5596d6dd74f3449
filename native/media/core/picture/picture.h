// One frame as libyuv wants it. Checks that every plane lies inside the bytes: descriptions come from shared memory.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "lanthorn/media.h"

namespace lanthorn::media {

// 8-bit 4:2:0 in three planes; own_ holds the samples when they had to be made.
class Picture {
 public:
  // The region of a frame, converted to 4:2:0 planar where it is something else. Throws MediaError INVALID_ARGUMENT.
  Picture(const ltn_frame_t &frame, std::span<const uint8_t> bytes, ltn_region_t region);
  // The same picture, scaled (box filter down, bilinear up).
  Picture scaled(int widthPx, int heightPx) const;

  int widthPx = 0, heightPx = 0;
  const uint8_t *plane[3] = {};
  int strideBytes[3] = {};
  bool fullRange = false;
  bool bt709 = false;
  bool bt2020 = false;

 private:
  Picture() = default;
  void allocate(int widthPx, int heightPx);
  uint8_t *writable(int index) { return own_.data() + (plane[index] - own_.data()); }

  std::vector<uint8_t> own_;
};

// RGB, 3 bytes a pixel, rows of strideBytes.
void pictureToRgb(const Picture &picture, uint8_t *rgb, int strideBytes);

std::vector<uint8_t> pictureToJpeg(const Picture &picture, int qualityPct);

}  // namespace lanthorn::media
