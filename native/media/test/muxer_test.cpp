#include <doctest/doctest.h>

#include <cstring>
#include <random>

#include "bitstream/video_track.h"
#include "lanthorn/media.h"
#include "made_video.hpp"

using namespace lanthorn::media;
using namespace lanthorn::media::test;

namespace {

uint32_t be32(const uint8_t *b) { return uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | b[3]; }

/** Names of the top-level boxes. */
std::string boxes(const uint8_t *bytes, size_t count) {
  std::string names;
  for (size_t at = 0; at + 8 <= count; at += be32(bytes + at)) {
    names += std::string(reinterpret_cast<const char *>(bytes + at + 4), 4) + " ";
    if (be32(bytes + at) < 8) break;
  }
  return names;
}

/** The baseMediaDecodeTime of the first tfdt (version 1). */
uint64_t tfdt(const uint8_t *bytes, size_t count) {
  for (size_t i = 0; i + 16 < count; i++) {
    if (std::memcmp(bytes + i, "tfdt", 4) == 0) return uint64_t{be32(bytes + i + 8)} << 32 | be32(bytes + i + 12);
  }
  return UINT64_MAX;
}

}  // namespace

TEST_CASE("each call gives one moof and one mdat with the time it was given, over a gap too") {
  const std::vector<Buffer> units = madeVideo("libx264", 128, 96, 20, 10);
  VideoTrack track(VideoCodec::h264);
  Buffer out;
  track.process(units[0], false, out);
  const ltn_stream_t stream = {0, "h264", 128, 96, 0, 0, track.extradata().data(), track.extradata().size()};
  ltn_fmp4_muxer_h *muxer = nullptr;
  REQUIRE(ltn_fmp4_muxer_open(&stream, 1, &muxer) == LTN_OK);
  const uint8_t *bytes = nullptr;
  size_t count = 0;
  ltn_fmp4_muxer_init_segment(muxer, &bytes, &count);
  CHECK(boxes(bytes, count) == "ftyp moov ");
  const int64_t starts[] = {7200, 10'800, 14'400, 900'000, 903'600};  // the first not at 0, then a gap
  for (size_t i = 0; i < 5; i++) {
    const ltn_mux_packet_t packet = {0, starts[i], starts[i], 3600, i == 0, units[i].data(), units[i].size()};
    REQUIRE(ltn_fmp4_muxer_fragment(muxer, &packet, 1, &bytes, &count) == LTN_OK);
    CHECK(boxes(bytes, count) == "moof mdat ");
    CHECK(tfdt(bytes, count) == static_cast<uint64_t>(starts[i]));
  }
  // what is refused leaves the muxer usable
  ltn_mux_packet_t late = {0, 1000, 1000, 3600, 0, units[6].data(), units[6].size()};
  CHECK(ltn_fmp4_muxer_fragment(muxer, &late, 1, &bytes, &count) == LTN_E_INVALID_ARGUMENT);
  CHECK(std::string(ltn_media_last_error()).find("rising dts") != std::string::npos);
  CHECK(ltn_fmp4_muxer_fragment(muxer, nullptr, 0, &bytes, &count) == LTN_E_INVALID_ARGUMENT);
  late.stream_index = 7;
  CHECK(ltn_fmp4_muxer_fragment(muxer, &late, 1, &bytes, &count) == LTN_E_INVALID_ARGUMENT);
  late = {0, 907'200, 907'200, 3600, 0, units[6].data(), units[6].size()};
  CHECK(ltn_fmp4_muxer_fragment(muxer, &late, 1, &bytes, &count) == LTN_OK);
  ltn_fmp4_muxer_close(muxer);
}

TEST_CASE("hostile extradata is refused or taken, never fatal") {
  const std::vector<Buffer> h264 = madeVideo("libx264", 64, 64, 1, 1), hevc = madeVideo("libx265", 64, 64, 1, 1);
  std::minstd_rand random(3);
  int refused = 0, taken = 0;
  for (const auto &[codec, unit] : {std::pair{"h264", h264[0]}, std::pair{"hevc", hevc[0]},
                                    std::pair{"aac", Buffer{0x11, 0x88}}, std::pair{"opus", Buffer(19, 1)}}) {
    for (int round = 0; round < 300; round++) {
      Buffer extradata = unit;
      extradata.resize(random() % (unit.size() + 1));
      for (int i = 0; i < 5 && !extradata.empty(); i++)
        extradata[random() % extradata.size()] = static_cast<uint8_t>(random());
      const ltn_stream_t stream = {0, codec, 64, 64, 48000, 1, extradata.data(), extradata.size()};
      ltn_fmp4_muxer_h *muxer = nullptr;
      if (ltn_fmp4_muxer_open(&stream, 1, &muxer) != LTN_OK) {
        refused++;
        continue;
      }
      taken++;
      const uint8_t *bytes = nullptr;
      size_t count = 0;
      const ltn_mux_packet_t packet = {0, 0, 0, 3600, 1, extradata.data(), extradata.size()};
      ltn_fmp4_muxer_fragment(muxer, &packet, 1, &bytes, &count);
      ltn_fmp4_muxer_close(muxer);
    }
  }
  CHECK(refused > 0);
  CHECK(taken > 0);
}
