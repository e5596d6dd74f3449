#include <doctest/doctest.h>

#include "ts_builder.hpp"

using namespace lanthorn::media;
using namespace lanthorn::media::test;

TEST_CASE("a plain stream comes out as one record for each access unit, byte for byte") {
  Bench bench;
  TsWriter ts;
  bench.push(videoTables(ts));
  bench.push(videoFrames(ts, 30, 90'000));
  bench.demuxer.flush();
  REQUIRE(bench.records().size() == 30);
  for (size_t i = 0; i < 30; i++) {
    const auto &[record, payload] = bench.records()[i];
    CHECK(payload == accessUnit(i % 10 == 0, 700 + i));
    CHECK(record.pts_90k == 90'000 + static_cast<int64_t>(i) * 3600);
    CHECK(((record.flags & LTN_RECORD_KEY) != 0) == (i % 10 == 0));
    CHECK(((record.flags & LTN_RECORD_DISCONTINUITY) != 0) == (i == 0));
  }
  CHECK(bench.records()[5].record.duration_90k == 3600);
  REQUIRE(bench.keeper->descriptions.size() == 1);
  CHECK(bench.keeper->descriptions[0].find("\"codec\":\"h264\",\"widthPx\":640,\"heightPx\":360") != std::string::npos);
}

TEST_CASE("bytes pushed one at a time give the same records") {
  TsWriter ts;
  Buffer stream = videoTables(ts);
  append(stream, videoFrames(ts, 12, 90'000));
  Bench bench;
  for (const uint8_t byte : stream) bench.push({byte});
  bench.demuxer.flush();
  CHECK(bench.records().size() == 12);
}

TEST_CASE("timestamps rise over the 33-bit wrap") {
  Bench bench;
  TsWriter ts;
  bench.push(videoTables(ts));
  bench.push(videoFrames(ts, 20, (uint64_t{1} << 33) - 5 * 3600));
  bench.demuxer.flush();
  REQUIRE(bench.records().size() == 20);
  for (size_t i = 1; i < 20; i++)
    CHECK(bench.records()[i].record.pts_90k - bench.records()[i - 1].record.pts_90k == 3600);
  CHECK(bench.statistics().discontinuities == 0);
}

TEST_CASE("a stuffed packet ends an access unit at once, after the stream has kept to that rule eight times") {
  Bench bench;
  TsWriter ts;
  bench.push(videoTables(ts));
  for (int i = 0; i < 20; i++) {
    bench.nowNs += 40'000'000;
    bench.push(ts.packets(
        kVideoPid, TsWriter::pes(0xE0, 90'000 + static_cast<uint64_t>(i) * 3600, accessUnit(i == 0, 700), false)));
    if (i >= 10) {
      REQUIRE(bench.records().size() == static_cast<size_t>(i) + 1);  // without waiting for the next
      CHECK(bench.records().back().record.arrival_mono_ns == bench.nowNs);
    }
  }
  CHECK(bench.statistics().split_units == 0);
}

TEST_CASE("stuffing in the middle of access units takes the trust away and loses at most one unit's tail") {
  Bench bench;
  TsWriter ts;
  bench.push(videoTables(ts));
  bench.push(videoFrames(ts, 20, 90'000));
  Buffer sent;
  for (int i = 0; i < 30; i++) {  // each unit in two runs of packets, the first ending in stuffing
    const Buffer pes =
        TsWriter::pes(0xE0, 90'000 + static_cast<uint64_t>(20 + i) * 3600, accessUnit(i % 10 == 0, 700), false);
    append(sent, ts.packets(kVideoPid, Buffer(pes.begin(), pes.begin() + 300)));
    Buffer rest = ts.packets(kVideoPid, Buffer(pes.begin() + 300, pes.end()));
    rest[1] &= 0xBF;  // not a start
    append(sent, rest);
  }
  bench.push(sent);
  bench.demuxer.flush();
  CHECK(bench.statistics().split_units == 1);
  CHECK(bench.records().size() == 50);
  CHECK(bench.records().back().payload == accessUnit(false, 700));
}

TEST_CASE("lost packets are counted and cost only the units they were in") {
  Bench bench;
  TsWriter ts;
  bench.push(videoTables(ts));
  Buffer frames = videoFrames(ts, 40, 90'000);
  frames.erase(frames.begin() + 188 * 42, frames.begin() + 188 * 44);
  bench.push(frames);
  bench.demuxer.flush();
  CHECK(bench.statistics().continuity_errors >= 1);
  CHECK(bench.records().size() >= 38);
  CHECK(bench.records().back().payload == accessUnit(false, 739));
}

TEST_CASE("a stream whose PAT never comes is followed by its PMT alone") {
  Bench bench;
  TsWriter ts;
  for (int i = 0; i < 40; i++) {
    bench.push(ts.pmt(kPmtPid, 1, {{0x1B, kVideoPid}}));
    bench.push(videoFrames(ts, 10, 90'000 + static_cast<uint64_t>(i) * 36'000));
  }
  CHECK(bench.records().size() > 100);
}

TEST_CASE("without PAT and PMT nothing is written and nothing is kept") {
  Bench bench;
  TsWriter ts;
  bench.push(videoFrames(ts, 500, 90'000));
  CHECK(bench.records().empty());
  CHECK(bench.keeper->descriptions.empty());
  CHECK(std::string(bench.statistics().state) == "waiting");
}

TEST_CASE("garbage before, between and after packets is skipped and counted") {
  Bench bench;
  TsWriter ts;
  Buffer stream(1000, 0x47);  // the worst garbage: all sync bytes, at every distance
  append(stream, videoTables(ts));
  append(stream, videoFrames(ts, 20, 90'000));
  Buffer garbage;
  for (int i = 0; i < 777; i++) garbage.push_back(static_cast<uint8_t>(i * 31));
  append(stream, garbage);
  append(stream, videoTables(ts));
  append(stream, videoFrames(ts, 20, 90'000 + 20 * 3600));
  bench.push(stream);
  bench.demuxer.flush();
  CHECK(bench.records().size() >= 20);
  CHECK(bench.records().back().payload == accessUnit(false, 719));
  CHECK(bench.statistics().sync_losses >= 1);
  CHECK(bench.statistics().discarded_bytes > 0);
}

TEST_CASE("a stream cut at any byte gives whole units only, until its end is flushed") {
  TsWriter ts;
  Buffer stream = videoTables(ts);
  append(stream, videoFrames(ts, 12, 90'000));
  for (size_t cut = 0; cut < stream.size(); cut += 97) {
    Bench bench;
    bench.push(Buffer(stream.begin(), stream.begin() + static_cast<ptrdiff_t>(cut)));
    for (size_t i = 0; i < bench.records().size(); i++)
      CHECK(bench.records()[i].payload == accessUnit(i % 10 == 0, 700 + i));
    bench.demuxer.flush();
  }
}

TEST_CASE("of two programmes the first with video is followed, and sound-only ones are left") {
  Bench bench;
  TsWriter ts;
  bench.push(ts.pat({{1, 0x1000}, {2, 0x1001}, {3, 0x1002}}));
  bench.push(ts.pmt(0x1000, 1, {{0x0F, 0x90}}));
  bench.push(ts.pmt(0x1001, 2, {{0x1B, kVideoPid}}));
  bench.push(ts.pmt(0x1002, 3, {{0x1B, 0x200}}));
  bench.push(videoFrames(ts, 10, 90'000));
  bench.push(ts.packets(0x200, TsWriter::pes(0xE0, 1, accessUnit(true, 4000), false)));
  bench.demuxer.flush();
  CHECK(bench.records().size() == 10);
}

TEST_CASE("null packets and unknown PIDs change nothing") {
  Bench bench;
  TsWriter ts;
  bench.push(videoTables(ts));
  const Buffer frames = videoFrames(ts, 10, 90'000);
  for (size_t at = 0; at < frames.size(); at += 188) {
    bench.push(TsWriter::nullPacket());
    bench.push(ts.packets(0x777, TsWriter::pes(0xC0, 5, Buffer(50, 1), true)));
    bench.push(Buffer(frames.begin() + static_cast<ptrdiff_t>(at), frames.begin() + static_cast<ptrdiff_t>(at + 188)));
  }
  bench.demuxer.flush();
  REQUIRE(bench.records().size() == 10);
  CHECK(bench.records()[9].payload == accessUnit(false, 709));
}

TEST_CASE("sound waits for the first picture, its frames are timed one by one, and the description names both") {
  Bench bench;
  TsWriter ts;
  bench.push(ts.pat({{1, kPmtPid}}));
  bench.push(ts.pmt(kPmtPid, 1, {{0x0F, kAudioPid}, {0x1B, kVideoPid}}));
  Buffer adts = {0xFF, 0xF1, 0x4C, 0x40, 0x02, 0x9F, 0xFC};
  adts.resize(20, 0x21);
  Buffer three = adts;
  append(three, adts);
  append(three, adts);
  bench.push(ts.packets(kAudioPid, TsWriter::pes(0xC0, 80'000, three, true)));  // before any picture
  bench.push(videoFrames(ts, 2, 90'000));
  bench.push(ts.packets(kAudioPid, TsWriter::pes(0xC0, 90'000, three, true)));
  bench.demuxer.flush();
  REQUIRE(bench.keeper->descriptions.size() == 1);
  CHECK(bench.keeper->descriptions[0].find("\"index\":1,\"type\":\"audio\",\"codec\":\"aac\",\"sampleRateHz\":48000") !=
        std::string::npos);
  const auto sound = bench.ofStream(1);
  REQUIRE(sound.size() == 3);
  CHECK(sound[0].record.pts_90k == 90'000);
  CHECK(sound[2].record.pts_90k == 90'000 + 2 * 1920);
  CHECK(sound[0].payload.size() == 13);
}

TEST_CASE("a microphone that never speaks holds the picture back for one second only") {
  Bench bench;
  TsWriter ts;
  bench.push(ts.pat({{1, kPmtPid}}));
  bench.push(ts.pmt(kPmtPid, 1, {{0x0F, kAudioPid}, {0x1B, kVideoPid}}));
  for (int i = 0; i < 40; i++) {
    bench.nowNs += 40'000'000;
    bench.push(videoFrames(ts, 1, 90'000 + static_cast<uint64_t>(i) * 3600));
  }
  CHECK(bench.keeper->descriptions.size() == 1);
  CHECK(bench.records().size() == 40);  // all: none was lost while they were held
}

TEST_CASE("private and KLV data become data records with their time") {
  Bench bench;
  TsWriter ts;
  bench.push(ts.pat({{1, kPmtPid}}));
  bench.push(ts.pmt(kPmtPid, 1, {{0x1B, kVideoPid}, {0x06, kDataPid, {0x05, 4, 'K', 'L', 'V', 'A'}}}));
  bench.push(videoFrames(ts, 3, 90'000));
  const Buffer klv = {6, 14, 43, 52, 1, 2, 3};
  bench.push(ts.packets(kDataPid, TsWriter::pes(0xBD, 93'600, klv, true)));
  bench.demuxer.flush();
  const auto data = bench.ofStream(1);
  REQUIRE(data.size() == 1);
  CHECK(data[0].record.type == LTN_RECORD_DATA);
  CHECK(data[0].record.pts_90k == 93'600);
  CHECK(data[0].payload == klv);
  CHECK(bench.keeper->descriptions[0].find("\"type\":\"data\",\"codec\":\"klv\"") != std::string::npos);
}

TEST_CASE("new parameters in mid-stream make a new description before the record they belong to") {
  Bench bench;
  TsWriter ts;
  bench.push(videoTables(ts));
  bench.push(videoFrames(ts, 10, 90'000));
  Buffer changed = accessUnit(true, 500);
  changed[13] = 0x1F;  // level_idc
  bench.push(ts.packets(kVideoPid, TsWriter::pes(0xE0, 126'000, changed, false)));
  bench.demuxer.flush();
  REQUIRE(bench.keeper->descriptions.size() == 2);
  CHECK(bench.keeper->descriptions[1].find("avc1.64001f") != std::string::npos);
}

TEST_CASE("a new PMT that moves the picture to another PID is followed") {
  Bench bench;
  TsWriter ts;
  bench.push(videoTables(ts));
  bench.push(videoFrames(ts, 10, 90'000));
  bench.demuxer.flush();
  bench.push(ts.pmt(kPmtPid, 1, {{0x1B, 0x300}}, 1));
  for (int i = 0; i < 3; i++) {
    bench.push(ts.packets(
        0x300, TsWriter::pes(0xE0, 126'000 + static_cast<uint64_t>(i) * 3600, accessUnit(i == 0, 300), false)));
  }
  bench.demuxer.flush();
  CHECK(bench.records().size() == 13);
}

TEST_CASE("a jump of the camera's clock and a lost transport both begin a new time line") {
  Bench bench;
  TsWriter ts;
  bench.push(videoTables(ts));
  bench.push(videoFrames(ts, 10, 90'000));
  bench.nowNs += 400'000'000;
  bench.push(videoFrames(ts, 10, 90'000 * 3600));
  bench.demuxer.flush();
  CHECK(bench.statistics().discontinuities == 1);
  bench.demuxer.discontinuity();
  bench.push(videoFrames(ts, 10, 90'000 * 9));
  bench.demuxer.flush();
  int marked = 0;
  for (const auto &kept : bench.records()) marked += (kept.record.flags & LTN_RECORD_DISCONTINUITY) != 0;
  CHECK(marked == 3);
  CHECK(bench.records().back().record.pts_90k == 90'000 * 9 + 9 * 3600);
}

TEST_CASE("two access units in one PES packet come out as two") {
  Bench bench;
  TsWriter ts;
  bench.push(videoTables(ts));
  bench.push(videoFrames(ts, 5, 90'000));
  Buffer two = accessUnit(false, 300);
  append(two, accessUnit(false, 400));
  bench.push(ts.packets(kVideoPid, TsWriter::pes(0xE0, 90'000 + 5 * 3600, two, false)));
  bench.demuxer.flush();
  REQUIRE(bench.records().size() == 7);
  CHECK(bench.records()[5].payload == accessUnit(false, 300));
  CHECK(bench.records()[6].payload == accessUnit(false, 400));
  CHECK(bench.records()[6].record.pts_90k == 90'000 + 6 * 3600);
}

TEST_CASE("a jump of the continuity counter that the stream announces is no error and loses no unit") {
  Bench bench;
  TsWriter ts;
  bench.push(videoTables(ts));
  bench.push(videoFrames(ts, 5, 90'000));
  TsWriter other;  // its counters begin again
  bench.push(other.packets(kVideoPid, TsWriter::pes(0xE0, 90'000 + 5 * 3600, accessUnit(true, 500), false), true));
  bench.push(other.packets(kVideoPid, TsWriter::pes(0xE0, 90'000 + 6 * 3600, accessUnit(false, 600), false)));
  bench.demuxer.flush();
  CHECK(bench.statistics().continuity_errors == 0);
  REQUIRE(bench.records().size() == 7);
  CHECK(bench.records()[5].payload == accessUnit(true, 500));
}

TEST_CASE("sound and private data rise over the 33-bit wrap together with the picture") {
  Bench bench;
  TsWriter ts;
  bench.push(ts.pat({{1, kPmtPid}}));
  bench.push(ts.pmt(kPmtPid, 1, {{0x1B, kVideoPid}, {0x0F, kAudioPid}, {0x15, kDataPid}}));
  Buffer adts = {0xFF, 0xF1, 0x4C, 0x40, 0x02, 0x9F, 0xFC};
  adts.resize(20, 0x21);
  constexpr uint64_t kWrap = uint64_t{1} << 33;
  const uint64_t start = kWrap - 10 * 3600;
  for (uint64_t i = 0; i < 20; i++) {
    const uint64_t pts = start + i * 3600;
    bench.push(videoFrames(ts, 1, pts));
    bench.push(ts.packets(kAudioPid, TsWriter::pes(0xC0, pts & (kWrap - 1), adts, true)));
    bench.push(ts.packets(kDataPid, TsWriter::pes(0xFC, pts & (kWrap - 1), Buffer(9, 0x06), true)));
  }
  bench.demuxer.flush();
  for (uint32_t stream = 0; stream < 3; stream++) {
    CAPTURE(stream);
    const auto units = bench.ofStream(stream);
    REQUIRE(units.size() >= 19);
    for (size_t i = 1; i < units.size(); i++) CHECK(units[i].record.pts_90k - units[i - 1].record.pts_90k == 3600);
    CHECK(units.back().record.pts_90k == static_cast<int64_t>(kWrap) + 9 * 3600);
  }
  CHECK(bench.statistics().discontinuities == 0);
}

TEST_CASE("Opus is cut out of its control headers, timed frame by frame, and described") {
  Bench bench;
  TsWriter ts;
  bench.push(ts.pat({{1, kPmtPid}}));
  const Buffer descriptors = {0x05, 4, 'O', 'p', 'u', 's', 0x7F, 2, 0x80, 2};
  bench.push(ts.pmt(kPmtPid, 1, {{0x1B, kVideoPid}, {0x06, kAudioPid, descriptors}}));
  bench.push(videoFrames(ts, 2, 90'000));
  const Buffer packet = {0x7F, 0xE0, 4, 0xF8, 1, 2, 3};  // TOC 31: 20 ms, one frame
  Buffer two = packet;
  append(two, packet);
  bench.push(ts.packets(kAudioPid, TsWriter::pes(0xBD, 90'000, two, true)));
  bench.demuxer.flush();
  const auto sound = bench.ofStream(1);
  REQUIRE(sound.size() == 2);
  CHECK(sound[0].payload == Buffer{0xF8, 1, 2, 3});
  CHECK(sound[1].record.pts_90k - sound[0].record.pts_90k == 1800);
  CHECK(bench.keeper->descriptions.back().find("\"codec\":\"opus\",\"sampleRateHz\":48000,\"channels\":2") !=
        std::string::npos);
}

TEST_CASE("a unit that never ends is given up at its bound, and the next is whole") {
  Bench bench;
  TsWriter ts;
  bench.push(videoTables(ts));
  bench.push(ts.packets(kVideoPid, TsWriter::pes(0xE0, 90'000, accessUnit(true, 7u << 20), false)));
  bench.push(videoFrames(ts, 3, 93'600));
  bench.demuxer.flush();
  CHECK(bench.records().size() == 3);
  CHECK(bench.statistics().dropped_units >= 1);
}

TEST_CASE("scrambled and damaged packets are not used") {
  Bench bench;
  TsWriter ts;
  bench.push(videoTables(ts));
  bench.push(videoFrames(ts, 3, 90'000));
  Buffer scrambled = videoFrames(ts, 1, 100'800);
  for (size_t at = 0; at < scrambled.size(); at += 188) scrambled[at + 3] |= 0x80;
  bench.push(scrambled);
  bench.demuxer.flush();
  CHECK(bench.records().size() == 3);
  CHECK(bench.statistics().transport_errors > 0);
}
