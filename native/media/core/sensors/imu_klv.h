// Samples of inertial sensors as KLV private data of a transport stream. Pure. Format:
// docs/ref/rings.md#imu-in-mpeg-ts.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "bitstream/annex_b.h"

namespace lanthorn::media {

// Universal Label of the local set: group, BER lengths and BER-OID tags, class 15 (experimental), "LANTHO", version 1.
constexpr std::array<uint8_t, 16> kImuLabel = {0x06, 0x0E, 0x2B, 0x34, 0x02, 0x0B, 0x01, 0x01,
                                               0x0F, 'L',  'A',  'N',  'T',  'H',  'O',  0x01};
constexpr uint32_t kImuSensors = 3;         // accelerometer, gyroscope, magnetometer
constexpr uint32_t kMaxImuRateHz = 10'000;  // ten times the fastest sensor made for cameras
constexpr size_t kMaxImuSamplesPerUnit = 4096;
constexpr int32_t kMaxImuAgeNs = 1'000'000'000;  // a unit tells of the last second at most

struct ImuUnitSample {
  uint32_t sensor = 0;   // 1 accelerometer, 2 gyroscope, 3 magnetometer
  int32_t offsetNs = 0;  // from the unit's presentation time: 0 or before
  std::array<double, 3> xyz{};
};

struct ImuUnit {
  uint32_t sampleRateHz = 0;
  std::vector<ImuUnitSample> samples;  // by rising time
  uint64_t dropped = 0;  // samples of an unknown sensor, an impossible time, or a value that is not finite
};

enum class ImuVerdict { ours, foreign, broken };  // foreign: somebody else's private data

// Never reads beyond `unit`, allocates for at most kMaxImuSamplesPerUnit samples.
ImuVerdict parseImuUnit(Bytes unit, ImuUnit &out);

}  // namespace lanthorn::media
