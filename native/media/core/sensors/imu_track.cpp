#include "sensors/imu_track.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "pipeline/description.h"

namespace lanthorn::media {
namespace {

constexpr size_t kSampleBytes = 40;  // docs/ref/rings.md#imu
constexpr uint64_t kLeastRingBytes = 256u << 10;
constexpr uint64_t kBufferedS = 5;
const char *const kSensorNames[] = {"accelerometer", "gyroscope", "magnetometer"};

int64_t ticksToNs(int64_t ticks90k) { return ticks90k / 9 * 100'000 + ticks90k % 9 * 100'000 / 9; }

template <class Value>
void put(std::vector<uint8_t> &bytes, size_t at, Value value) {
  static_assert(std::endian::native == std::endian::little);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace

void ImuTrack::take(const ltn_record_t &record, Bytes payload) {
  const ImuVerdict verdict = parseImuUnit(payload, unit_);
  if (verdict == ImuVerdict::foreign) return;
  ++counts_.units;
  if (record.flags & LTN_RECORD_DISCONTINUITY) {
    hasBefore_ = false;
    discontinuity_ = true;
  }
  const Instant now{record.pts_90k == LTN_NO_PTS ? 0 : ticksToNs(record.pts_90k), record.capture_mono_ns};
  const bool runsBack = hasBefore_ && (now.ptsNs <= before_.ptsNs || now.captureMonoNs < before_.captureMonoNs);
  if (verdict == ImuVerdict::broken || record.pts_90k == LTN_NO_PTS || runsBack) {
    ++counts_.rejected;
    return;
  }
  counts_.dropped += unit_.dropped;
  payload_.clear();
  ltn_record_t out{};
  for (const ImuUnitSample &sample : unit_.samples) {
    const int64_t ptsNs = now.ptsNs + sample.offsetNs;
    const int64_t monoNs = monoOf(ptsNs, now);
    if ((hasBefore_ && ptsNs <= before_.ptsNs) || monoNs < newestMonoNs_ || monoNs < 0) {
      ++counts_.dropped;
      continue;
    }
    const size_t at = payload_.size();
    if (at == 0) {
      out.capture_mono_ns = monoNs;
      out.capture_wall_us = record.capture_wall_us - (record.capture_mono_ns - monoNs) / 1000;
      out.pts_90k = record.pts_90k + sample.offsetNs / 100'000 * 9 + sample.offsetNs % 100'000 * 9 / 100'000;
    }
    payload_.resize(at + kSampleBytes);
    put(payload_, at, monoNs);
    put(payload_, at + 8, sample.sensor);
    for (size_t axis = 0; axis < 3; ++axis) put(payload_, at + 16 + 8 * axis, sample.xyz[axis]);
    newestMonoNs_ = monoNs;
    sensorsSeen_ |= 1u << sample.sensor;
  }
  before_ = now;
  hasBefore_ = true;
  if (payload_.empty()) return;
  prepareRing(unit_);
  out.arrival_mono_ns = record.arrival_mono_ns;
  out.dts_90k = out.pts_90k;
  out.type = LTN_RECORD_IMU;
  out.flags = LTN_RECORD_KEY | (discontinuity_ ? uint32_t{LTN_RECORD_DISCONTINUITY} : 0u);
  out.payload_bytes = static_cast<uint32_t>(payload_.size());
  if (!ring_->append(out, payload_.data()))
    throw MediaError(LTN_E_SYSTEM,
                     "the IMU ring did not take a record of " + std::to_string(payload_.size()) + " bytes");
  discontinuity_ = false;
  counts_.samples += payload_.size() / kSampleBytes;
}

// Between two units time runs evenly from the capture time of one to that of the next: while the estimate of capture
// times still turns, samples stay in order.
int64_t ImuTrack::monoOf(int64_t ptsNs, const Instant &now) const {
  if (!hasBefore_ || ptsNs <= before_.ptsNs) return now.captureMonoNs - (now.ptsNs - ptsNs);
  const double share = static_cast<double>(now.ptsNs - ptsNs) / static_cast<double>(now.ptsNs - before_.ptsNs);
  return now.captureMonoNs -
         static_cast<int64_t>(share * static_cast<double>(now.captureMonoNs - before_.captureMonoNs));
}

void ImuTrack::prepareRing(const ImuUnit &unit) {
  const uint64_t wantedBytes = std::max(kLeastRingBytes, kBufferedS * unit.sampleRateHz * kImuSensors * kSampleBytes);
  if (!ring_ || wantedBytes > capacityBytes_) {
    ring_.reset();  // its name must be free
    ring_ = openRing_(wantedBytes);
    capacityBytes_ = wantedBytes;
    description_.clear();
  }
  std::string sensors;
  for (uint32_t i = 0; i < kImuSensors; ++i) {
    if (sensorsSeen_ & (2u << i)) sensors += std::string(sensors.empty() ? "\"" : ",\"") + kSensorNames[i] + "\"";
  }
  std::string json = "{\"camera\":" + jsonText(cameraId_) +
                     ",\"streams\":[{\"index\":0,\"type\":\"imu\",\"sensors\":[" + sensors +
                     "],\"sampleRateHz\":" + std::to_string(unit.sampleRateHz) + "}]}";
  counts_.sampleRateHz = unit.sampleRateHz;
  if (json == description_) return;
  ring_->describe(json);
  description_ = std::move(json);
}

}  // namespace lanthorn::media
