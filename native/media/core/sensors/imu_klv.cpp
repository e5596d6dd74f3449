#include "sensors/imu_klv.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace lanthorn::media {
namespace {

constexpr uint8_t kRateTag = 1, kSamplesTag = 2;
constexpr size_t kSampleBytes = 17;  // u8 sensor, i32 offset, 3 × f32

uint32_t u32At(Bytes bytes, size_t at) {
  return (uint32_t{bytes[at]} << 24) | (uint32_t{bytes[at + 1]} << 16) | (uint32_t{bytes[at + 2]} << 8) | bytes[at + 3];
}

// Takes a BER length (SMPTE ST 336 §6.3) off the front; nothing when it is broken or beyond what a unit can hold.
std::optional<size_t> takeLength(Bytes &bytes) {
  if (bytes.empty()) return std::nullopt;
  const uint8_t first = bytes[0];
  bytes = bytes.subspan(1);
  if (first < 0x80) return first;
  const size_t count = first & 0x7F;
  if (count == 0 || count > 4 || count > bytes.size()) return std::nullopt;
  size_t length = 0;
  for (size_t i = 0; i < count; ++i) length = (length << 8) | bytes[i];
  bytes = bytes.subspan(count);
  return length;
}

bool takeSamples(Bytes bytes, ImuUnit &out) {
  const size_t count = bytes.size() / kSampleBytes;
  if (bytes.size() % kSampleBytes != 0 || count == 0 || out.samples.size() + count > kMaxImuSamplesPerUnit)
    return false;
  for (size_t at = 0; at < bytes.size(); at += kSampleBytes) {
    ImuUnitSample sample;
    sample.sensor = bytes[at];
    sample.offsetNs = static_cast<int32_t>(u32At(bytes, at + 1));
    bool finite = true;
    for (size_t axis = 0; axis < 3; ++axis) {
      const float value = std::bit_cast<float>(u32At(bytes, at + 5 + 4 * axis));
      sample.xyz[axis] = value;
      finite = finite && std::isfinite(value);
    }
    const bool possible = sample.offsetNs <= 0 && sample.offsetNs >= -kMaxImuAgeNs;
    if (!finite || !possible || sample.sensor == 0 || sample.sensor > kImuSensors) {
      ++out.dropped;
    } else {
      out.samples.push_back(sample);
    }
  }
  return true;
}

}  // namespace

ImuVerdict parseImuUnit(Bytes unit, ImuUnit &out) {
  out = {};
  if (unit.size() < kImuLabel.size() || !std::equal(kImuLabel.begin(), kImuLabel.end(), unit.begin()))
    return ImuVerdict::foreign;
  Bytes rest = unit.subspan(kImuLabel.size());
  const std::optional<size_t> length = takeLength(rest);
  if (!length || *length != rest.size()) return ImuVerdict::broken;  // cut off, or two units run into one
  while (!rest.empty()) {
    const uint8_t tag = rest[0];
    rest = rest.subspan(1);
    const std::optional<size_t> bytes = tag < 0x80 ? takeLength(rest) : std::nullopt;
    if (!bytes || *bytes > rest.size()) return ImuVerdict::broken;
    const Bytes value = rest.subspan(0, *bytes);
    rest = rest.subspan(*bytes);
    if (tag == kRateTag && value.size() == 4) {
      out.sampleRateHz = u32At(value, 0);
    } else if (tag == kRateTag || (tag == kSamplesTag && !takeSamples(value, out))) {
      return ImuVerdict::broken;
    }  // tags of later versions are passed over
  }
  if (out.sampleRateHz == 0 || out.sampleRateHz > kMaxImuRateHz) return ImuVerdict::broken;
  std::stable_sort(out.samples.begin(), out.samples.end(),
                   [](const ImuUnitSample &a, const ImuUnitSample &b) { return a.offsetNs < b.offsetNs; });
  return ImuVerdict::ours;
}

}  // namespace lanthorn::media
