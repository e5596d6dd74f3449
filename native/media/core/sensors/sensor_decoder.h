// Decodes the sound and the sensor data of a packet ring into rings of samples, on its own thread.
// Rules: docs/design/media.md#sensors.
#pragma once
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "lanthorn/media.h"
#include "pipeline/followed_ring.h"
#include "sensors/imu_track.h"
#include "sensors/sound_track.h"

namespace lanthorn::media {

class SensorDecoder {
 public:
  struct Names {
    std::string cameraId, packetRing, audioRing, imuRing;
  };
  SensorDecoder(Names names);
  ~SensorDecoder();
  SensorDecoder(const SensorDecoder &) = delete;
  SensorDecoder &operator=(const SensorDecoder &) = delete;

  void statistics(ltn_sensor_statistics_t &out);

 private:
  void run();
  bool attach();
  void detach();
  void readOnce();
  void takeRecord(const ltn_record_t &record);
  void restOnce();
  void readDescription();
  void skipTo(ltn_seek_e place);
  void take(const ltn_record_t &record);
  void pause(int milliseconds);
  void fail(const std::string &words);
  void setState(const char *state);

  const Names names_;
  FollowedRing packets_;
  SoundTrack sound_;
  ImuTrack imu_;
  std::optional<DescribedSound> soundStream_;
  std::vector<uint32_t> dataStreams_;  // indexes
  uint32_t descriptionVersion_ = 0;

  std::mutex mutex_;  // guards wake_ and statistics_
  std::condition_variable wake_;
  std::atomic<bool> stop_{false};
  ltn_sensor_statistics_t statistics_{};
  std::thread thread_;
};

}  // namespace lanthorn::media
