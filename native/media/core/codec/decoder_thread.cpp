// The thread half of the decoder: attaching to the packet ring, reading it, following demand, leaving a backlog behind.
#include <algorithm>
#include <cstdio>

#include "codec/av_error.h"
#include "codec/decoder.h"
#include "media_error.h"
#include "mono_time.h"

extern "C" {
#include <libavcodec/avcodec.h>
}

namespace lanthorn::media {
namespace {

constexpr int kAttachMs = 100;                 // between looks for a ring that is not there
constexpr int kWaitMs = 250;                   // longest sleep: a change of demand also interrupts it
constexpr int64_t kBacklogNs = 1'000'000'000;  // a live picture older than this is not live

}  // namespace

Decoder::Decoder(std::string packetRing, std::string frameRing, uint32_t threads)
    : packets_(packetRing),
      packetRing_(std::move(packetRing)),
      frameRingName_(std::move(frameRing)),
      threads_(threads) {
  captureAvLog();
  if (threads == 0 || threads > 16) {
    throw MediaError(LTN_E_INVALID_ARGUMENT, "expected threads of 1 to 16 but received " + std::to_string(threads));
  }
  frame_ = av_frame_alloc();
  pending_ = av_frame_alloc();
  packet_ = av_packet_alloc();
  if (frame_ == nullptr || pending_ == nullptr || packet_ == nullptr) throw MediaError(LTN_E_SYSTEM, "out of memory");
  setState("waiting");
  thread_ = std::thread([this] { run(); });
}

Decoder::~Decoder() {
  stop_ = true;
  packets_.interrupt();
  wake_.notify_all();
  thread_.join();
  closeCodec();
  ring_.reset();
  av_frame_free(&frame_);
  av_frame_free(&pending_);
  av_packet_free(&packet_);
}

void Decoder::setDemand(uint32_t demand, double maxFps) {
  if (demand > LTN_DEMAND_ALL || !(maxFps >= 0)) {
    throw MediaError(LTN_E_INVALID_ARGUMENT, "expected a demand of none, key or all and maxFps of 0 or more");
  }
  maxFps_ = maxFps;
  if (demand_.exchange(demand) == demand) return;
  packets_.interrupt();
  std::lock_guard lock(mutex_);
  wake_.notify_all();
}

void Decoder::run() {
  while (!stop_) {
    try {
      {
        std::lock_guard lock(mutex_);
        ++statistics_.turns;
      }
      applyDemand();
      if (appliedDemand_ == LTN_DEMAND_NONE) {
        setState("paused");
        pause(kWaitMs);
      } else if (!packets_.attached() && !attach()) {
        setState("waiting");
        pause(kAttachMs);
      } else {
        readOnce();
      }
    } catch (const std::exception &error) {  // nothing a stream holds may end the thread
      fail(error.what());
      detach();
      pause(1000);
    }
  }
  detach();
}

void Decoder::pause(int milliseconds) {
  std::unique_lock lock(mutex_);
  if (stop_ || demand_ != appliedDemand_) return;
  wake_.wait_for(lock, std::chrono::milliseconds(milliseconds));
}

bool Decoder::attach() {
  if (!packets_.attach()) return false;
  {
    std::lock_guard lock(mutex_);
    ++statistics_.attachments;
  }
  descriptionVersion_ = 0;
  lastPublishedSource_ = 0;  // sequences are of this ring
  video_.reset();
  setState("starting");
  seekToNewestKey();
  return true;
}

void Decoder::detach() {
  closeCodec();
  packets_.detach();
  setState(stop_ ? "closed" : "waiting");
}

bool Decoder::readDescription() {
  std::string json;
  uint32_t version = 0;
  if (!packets_.description(json, version)) return false;
  const std::optional<DescribedVideo> video = videoOfDescription(json);
  descriptionVersion_ = version;
  if (!video) return false;
  if (context_ == nullptr || !video_ || video_->codec != video->codec) {
    closeCodec();
    video_ = video;
    openCodec();
  }
  video_ = video;
  std::lock_guard lock(mutex_);
  std::snprintf(statistics_.codec, sizeof statistics_.codec, "%s", codecName(video->codec));
  return true;
}

// Starts at the newest key frame and decodes quickly up to now; only the newest picture is then shown.
void Decoder::seekToNewestKey() {
  packets_.seek(LTN_SEEK_NEWEST_KEY);
  if (context_ != nullptr) avcodec_flush_buffers(context_);
  av_frame_unref(pending_);
  needKey_ = true;
  catchingUp_ = true;
  catchUpUntilNs_ = monoNs();
}

void Decoder::applyDemand() {
  const uint32_t demand = demand_.load();
  if (demand == appliedDemand_) return;
  const uint32_t before = appliedDemand_;
  appliedDemand_ = demand;
  nextDueNs_ = INT64_MIN;
  if (!packets_.attached()) return;
  // From less to more: what was skipped is missing as reference, so start again at the newest key frame.
  if (demand > before) {
    seekToNewestKey();
  } else if (demand == LTN_DEMAND_NONE && context_ != nullptr) {
    av_frame_unref(pending_);
    avcodec_flush_buffers(context_);  // gives the slots back
    needKey_ = true;
  }
}

void Decoder::readOnce() {
  switch (packets_.read()) {
    case FollowedRing::Read::kRecord:
      return takeRecord(packets_.record());
    case FollowedRing::Read::kNothing:
      if (catchingUp_) {
        catchingUp_ = false;
        if (pending_->buf[0] != nullptr) publish(pending_);
        av_frame_unref(pending_);
      }
      return packets_.wait(kWaitMs);
    case FollowedRing::Read::kLost: {
      {
        std::lock_guard lock(mutex_);
        statistics_.records_lost += packets_.lost();
      }
      return seekToNewestKey();
    }
    case FollowedRing::Read::kGone:
      return detach();
    case FollowedRing::Read::kFailed:
      fail(ltn_last_error());
      detach();
      return pause(kAttachMs);
  }
}

void Decoder::takeRecord(const ltn_record_t &record) {
  if (record.description_version != descriptionVersion_ || !video_) {
    if (!readDescription()) return;
  }
  if (record.type != LTN_RECORD_PACKET || record.stream_index != video_->index || context_ == nullptr) return;
  if (catchingUp_ && record.arrival_mono_ns > catchUpUntilNs_) {
    catchingUp_ = false;
    av_frame_unref(pending_);
  }
  if ((record.flags & LTN_RECORD_DISCONTINUITY) && !needKey_) {
    drain();
    needKey_ = true;
  }
  setState(needKey_ && !(record.flags & LTN_RECORD_KEY) ? "starting" : "decoding");
  decode(record);
  {
    std::lock_guard lock(mutex_);
    ++statistics_.packets;  // after the work: whoever waits for it finds the frame published
  }
  leaveBacklog(record.sequence, record.arrival_mono_ns);  // reads on: record holds another one afterwards
}

// Live readers drop the oldest: when decoding falls behind by a second, go on at the newest key frame if that is ahead.
void Decoder::leaveBacklog(uint64_t currentSequence, int64_t arrivalMonoNs) {
  const int64_t nowNs = monoNs();
  if (catchingUp_ || nowNs - arrivalMonoNs < kBacklogNs || nowNs - lastBacklogCheckNs_ < kBacklogNs / 2) return;
  lastBacklogCheckNs_ = nowNs;
  packets_.seek(LTN_SEEK_NEWEST_KEY);
  if (packets_.read() == FollowedRing::Read::kRecord && packets_.record().sequence > currentSequence + 1) {
    const uint64_t newestKey = packets_.record().sequence;
    {
      std::lock_guard lock(mutex_);
      statistics_.frames_skipped += newestKey - currentSequence - 1;
    }
    packets_.seek(LTN_SEEK_SEQUENCE, newestKey);
    avcodec_flush_buffers(context_);
    needKey_ = true;
    return;
  }
  if (packets_.attached()) packets_.seek(LTN_SEEK_SEQUENCE, currentSequence + 1);
}

void Decoder::fail(const std::string &words) {
  std::lock_guard lock(mutex_);
  ++statistics_.errors;
  std::snprintf(statistics_.last_error, sizeof statistics_.last_error, "%s", words.c_str());
}

void Decoder::setState(const char *state) {
  std::lock_guard lock(mutex_);
  std::snprintf(statistics_.state, sizeof statistics_.state, "%s", state);
}

void Decoder::statistics(ltn_decoder_statistics_t &out) {
  uint32_t readers = 0;
  {
    std::lock_guard lock(ringMutex_);  // held during the call: a second owner would keep a replaced ring's name taken
    if (ring_) readers = ring_->readers();
  }
  std::lock_guard lock(mutex_);
  out = statistics_;
  out.readers = readers;
  const bool recent = !publishTimes_.empty() && monoNs() - publishTimes_.back() < 5'000'000'000;
  if (recent && publishTimes_.size() > 1) {
    const int64_t spanNs = publishTimes_.back() - publishTimes_.front();
    if (spanNs > 0) out.fps = static_cast<double>(publishTimes_.size() - 1) * 1e9 / static_cast<double>(spanNs);
  }
}

}  // namespace lanthorn::media
