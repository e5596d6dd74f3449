#include "frame_check.hpp"

#include <cstring>

namespace lanthorn {
namespace {

/** Planes of the formats we know, FFmpeg's names: bytes per sample group and subsampling of planes 1 and 2. */
struct PixelFormat {
  const char *name;
  uint32_t planes;
  uint32_t luma_bytes_per_px;
  uint32_t chroma_bytes_per_sample;  // of one plane: nv12 has two bytes (U and V) a sample
  uint32_t chroma_shift_x;
  uint32_t chroma_shift_y;
};

constexpr PixelFormat kFormats[] = {
    {"nv12", 2, 1, 2, 1, 1},        {"nv21", 2, 1, 2, 1, 1},     {"p010le", 2, 2, 4, 1, 1},
    {"yuv420p", 3, 1, 1, 1, 1},     {"yuvj420p", 3, 1, 1, 1, 1}, {"yuv422p", 3, 1, 1, 1, 0},
    {"yuvj422p", 3, 1, 1, 1, 0},    {"yuv444p", 3, 1, 1, 0, 0},  {"yuvj444p", 3, 1, 1, 0, 0},
    {"yuv420p10le", 3, 2, 2, 1, 1}, {"gray", 1, 1, 0, 0, 0},     {"gray16le", 1, 2, 0, 0, 0},
    {"grayf32le", 1, 4, 0, 0, 0},   {"rgb24", 1, 3, 0, 0, 0},    {"bgr24", 1, 3, 0, 0, 0},
    {"rgba", 1, 4, 0, 0, 0},        {"bgra", 1, 4, 0, 0, 0},
};

const PixelFormat *find_format(const char *name) {
  for (const PixelFormat &format : kFormats) {
    if (std::strcmp(format.name, name) == 0) {
      return &format;
    }
  }
  return nullptr;
}

bool is_terminated(const char (&text)[LTN_NAME_BYTES]) { return std::memchr(text, 0, sizeof text) != nullptr; }

uint64_t shifted(uint32_t size, uint32_t shift) { return (uint64_t{size} + (1u << shift) - 1) >> shift; }

bool plane_fits(const ltn_frame_t &frame, uint32_t plane, uint64_t row_bytes, uint64_t rows) {
  uint64_t stride = frame.plane_stride_bytes[plane];
  if (row_bytes == 0 || rows == 0) {
    return frame.plane_offset_bytes[plane] <= frame.bytes;
  }
  // No overflow: offset, stride and rows are below 2^32 each.
  return stride >= row_bytes && frame.plane_offset_bytes[plane] + stride * (rows - 1) + row_bytes <= frame.bytes;
}

}  // namespace

const char *frame_fault(const ltn_frame_t &frame, uint64_t slot_bytes) {
  if (frame.bytes > slot_bytes) {
    return "bytes is larger than the slot";
  }
  if (frame.planes > LTN_MAX_PLANES) {
    return "there are more than 4 planes";
  }
  if (!is_terminated(frame.pixel_format) || !is_terminated(frame.color_space) || !is_terminated(frame.color_range)) {
    return "a name is not terminated";
  }
  const PixelFormat *format = find_format(frame.pixel_format);
  if (format != nullptr && frame.planes != format->planes) {
    return "the number of planes is not that of the pixel format";
  }
  for (uint32_t i = 0; i < frame.planes; i++) {
    uint64_t row_bytes = 0;
    uint64_t rows = 0;
    if (format != nullptr) {
      row_bytes = i == 0 ? uint64_t{frame.width_px} * format->luma_bytes_per_px
                         : shifted(frame.width_px, format->chroma_shift_x) * format->chroma_bytes_per_sample;
      rows = i == 0 ? frame.height_px : shifted(frame.height_px, format->chroma_shift_y);
    }
    if (!plane_fits(frame, i, row_bytes, rows)) {
      return "a plane reaches beyond the frame's bytes, or its stride is shorter than a row";
    }
  }
  return nullptr;
}

}  // namespace lanthorn
