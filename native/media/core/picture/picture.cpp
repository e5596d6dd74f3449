#include "picture/picture.h"

#include <libyuv.h>

#include <cstring>
#include <string>

#include "media_error.h"

namespace lanthorn::media {
namespace {

struct Format {
  const char *name;
  int planes;
  int shiftX, shiftY;  // of chroma
  int sampleBytes;     // of the first plane, a pixel
  int chromaBytes;     // a chroma sample position in its plane
};
constexpr Format kFormats[] = {
    {"yuv420p", 3, 1, 1, 1, 1},     {"nv12", 2, 1, 1, 1, 2}, {"yuv422p", 3, 1, 0, 1, 1}, {"yuv444p", 3, 0, 0, 1, 1},
    {"yuv420p10le", 3, 1, 1, 2, 2}, {"gray", 1, 0, 0, 1, 0}, {"rgb24", 1, 0, 0, 3, 0},
};

const Format &formatOf(const ltn_frame_t &frame) {
  const std::string name(frame.pixel_format, strnlen(frame.pixel_format, sizeof frame.pixel_format));
  for (const Format &format : kFormats) {
    if (name == format.name) return format;
  }
  throw MediaError(
      LTN_E_INVALID_ARGUMENT,
      "expected frame.pixelFormat to be yuv420p, nv12, yuv422p, yuv444p, yuv420p10le, gray or rgb24 but received \"" +
          name + "\"");
}

void checkPlanes(const ltn_frame_t &frame, const Format &format, size_t bytes) {
  if (frame.width_px == 0 || frame.height_px == 0 || frame.width_px > 16384 || frame.height_px > 16384) {
    throw MediaError(LTN_E_INVALID_ARGUMENT, "expected a frame of 1 to 16384 pixels a side but received " +
                                                 std::to_string(frame.width_px) + " x " +
                                                 std::to_string(frame.height_px));
  }
  if (frame.planes < static_cast<uint32_t>(format.planes))
    throw MediaError(LTN_E_INVALID_ARGUMENT, "frame.planes is too short for its format");
  for (int i = 0; i < format.planes; ++i) {
    const uint64_t columns =
        i == 0 ? frame.width_px : (uint64_t{frame.width_px} + (1u << format.shiftX) - 1) >> format.shiftX;
    const uint64_t rows =
        i == 0 ? frame.height_px : (uint64_t{frame.height_px} + (1u << format.shiftY) - 1) >> format.shiftY;
    const uint64_t rowBytes = columns * static_cast<uint64_t>(i == 0 ? format.sampleBytes : format.chromaBytes);
    const uint64_t stride = frame.plane_stride_bytes[i];
    if (stride < rowBytes || stride > (1u << 20) ||
        frame.plane_offset_bytes[i] + stride * (rows - 1) + rowBytes > bytes) {
      throw MediaError(LTN_E_INVALID_ARGUMENT, "plane " + std::to_string(i) + " of the frame does not lie inside its " +
                                                   std::to_string(bytes) + " bytes");
    }
  }
}

ltn_region_t wholeOrInside(const ltn_frame_t &frame, ltn_region_t r) {
  if (r.width_px == 0 || r.height_px == 0) return {0, 0, frame.width_px, frame.height_px};
  if (uint64_t{r.x_px} + r.width_px > frame.width_px || uint64_t{r.y_px} + r.height_px > frame.height_px) {
    throw MediaError(LTN_E_INVALID_ARGUMENT, "region reaches beyond the frame of " + std::to_string(frame.width_px) +
                                                 " x " + std::to_string(frame.height_px) + ": clip it first");
  }
  // chroma of 4:2:0 is shared by two columns and rows: begin at even ones (at most one pixel more than asked)
  const uint32_t x = r.x_px & ~1u, y = r.y_px & ~1u;
  return {x, y, r.width_px + (r.x_px - x), r.height_px + (r.y_px - y)};
}

bool named(const char (&field)[LTN_NAME_BYTES], const char *name) {
  return std::strncmp(field, name, LTN_NAME_BYTES) == 0;
}

}  // namespace

void Picture::allocate(int width, int height) {
  widthPx = width;
  heightPx = height;
  const int stride = (width + 63) / 64 * 64, chromaStride = ((width + 1) / 2 + 63) / 64 * 64;
  const int chromaRows = (height + 1) / 2;
  own_.resize(static_cast<size_t>(stride) * static_cast<size_t>(height) +
              2 * static_cast<size_t>(chromaStride) * static_cast<size_t>(chromaRows) + 64);
  plane[0] = own_.data();
  plane[1] = plane[0] + static_cast<size_t>(stride) * static_cast<size_t>(height);
  plane[2] = plane[1] + static_cast<size_t>(chromaStride) * static_cast<size_t>(chromaRows);
  strideBytes[0] = stride;
  strideBytes[1] = strideBytes[2] = chromaStride;
}

Picture::Picture(const ltn_frame_t &frame, std::span<const uint8_t> bytes, ltn_region_t wanted) {
  const Format &format = formatOf(frame);
  checkPlanes(frame, format, bytes.size());
  const ltn_region_t region = wholeOrInside(frame, wanted);
  const int width = static_cast<int>(region.width_px), height = static_cast<int>(region.height_px);
  fullRange = named(frame.color_range, "pc");
  bt2020 = named(frame.color_space, "bt2020nc") || named(frame.color_space, "bt2020c");
  // An unmarked picture of 720 lines or more is BT.709 by the habit of the field
  bt709 = named(frame.color_space, "bt709") || (named(frame.color_space, "unknown") && frame.height_px >= 720);

  const uint8_t *source[3] = {};
  int stride[3] = {};
  for (int i = 0; i < format.planes; ++i) {
    const size_t x = i == 0 ? size_t{region.x_px} * static_cast<size_t>(format.sampleBytes)
                            : (region.x_px >> format.shiftX) * static_cast<size_t>(format.chromaBytes);
    const size_t y = i == 0 ? region.y_px : region.y_px >> format.shiftY;
    stride[i] = static_cast<int>(frame.plane_stride_bytes[i]);
    source[i] = bytes.data() + frame.plane_offset_bytes[i] + y * frame.plane_stride_bytes[i] + x;
  }
  const std::string name = format.name;
  if (name == "yuv420p") {
    widthPx = width;
    heightPx = height;
    for (int i = 0; i < 3; ++i) plane[i] = source[i], strideBytes[i] = stride[i];
    return;
  }
  allocate(width, height);
  uint8_t *y = writable(0), *u = writable(1), *v = writable(2);
  const int sy = strideBytes[0], su = strideBytes[1], sv = strideBytes[2];
  if (name == "nv12") {
    libyuv::NV12ToI420(source[0], stride[0], source[1], stride[1], y, sy, u, su, v, sv, width, height);
  } else if (name == "yuv422p") {
    libyuv::I422ToI420(source[0], stride[0], source[1], stride[1], source[2], stride[2], y, sy, u, su, v, sv, width,
                       height);
  } else if (name == "yuv444p") {
    libyuv::I444ToI420(source[0], stride[0], source[1], stride[1], source[2], stride[2], y, sy, u, su, v, sv, width,
                       height);
  } else if (name == "yuv420p10le") {
    const auto wide = [&](int i) { return reinterpret_cast<const uint16_t *>(source[i]); };
    libyuv::I010ToI420(wide(0), stride[0] / 2, wide(1), stride[1] / 2, wide(2), stride[2] / 2, y, sy, u, su, v, sv,
                       width, height);
  } else if (name == "gray") {
    libyuv::CopyPlane(source[0], stride[0], y, sy, width, height);
    libyuv::SetPlane(u, su, (width + 1) / 2, (height + 1) / 2, 128);
    libyuv::SetPlane(v, sv, (width + 1) / 2, (height + 1) / 2, 128);
    fullRange = !named(frame.color_range, "tv");
  } else {  // rgb24 is libyuv's RAW
    libyuv::RAWToJ420(source[0], stride[0], y, sy, u, su, v, sv, width, height);
    fullRange = true;
    bt709 = bt2020 = false;
  }
}

Picture Picture::scaled(int width, int height) const {
  Picture out;
  out.fullRange = fullRange;
  out.bt709 = bt709;
  out.bt2020 = bt2020;
  out.allocate(width, height);
  libyuv::I420Scale(plane[0], strideBytes[0], plane[1], strideBytes[1], plane[2], strideBytes[2], widthPx, heightPx,
                    out.writable(0), out.strideBytes[0], out.writable(1), out.strideBytes[1], out.writable(2),
                    out.strideBytes[2], width, height,
                    libyuv::kFilterBox);  // libyuv itself takes bilinear where it scales up
  return out;
}

}  // namespace lanthorn::media
