/**
 * Coverage-guided fuzzing of the IMU track (libFuzzer). Input: units, each with a byte of time step in milliseconds
 * (signed), a byte of flags, two of length, then its bytes. Whatever comes: what is written is finite, of known
 * sensors, and never runs backwards, and a good unit is taken afterwards.
 */
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "sensors/imu_track.h"
#include "ts_builder.hpp"

using namespace lanthorn::media;

namespace {

/** Ends the process so that libFuzzer keeps the input. */
void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

struct Judge final : RecordSink {
  int64_t &newestMonoNs;
  explicit Judge(int64_t &newest) : newestMonoNs(newest) {}
  bool describe(const std::string &json) override {
    require(!json.empty() && json.front() == '{' && json.back() == '}');
    return true;
  }
  bool append(ltn_record_t &record, const uint8_t *payload) override {
    require(record.payload_bytes > 0 && record.payload_bytes % 40 == 0);
    for (uint32_t at = 0; at < record.payload_bytes; at += 40) {
      int64_t mono_ns = 0;
      uint32_t sensor[2] = {};
      double xyz[3] = {};
      std::memcpy(&mono_ns, payload + at, 8);
      std::memcpy(sensor, payload + at + 8, 8);
      std::memcpy(xyz, payload + at + 16, 24);
      require(mono_ns >= newestMonoNs && mono_ns <= record.arrival_mono_ns);
      require(sensor[0] >= 1 && sensor[0] <= 3 && sensor[1] == 0);
      require(std::isfinite(xyz[0]) && std::isfinite(xyz[1]) && std::isfinite(xyz[2]));
      newestMonoNs = mono_ns;
    }
    return true;
  }
};

ltn_record_t recordAt(int64_t ms, uint32_t flags) {
  ltn_record_t record{};
  record.type = LTN_RECORD_DATA;
  record.flags = flags & LTN_RECORD_DISCONTINUITY;
  record.pts_90k = record.dts_90k = flags & 0x80 ? LTN_NO_PTS : ms * 90;
  record.capture_mono_ns = record.arrival_mono_ns = 60'000'000'000 + ms * 1'000'000;
  return record;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  int64_t newest_mono_ns = INT64_MIN;
  ImuTrack track{"fuzz", [&](uint64_t bytes) {
                   require(bytes <= 8u << 20);
                   return std::make_unique<Judge>(newest_mono_ns);
                 }};
  int64_t ms = 0;
  for (size_t at = 0; at + 4 <= size;) {
    ms += static_cast<int8_t>(data[at]);
    const size_t length = std::min<size_t>((size_t{data[at + 2]} << 8) | data[at + 3], size - at - 4);
    track.take(recordAt(ms, data[at + 1]), Bytes(data + at + 4, length));
    at += 4 + length;
  }
  test::Buffer good(kImuLabel.begin(), kImuLabel.end());
  test::append(good, {25, 1, 4, 0, 0, 0, 200, 2, 17, 1});
  good.resize(good.size() + 16, 0);  // one sample of zeros at the unit's own time
  const uint64_t before = track.counts().samples;
  track.take(recordAt(ms + 100'000, 0), good);
  require(track.counts().samples == before + 1);
  return 0;
}
