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
      sound_(names_.cameraId, ringOf(names_.audioRing)),
      imu_(names_.cameraId, ringOf(names_.imuRing)) {
  captureAvLog();
  setState("waiting");
  thread_ = std::thread([this] { run(); });
}

SensorDecoder::~SensorDecoder() {
  stop_ = true;
  {
    std::lock_guard lock(mutex_);
    if (reader_ != nullptr) ltn_byte_reader_interrupt(reader_);
  }
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
      if (reader_ == nullptr && !attach()) {
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
  ltn_byte_reader_h *reader = nullptr;
  const ltn_status_e status = ltn_byte_reader_open(names_.packetRing.c_str(), &reader);
  if (status != LTN_OK) {
    if (status != LTN_E_NOT_FOUND && status != LTN_E_GONE) fail(ltn_last_error());
    return false;
  }
  if (ltn_byte_reader_incarnation(reader) == goneIncarnation_) {  // still lies there, and was read to its end
    ltn_byte_reader_close(reader);
    return false;
  }
  {
    std::lock_guard lock(mutex_);
    reader_ = reader;
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
  std::lock_guard lock(mutex_);
  ltn_byte_reader_close(reader_);
  reader_ = nullptr;
  std::snprintf(statistics_.state, sizeof statistics_.state, "%s", stop_ ? "closed" : "waiting");
}

void SensorDecoder::leaveGone() {
  goneIncarnation_ = ltn_byte_reader_incarnation(reader_);
  detach();
}

void SensorDecoder::skipTo(int place) {
  ltn_byte_reader_seek(reader_, place, 0);
  sound_.interrupt();
}

// A stream without sound and sensors costs a look four times a second, not a turn for each of its pictures.
void SensorDecoder::restOnce() {
  setState("idle");
  ltn_record_t record{};
  uint64_t dropped = 0;
  ltn_byte_reader_seek(reader_, LTN_SEEK_END, 0);
  const ltn_status_e status = ltn_byte_reader_next(reader_, &record, payload_.data(), payload_.size(), &dropped);
  if (status == LTN_E_GONE) return leaveGone();
  ltn_byte_reader_seek(reader_, LTN_SEEK_END, 0);
  pause(kRestMs);
  readDescription();
}

void SensorDecoder::readDescription() {
  std::vector<char> text(LTN_DESCRIPTION_MAX_BYTES);
  size_t bytes = 0;
  uint32_t version = 0;
  if (ltn_byte_reader_description(reader_, text.data(), text.size(), &bytes, &version) != LTN_OK) return;
  if (version == descriptionVersion_) return;
  descriptionVersion_ = version;
  const std::string_view json{text.data(), std::min(bytes, text.size())};
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
  ltn_record_t record{};
  uint64_t dropped = 0;
  switch (ltn_byte_reader_next(reader_, &record, payload_.data(), payload_.size(), &dropped)) {
    case LTN_OK:
      break;
    case LTN_E_AGAIN:
      ltn_byte_reader_wait(reader_, kWaitMs);  // TIMEOUT, GONE and OK all lead to the next read
      return;
    case LTN_E_BUFFER_TOO_SMALL:
      payload_.resize(std::max<size_t>(record.payload_bytes, payload_.size() * 2));
      return;
    case LTN_E_OVERRUN: {
      {
        std::lock_guard lock(mutex_);
        statistics_.records_lost += dropped;
      }
      return skipTo(LTN_SEEK_NEWEST_KEY);
    }
    case LTN_E_GONE:
      return leaveGone();
    default:
      fail(ltn_last_error());
      detach();
      pause(kAttachMs);
      return;
  }
  if (record.description_version != descriptionVersion_) readDescription();
  if (record.description_version != descriptionVersion_) return;  // older than what can be known now
  setState("decoding");
  take(record);
}

void SensorDecoder::take(const ltn_record_t &record) {
  const Bytes payload(payload_.data(), record.payload_bytes);
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
