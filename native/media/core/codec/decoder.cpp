// The codec half of the decoder: packets to frames to slots. The thread half is decoder_thread.cpp.
#include "codec/decoder.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "codec/av_error.h"
#include "media_error.h"
#include "mono_time.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/pixdesc.h>
}

namespace lanthorn::media {
namespace {

void copyName(char (&out)[LTN_NAME_BYTES], const char *name) {
  std::snprintf(out, sizeof out, "%s", name == nullptr ? "unknown" : name);
}

// yuvj420p is FFmpeg's old way to say "yuv420p, full range"; readers learn the range from its own field.
AVPixelFormat plainFormat(AVPixelFormat format) {
  switch (format) {
    case AV_PIX_FMT_YUVJ420P:
      return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
      return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
      return AV_PIX_FMT_YUV444P;
    default:
      return format;
  }
}

bool isFullRange(const AVFrame *frame) {
  return frame->color_range == AVCOL_RANGE_JPEG ||
         plainFormat(static_cast<AVPixelFormat>(frame->format)) != frame->format;
}

}  // namespace

void Decoder::openCodec() {
  const AVCodec *codec = avcodec_find_decoder_by_name(codecName(video_->codec));
  if (codec == nullptr)
    throw MediaError(LTN_E_SYSTEM, std::string("libavcodec has no decoder ") + codecName(video_->codec));
  context_ = avcodec_alloc_context3(codec);
  context_->opaque = this;
  context_->get_buffer2 = &Decoder::getBuffer;
  context_->thread_count = static_cast<int>(threads_);
  context_->thread_type = FF_THREAD_SLICE;  // frame threads would add a frame of delay for each thread
  context_->pkt_timebase = {1, 90'000};
  const int code = avcodec_open2(context_, codec, nullptr);
  if (code < 0) {
    avcodec_free_context(&context_);
    throw MediaError(LTN_E_SYSTEM, avErrorText("decoder does not open", code));
  }
  needKey_ = true;
}

void Decoder::closeCodec() {
  if (pending_ != nullptr) av_frame_unref(pending_);
  if (frame_ != nullptr) av_frame_unref(frame_);
  avcodec_free_context(&context_);  // gives every slot back
}

int Decoder::getBuffer(AVCodecContext *context, AVFrame *frame, int flags) {
  auto *self = static_cast<Decoder *>(context->opaque);
  if ((context->codec->capabilities & AV_CODEC_CAP_DR1) && self->provideSlot(context, frame)) return 0;
  return avcodec_default_get_buffer2(context, frame, flags);  // decoding goes on; this frame is not published
}

bool Decoder::provideSlot(AVCodecContext *context, AVFrame *frame) {
  const SlotLayout layout = SlotLayout::of(context, frame);
  if (layout.planes == 0) return false;
  std::shared_ptr<FrameRing> ring;
  {
    std::lock_guard lock(ringMutex_);
    ring = ring_;
    if (!ring || layout.bytes > ring->slotBytes()) {
      wantedLayout_ = layout;
      return false;
    }
  }
  return ring->attach(frame, layout);
}

// Makes a ring for the size a picture asked for. The codec is opened anew because its frames lie in the old ring.
void Decoder::rebuildRing() {
  const SlotLayout layout = *wantedLayout_;
  wantedLayout_.reset();
  const int held = std::clamp(std::max(context_->refs, 1) + context_->has_b_frames + 1, 2, 20);
  closeCodec();
  {
    std::lock_guard lock(ringMutex_);
    ring_.reset();
  }
  openCodec();
  try {
    std::shared_ptr<FrameRing> ring = openRing(static_cast<uint32_t>(held), layout.bytes);
    std::lock_guard lock(ringMutex_);
    ring_ = std::move(ring);
    ringRefused_ = false;
  } catch (const MediaError &error) {
    ringRefused_ = true;
    fail(error.what());
  }
  std::lock_guard lock(mutex_);
  statistics_.slots = ring_ ? ring_->slots() : 0;
}

// Fewer slots where /dev/shm has no room for all: readers then miss frames while they hold several. Throws MediaError.
std::shared_ptr<FrameRing> Decoder::openRing(uint32_t held, size_t slotBytes) {
  for (uint32_t spare = LTN_DECODER_SPARE_SLOTS;; spare /= 2) {
    try {
      std::shared_ptr<FrameRing> ring = FrameRing::open(frameRingName_, held + spare, slotBytes);
      if (spare < LTN_DECODER_SPARE_SLOTS) {
        fail("frame ring " + frameRingName_ + " has " + std::to_string(held + spare) + " slots instead of " +
             std::to_string(held + LTN_DECODER_SPARE_SLOTS) + ": /dev/shm has no room for more");
      }
      return ring;
    } catch (const MediaError &error) {
      if (error.status() != LTN_E_NO_SPACE || spare <= LTN_DECODER_LEAST_SPARE_SLOTS) throw;
    }
  }
}

bool Decoder::due(const ltn_record_t &record) {
  const double maxFps = maxFps_.load(std::memory_order_relaxed);
  if (maxFps <= 0) return true;
  const int64_t intervalNs = static_cast<int64_t>(1e9 / maxFps);
  const int64_t halfFrameNs = int64_t{record.duration_90k} * 100'000 / 9 / 2;
  const int64_t timeNs = record.capture_mono_ns;
  if (nextDueNs_ != INT64_MIN && timeNs + halfFrameNs < nextDueNs_ && nextDueNs_ - timeNs <= intervalNs * 2)
    return false;
  nextDueNs_ = std::max(nextDueNs_ == INT64_MIN ? timeNs : nextDueNs_, timeNs - intervalNs) + intervalNs;
  if (nextDueNs_ - timeNs > intervalNs * 2) nextDueNs_ = timeNs + intervalNs;  // time went back
  return true;
}

void Decoder::decode(const ltn_record_t &record) {
  const bool key = record.flags & LTN_RECORD_KEY;
  const bool keyOnly = appliedDemand_ == LTN_DEMAND_KEY;
  // Without a ring nothing can be published: only key frames are looked at, each of which asks for a ring again.
  if ((needKey_ || keyOnly || ringRefused_) && !key) {
    std::lock_guard lock(mutex_);
    ++statistics_.frames_skipped;
    return;
  }
  Origin origin{record.sequence,        record.capture_mono_ns, record.capture_wall_us,
                record.arrival_mono_ns, record.pts_90k,         true};
  origin.due = keyOnly || due(record);
  origins_[record.sequence % kOrigins] = origin;

  if (key && ringRefused_) wantedLayout_.reset();  // ask again at every key frame: space may have come back
  for (int attempt = 0; attempt < 2; ++attempt) {
    av_packet_unref(packet_);
    if (av_new_packet(packet_, static_cast<int>(record.payload_bytes)) < 0) return fail("out of memory for a packet");
    std::memcpy(packet_->data, packets_.payload(), record.payload_bytes);
    packet_->pts = record.pts_90k == LTN_NO_PTS ? AV_NOPTS_VALUE : record.pts_90k;
    packet_->dts = record.dts_90k == LTN_NO_PTS ? AV_NOPTS_VALUE : record.dts_90k;
    if (key) packet_->flags |= AV_PKT_FLAG_KEY;
    context_->reordered_opaque = static_cast<int64_t>(record.sequence);
    // A frame that is not wanted and that no other is predicted from need not be decoded at all.
    context_->skip_frame = origin.due ? AVDISCARD_DEFAULT : AVDISCARD_NONREF;
    takeAvLog();
    const int code = avcodec_send_packet(context_, packet_);
    if (wantedLayout_ && key && attempt == 0) {
      rebuildRing();
      continue;  // the same key frame again, now into a slot
    }
    if (code < 0) {
      fail(avErrorText("packet not decodable", code));
      if (key) needKey_ = true;
      return;
    }
    break;
  }
  needKey_ = false;
  receive();
  if (keyOnly) drain();
}

void Decoder::receive() {
  for (;;) {
    const int code = avcodec_receive_frame(context_, frame_);
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
    if (code < 0) return fail(avErrorText("frame not decodable", code));
    take(frame_);
    av_frame_unref(frame_);
  }
}

// Gets a lone key frame out of a decoder that would wait for its neighbours (reordering).
void Decoder::drain() {
  avcodec_send_packet(context_, nullptr);
  receive();
  avcodec_flush_buffers(context_);
}

void Decoder::take(AVFrame *frame) {
  const std::string log = takeAvLog();
  {
    std::lock_guard lock(mutex_);
    ++statistics_.frames_decoded;
  }
  if ((frame->flags & AV_FRAME_FLAG_CORRUPT) || frame->decode_error_flags != 0) {
    fail(log.empty() ? "corrupt frame concealed" : "corrupt frame concealed: " + log);
  }
  if (catchingUp_) {
    av_frame_unref(pending_);
    av_frame_move_ref(pending_, frame);
    return;
  }
  publish(frame);
}

void Decoder::describeFrame(const AVFrame *frame, const Origin &origin, ltn_frame_t &out) const {
  out.capture_mono_ns = origin.captureMonoNs;
  out.capture_wall_us = origin.captureWallUs;
  out.arrival_mono_ns = origin.arrivalMonoNs;
  out.pts_90k = origin.pts90k;
  out.source_sequence = origin.sequence;
  out.width_px = static_cast<uint32_t>(frame->width);
  out.height_px = static_cast<uint32_t>(frame->height);
  if (frame->key_frame) out.flags |= LTN_FRAME_KEY;
  copyName(out.pixel_format, av_get_pix_fmt_name(plainFormat(static_cast<AVPixelFormat>(frame->format))));
  copyName(out.color_space,
           frame->colorspace == AVCOL_SPC_UNSPECIFIED ? "unknown" : av_color_space_name(frame->colorspace));
  copyName(out.color_range, isFullRange(frame) ? "pc" : frame->color_range == AVCOL_RANGE_MPEG ? "tv" : "unknown");
}

void Decoder::publish(AVFrame *frame) {
  const Origin origin = origins_[static_cast<uint64_t>(frame->reordered_opaque) % kOrigins];
  const bool shown = origin.sequence == lastPublishedSource_;  // by key demand, and now again on the way to full demand
  if (origin.sequence != static_cast<uint64_t>(frame->reordered_opaque) || !origin.due || shown) {
    std::lock_guard lock(mutex_);
    ++statistics_.frames_skipped;
    return;
  }
  const std::shared_ptr<FrameRing> ring = ring_;
  const int slot = ring ? ring->slotOf(frame) : -1;
  if (slot < 0) {
    std::lock_guard lock(mutex_);
    ++statistics_.frames_busy;
    return;
  }
  ltn_frame_t out{};
  describeFrame(frame, origin, out);
  const AVPixFmtDescriptor *descriptor = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame->format));
  const uint8_t *base = ring->base(slot);
  for (int i = 0; i < LTN_MAX_PLANES && frame->data[i] != nullptr; ++i) {
    // cropping has moved data into the picture: the offset tells readers where it begins
    out.plane_offset_bytes[i] = static_cast<uint32_t>(frame->data[i] - base);
    out.plane_stride_bytes[i] = static_cast<uint32_t>(frame->linesize[i]);
    const int rows = i == 1 || i == 2 ? AV_CEIL_RSHIFT(frame->height, descriptor->log2_chroma_h) : frame->height;
    const uint64_t end =
        uint64_t{out.plane_offset_bytes[i]} + uint64_t{out.plane_stride_bytes[i]} * static_cast<uint64_t>(rows);
    out.bytes = static_cast<uint32_t>(std::min<uint64_t>(std::max<uint64_t>(out.bytes, end), ring->slotBytes()));
    out.planes = static_cast<uint32_t>(i + 1);
  }
  if (ring->publish(slot, out) != LTN_OK) return fail(std::string("frame not published: ") + ltn_last_error());
  lastPublishedSource_ = origin.sequence;
  const bool changed = statistics_.width_px != out.width_px || statistics_.height_px != out.height_px;
  std::lock_guard lock(mutex_);
  ++statistics_.frames_published;
  statistics_.last_publish_mono_ns = out.publish_mono_ns;
  statistics_.width_px = out.width_px;
  statistics_.height_px = out.height_px;
  std::memcpy(statistics_.pixel_format, out.pixel_format, sizeof out.pixel_format);
  publishTimes_.push_back(out.publish_mono_ns);
  if (publishTimes_.size() > 50) publishTimes_.pop_front();
  if (changed || statistics_.frames_published == 1) {
    char json[512];
    std::snprintf(json, sizeof json,
                  "{\"packetRing\":\"%s\",\"codec\":\"%s\",\"widthPx\":%u,\"heightPx\":%u,\"pixelFormat\":\"%s\"}",
                  packetRing_.c_str(), codecName(video_->codec), out.width_px, out.height_px, out.pixel_format);
    ring->describe(json);
  }
}

}  // namespace lanthorn::media
