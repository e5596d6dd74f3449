#include "sensors/sensor_decoder.h"

#include <algorithm>
#include <cstdio>

#include "codec/av_error.h"

namespace lanthorn::media {
namespace {

constexpr int kAttachMs = 100;  // between looks for a ring that is not there
constexpr int kWaitMs = 250;    // longest sleep
constexpr int kRestMs = 250;    // between looks at the description of a stream without sound and sensors
constexpr int kFaultMs = 1000;  // after a fault that needs somebody's help, such as a full /dev/shm

OpenRing ringOf(const std::string &name) {
  return [name](uint64_t capacityBytes) { return std::make_unique<RingRecordSink>(name, capacityBytes); };
}

}  // namespace

SensorDecoder::SensorDecoder(Names names)
    : names_(std::move(names)),
      packets_(names_.packetRing),
      sound_(names_.cameraId, ringOf(names_.audioRing)),
      imu_(names_.cameraId, ringOf(names_.imuRing)) {
  captureAvLog();
  setState("waiting");
  thread_ = std::thread([this] { run(); });
}

SensorDecoder::~SensorDecoder() {
  stop_ = true;
  packets_.interrupt();
  wake_.notify_all();
  thread_.join();
}

void SensorDecoder::run() {
  while (!stop_) {
    try {
      {
        std::lock_guard lock(mutex_);
        ++statistics_.turns;
      }
      if (!packets_.attached() && !attach()) {
        pause(kAttachMs);
      } else if (!soundStream_ && dataStreams_.empty()) {
        restOnce();
      } else {
        readOnce();
      }
    } catch (const std::exception &error) {  // nothing a stream holds may end the thread
      fail(error.what());
      detach();
      pause(kFaultMs);
    }
  }
  detach();
}

bool SensorDecoder::attach() {
  if (!packets_.attach()) return false;
  {
    std::lock_guard lock(mutex_);
    ++statistics_.attachments;
  }
  descriptionVersion_ = 0;
  readDescription();
  skipTo(LTN_SEEK_NEWEST_KEY);
  return true;
}

void SensorDecoder::detach() {
  soundStream_.reset();
  dataStreams_.clear();
  sound_.interrupt();
  packets_.detach();
  setState(stop_ ? "closed" : "waiting");
}

void SensorDecoder::skipTo(ltn_seek_e place) {
  packets_.seek(place);
  sound_.interrupt();
}

// A stream without sound and sensors costs a look four times a second, not a turn for each of its pictures.
void SensorDecoder::restOnce() {
  setState("idle");
  packets_.seek(LTN_SEEK_END);
  if (packets_.read() == FollowedRing::Read::kGone) return detach();
  if (!packets_.attached()) return fail(ltn_last_error());
  packets_.seek(LTN_SEEK_END);
  pause(kRestMs);
  readDescription();
}

void SensorDecoder::readDescription() {
  std::string json;
  uint32_t version = 0;
  if (!packets_.description(json, version) || version == descriptionVersion_) return;
  descriptionVersion_ = version;
  dataStreams_ = klvOfDescription(json);
  soundStream_ = soundOfDescription(json);
  if (!soundStream_) return;
  try {
    sound_.setStream(*soundStream_);
  } catch (const MediaError &error) {  // parameters that are none: the other sensors go on
    soundStream_.reset();
    fail(error.what());
  }
}

void SensorDecoder::readOnce() {
  switch (packets_.read()) {
    case FollowedRing::Read::kRecord:
      return takeRecord(packets_.record());
    case FollowedRing::Read::kNothing:
      return packets_.wait(kWaitMs);
    case FollowedRing::Read::kLost: {
      {
        std::lock_guard lock(mutex_);
        statistics_.records_lost += packets_.lost();
      }
      return skipTo(LTN_SEEK_NEWEST_KEY);
    }
    case FollowedRing::Read::kGone:
      return detach();
    case FollowedRing::Read::kFailed:
      fail(ltn_last_error());
      detach();
      return pause(kAttachMs);
  }
}

void SensorDecoder::takeRecord(const ltn_record_t &record) {
  if (record.description_version != descriptionVersion_) readDescription();
  if (record.description_version != descriptionVersion_) return;  // older than what can be known now
  setState("decoding");
  take(record);
}

void SensorDecoder::take(const ltn_record_t &record) {
  const Bytes payload(packets_.payload(), record.payload_bytes);
  if (record.type == LTN_RECORD_PACKET && soundStream_ && record.stream_index == soundStream_->index) {
    sound_.take(record, payload);
  } else if (record.type == LTN_RECORD_DATA &&
             std::find(dataStreams_.begin(), dataStreams_.end(), record.stream_index) != dataStreams_.end()) {
    imu_.take(record, payload);
  } else {
    return;
  }
  const SoundTrack::Counts &sound = sound_.counts();
  const ImuTrack::Counts &imu = imu_.counts();
  std::lock_guard lock(mutex_);
  statistics_.sound_packets = sound.packets;
  statistics_.sound_records = sound.records;
  statistics_.sound_samples = sound.samples;
  statistics_.sound_gaps = sound.gaps;
  statistics_.sound_errors = sound.errors;
  statistics_.sound_sample_rate_hz = sound.sampleRateHz;
  statistics_.sound_channels = sound.channels;
  statistics_.imu_units = imu.units;
  statistics_.imu_samples = imu.samples;
  statistics_.imu_units_rejected = imu.rejected;
  statistics_.imu_samples_dropped = imu.dropped;
  statistics_.imu_sample_rate_hz = imu.sampleRateHz;
  if (!sound_.lastError().empty())
    std::snprintf(statistics_.last_error, sizeof statistics_.last_error, "%s", sound_.lastError().c_str());
}

void SensorDecoder::pause(int milliseconds) {
  std::unique_lock lock(mutex_);
  if (!stop_) wake_.wait_for(lock, std::chrono::milliseconds(milliseconds));
}

void SensorDecoder::fail(const std::string &words) {
  std::lock_guard lock(mutex_);
  ++statistics_.errors;
  std::snprintf(statistics_.last_error, sizeof statistics_.last_error, "%s", words.c_str());
}

void SensorDecoder::setState(const char *state) {
  std::lock_guard lock(mutex_);
  std::snprintf(statistics_.state, sizeof statistics_.state, "%s", state);
}

void SensorDecoder::statistics(ltn_sensor_statistics_t &out) {
  std::lock_guard lock(mutex_);
  out = statistics_;
}

}  // namespace lanthorn::media
