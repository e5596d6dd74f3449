#include "sensors/sound_track.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "codec/av_error.h"
#include "pipeline/description.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/mem.h>
}

namespace lanthorn::media {
namespace {

constexpr uint64_t kBufferedS = 5;
constexpr int kMaxSampleRateHz = 192'000;
constexpr int64_t kLeastGap90k = 90;  // 1 ms: rounding of time stamps is no gap

int64_t ticksToNs(int64_t ticks90k) { return ticks90k * 100'000 / 9; }  // of differences within a packet

int64_t ticksOf(uint64_t samples, uint32_t rateHz) {
  return static_cast<int64_t>((samples * 90'000 * 2 + rateHz) / (uint64_t{2} * rateHz));
}

int16_t fromFloat(float value) {
  const float scaled = value * 32768.0f;
  if (!(scaled == scaled)) return 0;  // not a number: a damaged packet
  return static_cast<int16_t>(std::lrintf(std::clamp(scaled, -32768.0f, 32767.0f)));
}

}  // namespace

SoundTrack::SoundTrack(std::string cameraId, OpenRing openRing)
    : cameraId_(std::move(cameraId)), openRing_(std::move(openRing)) {
  frame_ = av_frame_alloc();
  packet_ = av_packet_alloc();
  if (frame_ == nullptr || packet_ == nullptr) throw MediaError(LTN_E_SYSTEM, "out of memory");
}

SoundTrack::~SoundTrack() {
  avcodec_free_context(&context_);
  av_frame_free(&frame_);
  av_packet_free(&packet_);
}

void SoundTrack::setStream(const DescribedSound &stream) {
  if (stream_ == stream && context_ != nullptr) return;
  stream_ = stream;
  avcodec_free_context(&context_);
  openCodec();
  anchored_ = false;
}

void SoundTrack::openCodec() {
  const char *name = codecName(stream_->codec);
  const AVCodec *codec = avcodec_find_decoder_by_name(name);
  if (codec == nullptr) throw MediaError(LTN_E_SYSTEM, std::string("libavcodec has no decoder ") + name);
  context_ = avcodec_alloc_context3(codec);
  if (context_ == nullptr) throw MediaError(LTN_E_SYSTEM, "out of memory");
  const size_t bytes = stream_->extradata.size();
  context_->extradata = static_cast<uint8_t *>(av_mallocz(bytes + AV_INPUT_BUFFER_PADDING_SIZE));
  if (context_->extradata == nullptr) throw MediaError(LTN_E_SYSTEM, "out of memory");
  std::copy(stream_->extradata.begin(), stream_->extradata.end(), context_->extradata);
  context_->extradata_size = static_cast<int>(bytes);
  context_->sample_rate = static_cast<int>(stream_->sampleRateHz);
  av_channel_layout_default(&context_->ch_layout, static_cast<int>(stream_->channels));
  context_->thread_count = 1;
  context_->pkt_timebase = {1, 90'000};
  takeAvLog();
  const int code = avcodec_open2(context_, codec, nullptr);
  if (code < 0) {
    avcodec_free_context(&context_);
    throw MediaError(LTN_E_SYSTEM, avErrorText("sound decoder does not open", code));
  }
}

void SoundTrack::interrupt() {
  if (context_ != nullptr) avcodec_flush_buffers(context_);
  anchored_ = false;
}

void SoundTrack::take(const ltn_record_t &record, Bytes payload) {
  if (context_ == nullptr) return;
  ++counts_.packets;
  if (record.flags & LTN_RECORD_DISCONTINUITY) interrupt();
  av_packet_unref(packet_);
  if (av_new_packet(packet_, static_cast<int>(payload.size())) < 0) return fail("out of memory for a packet");
  std::memcpy(packet_->data, payload.data(), payload.size());
  packet_->pts = packet_->dts = record.pts_90k == LTN_NO_PTS ? AV_NOPTS_VALUE : record.pts_90k;
  takeAvLog();
  int code = avcodec_send_packet(context_, packet_);
  if (code < 0) return fail(avErrorText("sound not decodable", code));
  while ((code = avcodec_receive_frame(context_, frame_)) >= 0) {
    publish(record);
    av_frame_unref(frame_);
  }
  if (code != AVERROR(EAGAIN)) fail(avErrorText("sound not decodable", code));
}

void SoundTrack::publish(const ltn_record_t &packet) {
  if (!convert()) return;
  const auto rateHz = static_cast<uint32_t>(frame_->sample_rate);
  const auto channels = static_cast<uint32_t>(frame_->ch_layout.nb_channels);
  const auto samples = static_cast<uint64_t>(frame_->nb_samples);
  prepareRing(rateHz, channels);
  // The decoder may leave out what an encoder put in front: then the frame's time is not the packet's.
  const int64_t pts90k = frame_->pts == AV_NOPTS_VALUE ? packet.pts_90k : frame_->pts;
  const int64_t expected90k = anchorPts90k_ + ticksOf(samplesSinceAnchor_, rateHz);
  const int64_t mostRounding90k = std::max(kLeastGap90k, ticksOf(samples, rateHz) / 2);
  const bool gap = !anchored_ || std::llabs(pts90k - expected90k) > mostRounding90k;
  if (gap) {
    counts_.gaps += begun_;
    anchorPts90k_ = pts90k;
    samplesSinceAnchor_ = 0;
  }
  ltn_record_t record{};
  record.pts_90k = record.dts_90k = anchorPts90k_ + ticksOf(samplesSinceAnchor_, rateHz);
  record.duration_90k =
      static_cast<uint32_t>(anchorPts90k_ + ticksOf(samplesSinceAnchor_ + samples, rateHz) - record.pts_90k);
  // Never before the record in front, never after its arrival: while the estimate of capture times settles, sound may
  // seem to have been captured in a little less time than it lasts.
  const int64_t capturedNs = packet.capture_mono_ns + ticksToNs(record.pts_90k - packet.pts_90k);
  newestCaptureNs_ = std::max(newestCaptureNs_, std::min(capturedNs, packet.arrival_mono_ns));
  record.capture_mono_ns = newestCaptureNs_;
  record.capture_wall_us = packet.capture_wall_us + (newestCaptureNs_ - packet.capture_mono_ns) / 1000;
  record.arrival_mono_ns = packet.arrival_mono_ns;
  record.type = LTN_RECORD_PCM;
  record.flags = LTN_RECORD_KEY | (gap && begun_ ? uint32_t{LTN_RECORD_DISCONTINUITY} : 0u);
  record.payload_bytes = static_cast<uint32_t>(pcm_.size() * sizeof(int16_t));
  if (!ring_->append(record, reinterpret_cast<const uint8_t *>(pcm_.data())))
    throw MediaError(LTN_E_SYSTEM,
                     "the ring of sound did not take a record of " + std::to_string(record.payload_bytes) + " bytes");
  samplesSinceAnchor_ += samples;
  anchored_ = begun_ = true;
  ++counts_.records;
  counts_.samples += samples;
}

// The frame's samples, interleaved, as 16 bits; false when it is of no use.
bool SoundTrack::convert() {
  const int channels = frame_->ch_layout.nb_channels, samples = frame_->nb_samples;
  if (channels < 1 || channels > kMaxChannels || samples < 1 || frame_->sample_rate < 1 ||
      frame_->sample_rate > kMaxSampleRateHz || packet_->pts == AV_NOPTS_VALUE) {
    fail("expected sound of 1 to 8 channels with a rate and a time");
    return false;
  }
  pcm_.resize(static_cast<size_t>(channels) * static_cast<size_t>(samples));
  for (int channel = 0; channel < channels; ++channel) {
    for (int i = 0; i < samples; ++i) {
      const size_t at = static_cast<size_t>(i) * static_cast<size_t>(channels) + static_cast<size_t>(channel);
      switch (frame_->format) {
        case AV_SAMPLE_FMT_FLTP:
          pcm_[at] = fromFloat(reinterpret_cast<const float *>(frame_->extended_data[channel])[i]);
          break;
        case AV_SAMPLE_FMT_FLT:
          pcm_[at] = fromFloat(reinterpret_cast<const float *>(frame_->data[0])[at]);
          break;
        case AV_SAMPLE_FMT_S16:
          pcm_[at] = reinterpret_cast<const int16_t *>(frame_->data[0])[at];
          break;
        default:
          fail("expected 16-bit or float samples from libavcodec");
          return false;
      }
    }
  }
  return true;
}

void SoundTrack::prepareRing(uint32_t sampleRateHz, uint32_t channels) {
  const bool same = ring_ && counts_.sampleRateHz == sampleRateHz && counts_.channels == channels;
  if (same) return;
  const uint64_t wantedBytes = kBufferedS * sampleRateHz * channels * sizeof(int16_t);
  if (!ring_ || wantedBytes > capacityBytes_) {
    ring_.reset();  // its name must be free
    ring_ = openRing_(wantedBytes);
    capacityBytes_ = wantedBytes;
    begun_ = false;
  }
  ring_->describe("{\"camera\":" + jsonText(cameraId_) +
                  ",\"streams\":[{\"index\":0,\"type\":\"audio\",\"codec\":\"pcm_s16le\",\"sampleRateHz\":" +
                  std::to_string(sampleRateHz) + ",\"channels\":" + std::to_string(channels) + "}]}");
  counts_.sampleRateHz = sampleRateHz;
  counts_.channels = channels;
  anchored_ = false;
}

void SoundTrack::fail(std::string words) {
  ++counts_.errors;
  lastError_ = std::move(words);
}

}  // namespace lanthorn::media
