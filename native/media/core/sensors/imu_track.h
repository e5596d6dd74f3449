// Private data records of a packet ring → IMU records. Rules: docs/design/media.md#sensors. Not thread-safe.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lanthorn/rings.h"
#include "pipeline/record_sink.h"
#include "sensors/imu_klv.h"

namespace lanthorn::media {

// Makes a ring of so many bytes. Throws MediaError.
using OpenRing = std::function<std::unique_ptr<RecordSink>(uint64_t capacityBytes)>;

class ImuTrack {
 public:
  struct Counts {
    uint64_t units = 0;     // of ours
    uint64_t samples = 0;   // written
    uint64_t rejected = 0;  // units that are broken, have no time, or do not come after the one before
    uint64_t dropped = 0;   // samples that are impossible or do not come after the one before
    uint32_t sampleRateHz = 0;
  };

  ImuTrack(std::string cameraId, OpenRing openRing) : cameraId_(std::move(cameraId)), openRing_(std::move(openRing)) {}

  // Takes a data record; somebody else's private data is passed over. Throws MediaError when there is no ring.
  void take(const ltn_record_t &record, Bytes payload);
  const Counts &counts() const { return counts_; }

 private:
  struct Instant {  // of a unit, on the camera's time line and on ours
    int64_t ptsNs = 0, captureMonoNs = 0;
  };

  void prepareRing(const ImuUnit &unit);
  int64_t monoOf(int64_t ptsNs, const Instant &now) const;

  const std::string cameraId_;
  const OpenRing openRing_;
  std::unique_ptr<RecordSink> ring_;
  uint64_t capacityBytes_ = 0;
  uint32_t sensorsSeen_ = 0;  // bit i: sensor i
  std::string description_;
  bool hasBefore_ = false;
  bool discontinuity_ = false;
  Instant before_;
  int64_t newestMonoNs_ = INT64_MIN;
  ImuUnit unit_;
  std::vector<uint8_t> payload_;
  Counts counts_;
};

}  // namespace lanthorn::media
