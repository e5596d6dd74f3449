#include <doctest/doctest.h>

#include <cstring>

#include "lanthorn/media.h"
#include "ts_builder.hpp"

using lanthorn::media::test::Buffer;

namespace {

/** A frame of one colour, in a layout with gaps between rows and planes as a decoder leaves them. */
struct Solid {
  ltn_frame_t frame{};
  Buffer bytes;

  Solid(const char *format, uint32_t width, uint32_t height, uint8_t y, uint8_t u, uint8_t v, const char *space,
        const char *range) {
    frame.width_px = width;
    frame.height_px = height;
    std::strcpy(frame.pixel_format, format);
    std::strcpy(frame.color_space, space);
    std::strcpy(frame.color_range, range);
    const bool nv12 = std::strcmp(format, "nv12") == 0, gray = std::strcmp(format, "gray") == 0;
    frame.planes = gray ? 1 : nv12 ? 2 : 3;
    const uint32_t stride = (width + 63) / 64 * 64, rows = (height + 1) / 2;
    uint32_t at = 64;
    for (uint32_t i = 0; i < frame.planes; i++) {
      frame.plane_offset_bytes[i] = at;
      frame.plane_stride_bytes[i] = stride;
      at += stride * (i == 0 ? height : rows) + 64;
    }
    bytes.assign(at, 0);
    for (uint32_t i = 0; i < frame.planes; i++) {
      for (uint32_t row = 0; row < (i == 0 ? height : rows); row++) {
        uint8_t *line = bytes.data() + frame.plane_offset_bytes[i] + row * stride;
        const uint32_t columns = i == 0 || nv12 ? width : (width + 1) / 2;
        for (uint32_t x = 0; x < columns + (nv12 && i == 1 ? width & 1 : 0); x++)
          line[x] = i == 0 ? y : nv12 ? (x & 1 ? v : u) : i == 1 ? u : v;
      }
    }
    frame.bytes = at;
  }
};

void checkColour(const Solid &solid, ltn_region_t region, int r, int g, int b) {
  Buffer rgb(33 * 17 * 3);
  REQUIRE(ltn_frame_to_rgb(&solid.frame, solid.bytes.data(), solid.bytes.size(), region, 33, 17, rgb.data(),
                           rgb.size()) == LTN_OK);
  for (size_t i = 0; i < rgb.size(); i += 3) {
    REQUIRE(std::abs(rgb[i] - r) <= 4);
    REQUIRE(std::abs(rgb[i + 1] - g) <= 4);
    REQUIRE(std::abs(rgb[i + 2] - b) <= 4);
  }
}

}  // namespace

TEST_CASE("colours come out as their matrix and range say, in R, G, B order") {
  // pure red: BT.601 limited 81, 90, 240; BT.709 limited 63, 102, 240; BT.601 full 76, 85, 255
  checkColour(Solid("yuv420p", 128, 96, 81, 90, 240, "smpte170m", "tv"), {}, 255, 0, 0);
  checkColour(Solid("yuv420p", 128, 96, 63, 102, 240, "bt709", "tv"), {}, 255, 0, 0);
  checkColour(Solid("yuv420p", 128, 96, 76, 85, 255, "smpte170m", "pc"), {}, 254, 0, 0);
  checkColour(Solid("nv12", 128, 96, 63, 102, 240, "bt709", "tv"), {}, 255, 0, 0);
  checkColour(Solid("nv12", 127, 95, 81, 90, 240, "unknown", "unknown"), {3, 5, 51, 33}, 255, 0, 0);
  checkColour(Solid("yuv420p", 1280, 720, 63, 102, 240, "unknown", "tv"), {}, 255, 0, 0);  // unmarked HD is BT.709
  checkColour(Solid("gray", 64, 64, 200, 0, 0, "unknown", "pc"), {}, 200, 200, 200);
}

TEST_CASE("a region takes only its own pixels") {
  Solid solid("yuv420p", 128, 96, 16, 128, 128, "bt709", "tv");
  for (uint32_t row = 20; row < 40; row++) {
    std::memset(solid.bytes.data() + solid.frame.plane_offset_bytes[0] + row * solid.frame.plane_stride_bytes[0] + 60,
                235, 20);
  }
  checkColour(solid, {60, 20, 20, 20}, 255, 255, 255);
  checkColour(solid, {0, 0, 60, 20}, 0, 0, 0);
}

TEST_CASE("descriptions that point outside the bytes are refused with words, whatever they say") {
  Buffer rgb(16 * 16 * 3);
  const auto status = [&](const Solid &s, ltn_region_t region = {}) {
    return ltn_frame_to_rgb(&s.frame, s.bytes.data(), s.bytes.size(), region, 16, 16, rgb.data(), rgb.size());
  };
  const Solid good("yuv420p", 64, 64, 16, 128, 128, "bt709", "tv");
  CHECK(status(good) == LTN_OK);
  for (const uint32_t value : {65u, 1000u, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
    Solid s = good;
    s.frame.width_px = value;
    CHECK(status(s) == LTN_E_INVALID_ARGUMENT);
    s = good;
    s.frame.height_px = value * 2;
    CHECK(status(s) == LTN_E_INVALID_ARGUMENT);
    s = good;
    s.frame.plane_offset_bytes[2] = value | 0x10000;
    CHECK(status(s) == LTN_E_INVALID_ARGUMENT);
    s = good;
    s.frame.plane_stride_bytes[1] = value > 1000 ? value : 5000;
    CHECK(status(s) == LTN_E_INVALID_ARGUMENT);
    CHECK(status(good, {0, 0, value, 4}) == LTN_E_INVALID_ARGUMENT);
    CHECK(status(good, {value, 0, 4, 4}) == LTN_E_INVALID_ARGUMENT);
  }
  Solid unknown = good;
  std::strcpy(unknown.frame.pixel_format, "bayer_rggb8");
  CHECK(status(unknown) == LTN_E_INVALID_ARGUMENT);
  CHECK(std::string(ltn_media_last_error()).find("bayer_rggb8") != std::string::npos);
  std::memset(unknown.frame.pixel_format, 'x', sizeof unknown.frame.pixel_format);  // no end
  CHECK(status(unknown) == LTN_E_INVALID_ARGUMENT);
}

TEST_CASE("JPEGs of odd sizes are whole and scaled to the width asked") {
  for (const uint32_t side : {1u, 2u, 15u, 16u, 17u, 127u}) {
    const Solid solid("yuv420p", side, side, 100, 110, 140, "bt709", "tv");
    uint8_t *jpeg = nullptr;
    size_t count = 0;
    REQUIRE(ltn_encode_jpeg(&solid.frame, solid.bytes.data(), solid.bytes.size(), {}, 64, 80, &jpeg, &count) == LTN_OK);
    REQUIRE(count > 100);
    CHECK(jpeg[0] == 0xFF);
    CHECK(jpeg[1] == 0xD8);
    CHECK(jpeg[count - 1] == 0xD9);
    ltn_jpeg_free(jpeg);
  }
  const Solid solid("yuv420p", 16, 16, 100, 110, 140, "bt709", "tv");
  uint8_t *jpeg = nullptr;
  size_t count = 0;
  CHECK(ltn_encode_jpeg(&solid.frame, solid.bytes.data(), solid.bytes.size(), {}, 0, 0, &jpeg, &count) ==
        LTN_E_INVALID_ARGUMENT);
}
