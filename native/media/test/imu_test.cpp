/** IMU samples in private data: the format, hostile units, and times that never run backwards. */
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <random>

#include "sensors/imu_track.h"
#include "ts_builder.hpp"

using namespace lanthorn::media;
using namespace lanthorn::media::test;

namespace {

struct Made {
  uint32_t sensor;
  int32_t offsetNs;
  float x, y, z;
};

void put32(Buffer &to, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<uint8_t>(value >> shift));
}

Buffer item(uint8_t tag, const Buffer &value) {
  Buffer out = {tag, 0x82, static_cast<uint8_t>(value.size() >> 8), static_cast<uint8_t>(value.size())};
  append(out, value);
  return out;
}

Buffer unitOf(const std::vector<Made> &samples, uint32_t rateHz = 200, const Buffer &more = {}) {
  Buffer rate, bytes, set;
  put32(rate, rateHz);
  for (const Made &s : samples) {
    bytes.push_back(static_cast<uint8_t>(s.sensor));
    put32(bytes, static_cast<uint32_t>(s.offsetNs));
    for (const float value : {s.x, s.y, s.z}) put32(bytes, std::bit_cast<uint32_t>(value));
  }
  append(set, item(1, rate));
  append(set, item(2, bytes));
  append(set, more);
  Buffer out(kImuLabel.begin(), kImuLabel.end());
  append(out, {0x83, 0, static_cast<uint8_t>(set.size() >> 8), static_cast<uint8_t>(set.size())});
  append(out, set);
  return out;
}

std::vector<Made> tenMs(float x = 0) {
  return {
      {1, -10'000'000, x, 0, 9.81f}, {2, -10'000'000, 0, 0, 0.1f}, {1, -5'000'000, x, 0, 9.81f}, {3, 0, 0, 20, -44}};
}

/** A track that writes to a keeper; records are 10 ms apart and arrive 30 ms after they were captured. */
struct Stand {
  Keeper *keeper = nullptr;
  std::vector<uint64_t> ringBytes;
  ImuTrack track{"porch", [this](uint64_t bytes) {
                   ringBytes.push_back(bytes);
                   auto made = std::make_unique<Keeper>();
                   keeper = made.get();
                   return made;
                 }};

  static ltn_record_t at(int64_t ms, uint32_t flags = 0) {
    ltn_record_t record{};
    record.pts_90k = record.dts_90k = 900'000 + ms * 90;
    record.capture_mono_ns = 5'000'000'000 + ms * 1'000'000;
    record.capture_wall_us = 1'000'000 + ms * 1000;
    record.arrival_mono_ns = record.capture_mono_ns + 30'000'000;
    record.type = LTN_RECORD_DATA;
    record.flags = flags;
    return record;
  }
  void take(int64_t ms, const Buffer &unit, uint32_t flags = 0) { track.take(at(ms, flags), unit); }
};

struct Read {
  int64_t monoNs;
  uint32_t sensor;
  double xyz[3];
};

std::vector<Read> readAll(const Keeper &keeper) {
  std::vector<Read> all;
  for (const Keeper::Kept &kept : keeper.records) {
    REQUIRE(kept.record.type == LTN_RECORD_IMU);
    REQUIRE(kept.payload.size() % 40 == 0);
    REQUIRE(!kept.payload.empty());
    for (size_t at = 0; at < kept.payload.size(); at += 40) {
      Read read{};
      std::memcpy(&read.monoNs, &kept.payload[at], 8);
      std::memcpy(&read.sensor, &kept.payload[at + 8], 4);
      std::memcpy(read.xyz, &kept.payload[at + 16], 24);
      if (at == 0) REQUIRE(kept.record.capture_mono_ns == read.monoNs);
      all.push_back(read);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("IMU units become records of 40-byte samples on the monotonic clock, with a description") {
  Stand stand;
  stand.take(100, unitOf(tenMs(0.5f)));
  stand.take(110, unitOf(tenMs(), 200, item(99, {1, 2, 3})));  // a tag of a later version
  const std::vector<Read> all = readAll(*stand.keeper);
  REQUIRE(all.size() == 6);  // those at -10 ms of the second unit are as old as the newest of the first
  CHECK(stand.track.counts().dropped == 2);
  CHECK(all[0].monoNs == 5'090'000'000);
  CHECK(all[0].sensor == 1);
  CHECK(all[0].xyz[0] == 0.5);
  CHECK(all[0].xyz[2] == doctest::Approx(9.81));
  CHECK(all[3].sensor == 3);
  CHECK(all[3].monoNs == 5'100'000'000);
  CHECK(stand.keeper->records[0].record.pts_90k == 900'000 + 90 * 90);
  CHECK(stand.keeper->records[0].record.capture_wall_us == 1'090'000);
  REQUIRE(stand.keeper->descriptions.size() == 1);
  CHECK(
      stand.keeper->descriptions[0] ==
      R"({"camera":"porch","streams":[{"index":0,"type":"imu","sensors":["accelerometer","gyroscope","magnetometer"],"sampleRateHz":200}]})");
  CHECK(stand.track.counts().samples == all.size());
}

TEST_CASE("Somebody else's private data is no fault; a unit that is cut off anywhere is rejected and counted") {
  Stand stand;
  const Buffer whole = unitOf(tenMs());
  stand.take(0, {0x06, 0x0E, 0x2B, 0x34, 1, 2, 3});
  CHECK(stand.track.counts().units == 0);
  for (size_t bytes = kImuLabel.size(); bytes < whole.size(); ++bytes)
    stand.take(100, Buffer(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(bytes)));
  CHECK(stand.track.counts().rejected == whole.size() - kImuLabel.size());
  CHECK(stand.keeper == nullptr);
  stand.take(200, whole);
  CHECK(stand.track.counts().samples == 4);
}

TEST_CASE("Values and times that cannot be are dropped one by one, huge counts and rates as a whole") {
  Stand stand;
  const float nan = std::nanf(""), infinite = INFINITY;
  stand.take(100, unitOf({{1, 0, nan, 0, 0},
                          {1, 0, 0, infinite, 0},
                          {0, 0, 1, 1, 1},
                          {4, 0, 1, 1, 1},
                          {1, 1, 1, 1, 1},
                          {2, -1'000'000'001, 1, 1, 1},
                          {2, -1000, 1, 2, 3}}));
  CHECK(stand.track.counts().dropped == 6);
  CHECK(stand.track.counts().samples == 1);
  stand.take(200, unitOf(tenMs(), 0));
  stand.take(300, unitOf(tenMs(), 10'001));
  stand.take(400, unitOf(tenMs(), UINT32_MAX));
  stand.take(500, unitOf(std::vector<Made>(3500, Made{1, 0, 1, 1, 1})));
  CHECK(stand.track.counts().rejected == 3);
  Buffer twice = item(2, Buffer(17 * 700, 0));
  Buffer lie = unitOf({{1, 0, 0, 0, 0}});
  lie[lie.size() - 18] = 0xFF;  // the length of the samples says more than there is
  stand.take(600, lie);
  CHECK(stand.track.counts().rejected == 4);
  Buffer many = twice;
  for (int i = 0; i < 5; ++i) append(many, twice);
  stand.take(700, unitOf(tenMs(), 200, many));  // 4,204 samples in seven items
  CHECK(stand.track.counts().rejected == 5);
}

TEST_CASE("Times never run backwards: repeated, reordered and jumping units, and a capture clock that turns") {
  Stand stand;
  stand.take(100, unitOf(tenMs()));
  stand.take(100, unitOf(tenMs()));
  stand.take(50, unitOf(tenMs()));
  CHECK(stand.track.counts().rejected == 2);
  stand.take(60, unitOf(tenMs()), LTN_RECORD_DISCONTINUITY);  // a new time line, whose samples are old news
  CHECK(stand.track.counts().dropped == 4);
  stand.take(200, unitOf(tenMs()));
  CHECK((stand.keeper->records.back().record.flags & LTN_RECORD_DISCONTINUITY) != 0);
  // While the capture estimate settles, 10 ms of the camera's clock may be 1 ms of ours.
  ltn_record_t squeezed = Stand::at(210);
  squeezed.capture_mono_ns -= 9'000'000;
  stand.track.take(squeezed, unitOf({{1, -8'000'000, 0, 0, 1}, {1, -4'000'000, 0, 0, 1}, {1, 0, 0, 0, 1}}));
  const std::vector<Read> all = readAll(*stand.keeper);
  REQUIRE(all.size() == 11);
  for (size_t i = 1; i < all.size(); ++i) CHECK(all[i].monoNs >= all[i - 1].monoNs);
  CHECK(all[8].monoNs == 5'200'200'000);
  CHECK(all[10].monoNs == 5'201'000'000);
}

TEST_CASE("Units without a time are rejected, and a faster rate gets a larger ring under the same rules") {
  Stand stand;
  ltn_record_t timeless = Stand::at(1);
  timeless.pts_90k = LTN_NO_PTS;
  stand.track.take(timeless, unitOf(tenMs()));
  CHECK(stand.track.counts().rejected == 1);
  stand.take(100, unitOf(tenMs()));
  stand.take(200, unitOf(tenMs(), 10'000));
  stand.take(300, unitOf(tenMs(), 200));
  CHECK(stand.ringBytes == std::vector<uint64_t>{256u << 10, 6'000'000});
  CHECK(stand.keeper->descriptions.size() == 2);
}

TEST_CASE("Whatever a camera sends, what is written is finite, ordered, and of known sensors") {
  std::mt19937 random(20261121);
  const auto below = [&](uint32_t limit) { return static_cast<uint32_t>(random() % limit); };
  Stand stand;
  int64_t ms = 0;
  uint64_t units = 0;
  for (int round = 0; round < 20'000; ++round) {
    ms += static_cast<int64_t>(below(60)) - 15;  // time often runs back
    std::vector<Made> samples(below(20));
    for (Made &s : samples) {
      const auto any = [&] { return std::bit_cast<float>(static_cast<uint32_t>(random())); };
      s = {below(6), static_cast<int32_t>(random()) >> below(20), any(), any(), any()};
    }
    Buffer unit = below(8) == 0 ? Buffer(kImuLabel.begin(), kImuLabel.end()) : unitOf(samples, 1u << below(20));
    for (uint32_t i = below(3); i > 0; --i) {
      if (below(2) == 0) unit[below(static_cast<uint32_t>(unit.size()))] = static_cast<uint8_t>(random());
      if (below(4) == 0) unit.resize(below(static_cast<uint32_t>(unit.size()) + 30) + 1, 0x80);
    }
    stand.take(ms, unit, below(50) == 0 ? LTN_RECORD_DISCONTINUITY : 0);
    ++units;
  }
  REQUIRE(stand.keeper != nullptr);
  const ImuTrack::Counts &counts = stand.track.counts();
  CHECK(counts.samples > 1000);
  CHECK(counts.rejected > 1000);
  CHECK(counts.dropped > 1000);
  CHECK(counts.units < units);  // some lost even their label
  int64_t newest = INT64_MIN;
  for (const Read &read : readAll(*stand.keeper)) {
    CHECK(read.monoNs >= newest);
    newest = read.monoNs;
    CHECK(read.sensor >= 1);
    CHECK(read.sensor <= 3);
    for (const double value : read.xyz) CHECK(std::isfinite(value));
  }
}
