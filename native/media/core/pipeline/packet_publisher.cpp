#include "pipeline/packet_publisher.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "pipeline/description.h"

namespace lanthorn::media {

PacketPublisher::PacketPublisher(std::string cameraId, std::unique_ptr<RecordSink> sink, WallOffset wallOffset)
    : cameraId_(std::move(cameraId)), sink_(std::move(sink)), wallOffset_(std::move(wallOffset)) {}

void PacketPublisher::setStreams(const std::vector<StreamSpec> &specs) {
  std::vector<Stream> next(specs.size());
  for (size_t i = 0; i < specs.size(); ++i) {
    if (i < streams_.size() && streams_[i].spec == specs[i]) {
      next[i] = std::move(streams_[i]);
      continue;
    }
    next[i].spec = specs[i];
    if (specs[i].type == StreamSpec::Type::video) next[i].video = std::make_unique<VideoTrack>(specs[i].video);
  }
  streams_ = std::move(next);
  if (started_) describe();
}

VideoTrack *PacketPublisher::videoTrack(uint32_t index) {
  return index < streams_.size() ? streams_[index].video.get() : nullptr;
}

bool PacketPublisher::known(const Stream &s) const {
  switch (s.spec.type) {
    case StreamSpec::Type::video:
      return s.video->known();
    case StreamSpec::Type::audio:
      return s.audio != nullptr;
    default:
      return true;
  }
}

// A step of the stream's time that its arrival does not explain: the camera restarted its clock.
bool PacketPublisher::jumped(const Stream &s, const UnitTimes &times) const {
  if (s.lastDts90k == LTN_NO_PTS || times.dts90k == LTN_NO_PTS) return false;
  const int64_t mediaNs = (times.dts90k - s.lastDts90k) / 9 * 100'000;
  const int64_t arrivalNs = times.arrivalMonoNs - s.lastArrivalNs;
  return std::llabs(mediaNs - arrivalNs) > kJumpNs && (mediaNs > kJumpNs || mediaNs < 0);
}

void PacketPublisher::video(uint32_t index, Bytes accessUnit, UnitTimes times, bool damaged) {
  if (index >= streams_.size() || !streams_[index].video) return;
  Stream &s = streams_[index];
  const VideoTrack::Unit unit = s.video->process(accessUnit, damaged, scratch_);
  if (times.dts90k == LTN_NO_PTS) times.dts90k = times.pts90k;
  if (!unit.picture || !s.video->known() || times.pts90k == LTN_NO_PTS) {
    ++dropped_;
    return;
  }
  if (!s.described && !unit.key && held_.empty()) {  // a ring begins at a key frame
    ++dropped_;
    return;
  }
  if (unit.parametersChanged && started_) describe();
  if (jumped(s, times)) discontinuity();
  if (s.lastDts90k != LTN_NO_PTS && !s.discontinuity) {
    const int64_t distance = times.dts90k - s.lastDts90k;
    if (distance > 0 && distance <= 90'000 * 10) s.duration90k = static_cast<uint32_t>(distance);
  } else if (s.duration90k == 0 && s.video->sps().fps > 0) {
    s.duration90k = static_cast<uint32_t>(90'000 / s.video->sps().fps + 0.5);
  }
  if (unit.key) ++keyFrames_;
  ++videoPackets_;
  lastVideoArrivalNs_ = times.arrivalMonoNs;
  measureFps(times.dts90k);
  emit(index, times, LTN_RECORD_PACKET, unit.key, s.duration90k, scratch_);
}

void PacketPublisher::audioFormat(uint32_t index, const AudioFormat &format) {
  if (index >= streams_.size() || streams_[index].spec.type != StreamSpec::Type::audio) return;
  Stream &s = streams_[index];
  if (s.audio && *s.audio == format) return;
  s.audio = std::make_unique<AudioFormat>(format);
  if (started_) describe();
}

void PacketPublisher::audio(uint32_t index, Bytes frame, UnitTimes times, uint32_t duration90k) {
  if (index >= streams_.size() || !streams_[index].audio || times.pts90k == LTN_NO_PTS) {
    ++dropped_;
    return;
  }
  times.dts90k = times.pts90k;
  const bool hasVideo =
      std::any_of(streams_.begin(), streams_.end(), [](const Stream &s) { return s.video != nullptr; });
  if (!started_ && hasVideo && held_.empty())
    return;  // sound before the first picture: the ring begins with the picture
  if (jumped(streams_[index], times)) discontinuity();
  ++audioPackets_;
  // Every sound packet can be decoded alone, but "key" lets readers start: in a ring with video only video decides
  // that.
  emit(index, times, LTN_RECORD_PACKET, !hasVideo, duration90k, frame);
}

void PacketPublisher::data(uint32_t index, Bytes bytes, UnitTimes times) {
  if (index >= streams_.size() || bytes.empty()) return;
  if (times.pts90k != LTN_NO_PTS && jumped(streams_[index], times)) discontinuity();
  if (!started_ && held_.empty() && streams_.size() > 1) return;
  ++dataPackets_;
  emit(index, times, LTN_RECORD_DATA, false, 0, bytes);
}

void PacketPublisher::discontinuity() {
  clock_.reset();
  ++discontinuities_;
  recentDts_.clear();
  for (Stream &s : streams_) {
    s.discontinuity = true;
    s.lastDts90k = LTN_NO_PTS;
  }
}

void PacketPublisher::emit(uint32_t index, UnitTimes times, uint32_t type, bool key, uint32_t duration90k,
                           Bytes payload) {
  Stream &s = streams_[index];
  ltn_record_t record{};
  record.arrival_mono_ns = times.arrivalMonoNs;
  record.pts_90k = times.pts90k;
  record.dts_90k = times.dts90k;
  record.duration_90k = duration90k;
  record.type = type;
  record.stream_index = index;
  record.payload_bytes = static_cast<uint32_t>(payload.size());
  if (key) record.flags |= LTN_RECORD_KEY;
  if (s.discontinuity) record.flags |= LTN_RECORD_DISCONTINUITY;
  s.discontinuity = false;
  if (times.dts90k != LTN_NO_PTS) s.lastDts90k = times.dts90k;
  s.lastArrivalNs = times.arrivalMonoNs;
  const int64_t wallMinusMonoNs = wallOffset_();
  if (times.pts90k != LTN_NO_PTS) {
    const CaptureClock::Times capture = clock_.estimate(times.pts90k, times.arrivalMonoNs, wallMinusMonoNs);
    record.capture_mono_ns = capture.monoNs;
    record.capture_wall_us = capture.wallUs;
  } else {  // asynchronous data carries no time of its own
    record.capture_mono_ns = times.arrivalMonoNs;
    record.capture_wall_us = (times.arrivalMonoNs + wallMinusMonoNs) / 1000;
  }
  if (started_) {
    if (sink_->append(record, payload.data())) {
      ++records_;
    } else {
      ++dropped_;
    }
    return;
  }
  if (held_.empty()) heldSinceNs_ = times.arrivalMonoNs;
  held_.push_back({record, std::vector<uint8_t>(payload.begin(), payload.end())});
  heldBytes_ += payload.size();
  release(times.arrivalMonoNs, false);
}

// The first description goes out when every stream is known, or when waiting longer would cost more than it brings.
void PacketPublisher::release(int64_t arrivalMonoNs, bool force) {
  const bool all = std::all_of(streams_.begin(), streams_.end(), [this](const Stream &s) { return known(s); });
  if (!all && !force && arrivalMonoNs - heldSinceNs_ < kHoldNs && heldBytes_ < kHoldBytes) return;
  started_ = true;
  describe();
  while (!held_.empty()) {
    write(held_.front());
    held_.pop_front();
  }
  heldBytes_ = 0;
}

void PacketPublisher::write(Held &held) {
  if (sink_->append(held.record, held.payload.data())) {
    ++records_;
  } else {
    ++dropped_;
  }
}

void PacketPublisher::describe() {
  std::vector<DescribedStream> described;
  for (uint32_t i = 0; i < streams_.size(); ++i) {
    Stream &s = streams_[i];
    s.described = known(s);
    if (!s.described) continue;
    described.push_back({i, s.video.get(), s.audio.get(), s.spec.data});
  }
  std::string json = describeStreams(cameraId_, described);
  if (json == description_) return;
  if (!sink_->describe(json)) return;
  description_ = std::move(json);
  ++descriptionVersion_;
}

void PacketPublisher::measureFps(int64_t dts90k) {
  constexpr size_t kWindow = 50;
  recentDts_.push_back(dts90k);
  if (recentDts_.size() > kWindow) recentDts_.pop_front();
  const int64_t span = recentDts_.back() - recentDts_.front();
  if (span > 0) fps_ = static_cast<double>(recentDts_.size() - 1) * 90'000 / static_cast<double>(span);
}

void PacketPublisher::addStatistics(ltn_demux_statistics_t &out) const {
  out.records = records_;
  out.video_packets = videoPackets_;
  out.audio_packets = audioPackets_;
  out.data_packets = dataPackets_;
  out.key_frames = keyFrames_;
  out.dropped_units += dropped_;
  out.discontinuities = discontinuities_;
  out.description_version = descriptionVersion_;
  out.last_video_arrival_mono_ns = lastVideoArrivalNs_;
  out.fps = fps_;
  for (const Stream &s : streams_) {
    if (s.video && s.video->known()) {
      out.width_px = s.video->sps().widthPx;
      out.height_px = s.video->sps().heightPx;
      std::snprintf(out.codec, sizeof out.codec, "%s", codecName(s.video->codec()));
    } else if (s.audio) {
      std::snprintf(out.audio_codec, sizeof out.audio_codec, "%s", codecName(s.audio->codec));
    }
  }
  std::snprintf(out.state, sizeof out.state, "%s", started_ ? "running" : streams_.empty() ? "waiting" : "probing");
}

}  // namespace lanthorn::media
