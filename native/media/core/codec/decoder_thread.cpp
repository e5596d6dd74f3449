// The thread half of the decoder: attaching to the packet ring, reading it, following demand, leaving a backlog behind.
#include <algorithm>
#include <cstdio>
#include <cstring>

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
    : packetRing_(std::move(packetRing)), frameRingName_(std::move(frameRing)), threads_(threads) {
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
  {
    std::lock_guard lock(mutex_);
    if (reader_ != nullptr) ltn_byte_reader_interrupt(reader_);
  }
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
  std::lock_guard lock(mutex_);
  if (reader_ != nullptr) ltn_byte_reader_interrupt(reader_);
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
      } else if (reader_ == nullptr && !attach()) {
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
  ltn_byte_reader_h *reader = nullptr;
  const ltn_status_e status = ltn_byte_reader_open(packetRing_.c_str(), &reader);
  if (status != LTN_OK) {
    if (status != LTN_E_NOT_FOUND && status != LTN_E_GONE) fail(ltn_last_error());
    return false;
  }
  if (ltn_byte_reader_incarnation(reader) == goneIncarnation_) {  // a dead writer's, which was read to its end
    ltn_byte_reader_close(reader);
    return false;
  }
  {
    std::lock_guard lock(mutex_);
    reader_ = reader;
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
  std::lock_guard lock(mutex_);
  ltn_byte_reader_close(reader_);
  reader_ = nullptr;
  std::snprintf(statistics_.state, sizeof statistics_.state, "%s", stop_ ? "closed" : "waiting");
}

bool Decoder::readDescription() {
  std::vector<char> text(LTN_DESCRIPTION_MAX_BYTES);
  size_t bytes = 0;
  uint32_t version = 0;
  if (ltn_byte_reader_description(reader_, text.data(), text.size(), &bytes, &version) != LTN_OK) return false;
  const std::optional<DescribedVideo> video = videoOfDescription({text.data(), std::min(bytes, text.size())});
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
  ltn_byte_reader_seek(reader_, LTN_SEEK_NEWEST_KEY, 0);
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
  if (reader_ == nullptr) return;
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
  ltn_record_t record{};
  uint64_t dropped = 0;
  const ltn_status_e status = ltn_byte_reader_next(reader_, &record, payload_.data(), payload_.size(), &dropped);
  switch (status) {
    case LTN_OK:
      break;
    case LTN_E_AGAIN:
      if (catchingUp_) {
        catchingUp_ = false;
        if (pending_->buf[0] != nullptr) publish(pending_);
        av_frame_unref(pending_);
      }
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
      seekToNewestKey();
      return;
    }
    case LTN_E_GONE:
      goneIncarnation_ = ltn_byte_reader_incarnation(reader_);
      detach();
      return;
    default:
      fail(ltn_last_error());
      detach();
      pause(kAttachMs);
      return;
  }
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
  leaveBacklog(record.sequence, record.arrival_mono_ns);
}

// Live readers drop the oldest: when decoding falls behind by a second, go on at the newest key frame if that is ahead.
void Decoder::leaveBacklog(uint64_t currentSequence, int64_t arrivalMonoNs) {
  const int64_t nowNs = monoNs();
  if (catchingUp_ || nowNs - arrivalMonoNs < kBacklogNs || nowNs - lastBacklogCheckNs_ < kBacklogNs / 2) return;
  lastBacklogCheckNs_ = nowNs;
  ltn_byte_reader_seek(reader_, LTN_SEEK_NEWEST_KEY, 0);
  ltn_record_t record{};
  uint64_t dropped = 0;
  const ltn_status_e status = ltn_byte_reader_next(reader_, &record, payload_.data(), payload_.size(), &dropped);
  if ((status == LTN_OK || status == LTN_E_BUFFER_TOO_SMALL) && record.sequence > currentSequence + 1) {
    {
      std::lock_guard lock(mutex_);
      statistics_.frames_skipped += record.sequence - currentSequence - 1;
    }
    ltn_byte_reader_seek(reader_, LTN_SEEK_SEQUENCE, record.sequence);
    avcodec_flush_buffers(context_);
    needKey_ = true;
    return;
  }
  ltn_byte_reader_seek(reader_, LTN_SEEK_SEQUENCE, currentSequence + 1);
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
