#include <doctest/doctest.h>

#include "bitstream/adts.h"
#include "bitstream/opus_ts.h"
#include "bitstream/sps.h"
#include "bitstream/video_track.h"
#include "ts_builder.hpp"

using namespace lanthorn::media;
using namespace lanthorn::media::test;

namespace {
// x265, 640 × 360, Main, level 2.1
const Buffer kHevcSps = {0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00,
                         0x03, 0x00, 0x00, 0x03, 0x00, 0x3f, 0xa0, 0x05, 0x02, 0x01, 0x69, 0x65,
                         0x95, 0x9a, 0x49, 0x30, 0xbc, 0x05, 0xa0, 0x20, 0x00, 0x00, 0x03};
}  // namespace

TEST_CASE("NAL units are found behind start codes of three and four bytes, without trailing zeros") {
  const Buffer bytes = {9, 9, 0, 0, 1, 0x41, 7, 0, 0, 0, 1, 0x42, 8, 0, 0};
  std::vector<Buffer> found;
  forEachNal(bytes, [&](Bytes nal, size_t) { found.emplace_back(nal.begin(), nal.end()); });
  REQUIRE(found.size() == 2);
  CHECK(found[0] == Buffer{0x41, 7});
  CHECK(found[1] == Buffer{0x42, 8});
}

TEST_CASE("bytes without a start code hold no NAL unit") {
  for (size_t size = 0; size < 5; size++) {
    int count = 0;
    forEachNal(Buffer(size, 0), [&](Bytes, size_t) { count++; });
    CHECK(count == 0);
  }
}

TEST_CASE("an H.264 SPS tells size, frame rate and codec string") {
  const auto sps = parseH264Sps(Bytes(kSps).subspan(4));
  REQUIRE(sps);
  CHECK(sps->widthPx == 640);
  CHECK(sps->heightPx == 360);
  CHECK(sps->fps == doctest::Approx(15));
  CHECK(sps->codecString == "avc1.640016");
}

TEST_CASE("an H.265 SPS tells size and codec string") {
  const auto sps = parseHevcSps(kHevcSps);
  REQUIRE(sps);
  CHECK(sps->widthPx == 640);
  CHECK(sps->heightPx == 360);
  CHECK(sps->codecString == "hvc1.1.6.L63.90");
}

TEST_CASE("a parameter set cut anywhere or with any byte changed is refused or read, never overrun") {
  int refused = 0;
  for (const auto &[codec, whole] :
       {std::pair{VideoCodec::h264, Buffer(kSps.begin() + 4, kSps.end())}, std::pair{VideoCodec::hevc, kHevcSps}}) {
    for (size_t size = 0; size < whole.size(); size++) refused += !parseSps(codec, Bytes(whole).first(size));
    for (size_t i = 0; i < whole.size(); i++) {
      for (int value = 0; value < 256; value++) {
        Buffer changed = whole;
        changed[i] = static_cast<uint8_t>(value);
        const auto sps = parseSps(codec, changed);
        if (sps) {
          CHECK(sps->widthPx > 0);
          CHECK(sps->widthPx <= 16384);
        }
        refused += !sps;
      }
    }
  }
  CHECK(refused > 0);
}

TEST_CASE("a key frame without parameter sets gets those of the last one, after its delimiter") {
  VideoTrack track(VideoCodec::h264);
  Buffer out;
  CHECK(track.process(accessUnit(true, 50), false, out).parametersChanged);
  const auto unit = track.process(accessUnit(true, 50, false), false, out);
  CHECK(unit.key);
  CHECK_FALSE(unit.parametersChanged);
  Buffer expected = kDelimiter;
  append(expected, kSps);
  append(expected, kPps);
  CHECK(Buffer(out.begin(), out.begin() + static_cast<ptrdiff_t>(expected.size())) == expected);
}

TEST_CASE("an intra picture with a recovery point is a key frame, a predicted one with it is not") {
  const Buffer recovery = {0, 0, 0, 1, 0x06, 0x06, 0x01, 0xC4, 0x80};  // recovery_frame_cnt 0
  for (const bool intra : {true, false}) {
    VideoTrack track(VideoCodec::h264);
    Buffer unit = kSps, out;
    append(unit, kPps);
    append(unit, recovery);
    append(unit, {0, 0, 1, 0x41, static_cast<uint8_t>(intra ? 0x88 : 0x9A), 1, 2, 3});  // first_mb 0, slice_type 7 or 5
    CHECK(track.process(unit, false, out).key == intra);
  }
}

TEST_CASE("parameter sets of a damaged unit do not replace good ones") {
  VideoTrack track(VideoCodec::h264);
  Buffer out;
  track.process(accessUnit(true, 50), false, out);
  const Buffer before = track.extradata();
  Buffer other = accessUnit(true, 50);
  other[11] ^= 0x10;  // profile
  track.process(other, true, out);
  CHECK(track.extradata() == before);
}

TEST_CASE("ADTS frames are cut out of a stream that splits them anywhere, and garbage before them is skipped") {
  // AAC-LC, 48 kHz, mono, 20 bytes a frame with its header
  Buffer frame = {0xFF, 0xF1, 0x4C, 0x40, 0x02, 0x9F, 0xFC};
  frame.resize(20, 0x21);
  Buffer stream = {1, 2, 3};
  for (int i = 0; i < 5; i++) append(stream, frame);
  for (size_t cut = 1; cut < stream.size(); cut++) {
    AdtsFramer framer;
    int frames = 0;
    const auto count = [&](const AdtsHeader &header, Bytes raw, bool) {
      frames++;
      CHECK(header.sampleRateHz == 48000);
      CHECK(raw.size() == 13);
    };
    framer.push(Bytes(stream).first(cut), count);
    framer.push(Bytes(stream).subspan(cut), count);
    CHECK(frames == 5);
  }
  const AudioFormat format = parseAdtsHeader(frame)->format();
  CHECK(format.extradata == Buffer{0x11, 0x88});
  CHECK(format.codecString == "mp4a.40.2");
  CHECK(formatOfAudioSpecificConfig(format.extradata)->sampleRateHz == 48000);
}

TEST_CASE("Opus packets are taken out of their control headers, and broken framing is said") {
  const Buffer packet = {0xFC, 1, 2, 3};  // CELT, 20 ms
  Buffer pes = {0x7F, 0xE0, 4};
  append(pes, packet);
  append(pes, {0x7F, 0xF0, 4, 0, 16});  // with start_trim
  append(pes, packet);
  int count = 0;
  CHECK(forEachOpusPacket(pes, [&](Bytes found) {
    count++;
    CHECK(Buffer(found.begin(), found.end()) == packet);
    CHECK(opusPacketSamples(found) == 960);
  }));
  CHECK(count == 2);
  for (size_t size = 1; size < pes.size(); size++) {
    if (size == 7) continue;  // the end of the first packet
    CHECK_FALSE(forEachOpusPacket(Bytes(pes).first(size), [](Bytes) {}));
  }
}
