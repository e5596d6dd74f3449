#include "pipeline/stream_source.h"

#include <algorithm>
#include <cstdio>

#include "bitstream/adts.h"
#include "bitstream/opus_ts.h"
#include "codec/av_error.h"
#include "codec/camera_words.h"
#include "mono_time.h"

extern "C" {
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
}

namespace lanthorn::media {
namespace {

constexpr int64_t kOpenTimeoutNs = 10'000'000'000;
constexpr int64_t kReadTimeoutNs = 10'000'000'000;  // a camera silent for so long is gone
constexpr int64_t kFirstBackOffNs = 500'000'000, kLastBackOffNs = 10'000'000'000;
// Many cameras lock an account after five to ten wrong passwords; a corrected one makes a new source, which asks at
// once.
constexpr int64_t kRefusedBackOffNs = 60'000'000'000;
constexpr AVRational k90k = {1, 90'000};

bool startsWith(const std::string &text, const char *prefix) { return text.rfind(prefix, 0) == 0; }

int64_t to90k(int64_t value, AVRational base) {
  return value == AV_NOPTS_VALUE ? LTN_NO_PTS : av_rescale_q(value, base, k90k);
}

}  // namespace

StreamSource::StreamSource(std::string url, const std::string &packetRing, const std::string &cameraId, bool loop,
                           uint64_t ringBytes)
    : url_(std::move(url)),
      loop_(loop),
      live_(startsWith(url_, "rtsp://") || startsWith(url_, "rtsps://")),
      ring_(new RingRecordSink(packetRing, ringBytes == 0 ? kPacketRingBytes : ringBytes)),
      publisher_(cameraId, std::unique_ptr<RecordSink>(ring_), wallMinusMonoNs) {
  captureAvLog();
  avformat_network_init();
  thread_ = std::thread([this] { run(); });
}

StreamSource::~StreamSource() {
  stop_ = true;
  wake_.notify_all();
  thread_.join();
}

int StreamSource::interrupted(void *opaque) {
  auto *self = static_cast<StreamSource *>(opaque);
  const int64_t deadline = self->deadlineNs_.load();
  return self->stop_ || (deadline != 0 && monoNs() > deadline) ? 1 : 0;
}

void StreamSource::run() {
  int64_t backOffNs = kFirstBackOffNs;
  while (!stop_) {
    played_ = false;
    bool ended = false, refused = false;
    try {
      ended = play();
    } catch (const MediaError &error) {
      refused = error.status() == LTN_E_PERMISSION;
      fail(error.what());
    } catch (const std::exception &error) {
      fail(error.what());
    }
    closeInputs();
    if (stop_) break;
    if (ended && !loop_) {
      setState("ended");
      return;
    }
    if (ended) continue;
    {
      std::lock_guard lock(mutex_);
      publisher_.discontinuity();
      ++reconnects_;
    }
    clockStart90k_ = LTN_NO_PTS;
    setState("reconnecting");
    if (played_) backOffNs = kFirstBackOffNs;
    sleep(refused ? kRefusedBackOffNs : backOffNs);
    backOffNs = std::min(backOffNs * 2, kLastBackOffNs);
  }
  setState("closed");
}

void StreamSource::open(AVFormatContext **context) {
  *context = avformat_alloc_context();
  (*context)->interrupt_callback = {&StreamSource::interrupted, this};
  AVDictionary *options = nullptr;
  if (live_) {
    (*context)->flags |= AVFMT_FLAG_NOBUFFER;
    av_dict_set(&options, "rtsp_flags", "prefer_tcp", 0);  // UDP only where the camera refuses TCP: loss costs pictures
    av_dict_set(&options, "timeout", "10000000", 0);       // µs
  }
  deadlineNs_ = monoNs() + kOpenTimeoutNs;
  takeAvLog();
  int code = avformat_open_input(context, url_.c_str(), nullptr, &options);
  av_dict_free(&options);
  const std::string log = takeAvLog();
  if (code < 0 && live_) throw openFailure(code, log);
  if (code < 0) throw MediaError(LTN_E_NOT_FOUND, avErrorText("file does not open", code));
  const bool needsProbe = (*context)->nb_streams == 0 || ((*context)->ctx_flags & AVFMTCTX_NOHEADER) || !live_;
  if (needsProbe) {
    (*context)->max_analyze_duration = 2 * AV_TIME_BASE;
    code = avformat_find_stream_info(*context, nullptr);
    if (code < 0) throw MediaError(LTN_E_CORRUPT, avErrorText("no streams found", code));
  }
}

int StreamSource::addStream(AVFormatContext *context, unsigned stream, std::vector<StreamSpec> &specs) {
  const AVCodecParameters *p = context->streams[stream]->codecpar;
  StreamSpec spec;
  if (p->codec_id == AV_CODEC_ID_H264 || p->codec_id == AV_CODEC_ID_HEVC) {
    const bool h264 = p->codec_id == AV_CODEC_ID_H264;
    spec.type = StreamSpec::Type::video;
    spec.video = h264 ? VideoCodec::h264 : VideoCodec::hevc;
    if (p->extradata_size > 4 && p->extradata[0] == 1) {  // length-prefixed (MP4, Matroska)
      AVBSFContext *filter = nullptr;
      if (av_bsf_alloc(av_bsf_get_by_name(h264 ? "h264_mp4toannexb" : "hevc_mp4toannexb"), &filter) < 0) return -1;
      inputs_[stream].filter = filter;
      avcodec_parameters_copy(filter->par_in, p);
      filter->time_base_in = context->streams[stream]->time_base;
      if (av_bsf_init(filter) < 0) return -1;
    }
  } else if (p->codec_id == AV_CODEC_ID_AAC || p->codec_id == AV_CODEC_ID_OPUS) {
    spec.type = StreamSpec::Type::audio;
    inputs_[stream].opus = p->codec_id == AV_CODEC_ID_OPUS;
    inputs_[stream].adts = p->codec_id == AV_CODEC_ID_AAC && p->extradata_size < 2;
  } else {
    return -1;
  }
  specs.push_back(spec);
  return static_cast<int>(specs.size()) - 1;
}

void StreamSource::choose(AVFormatContext *context) {
  inputs_.assign(context->nb_streams, Input{});
  std::vector<StreamSpec> specs;
  const int video = av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  const int audio = av_find_best_stream(context, AVMEDIA_TYPE_AUDIO, -1, video, nullptr, 0);
  for (const int stream : {video, audio}) {
    if (stream >= 0)
      inputs_[static_cast<size_t>(stream)].index = addStream(context, static_cast<unsigned>(stream), specs);
  }
  if (video >= 0 && inputs_[static_cast<size_t>(video)].index < 0) {
    throw MediaError(LTN_E_INVALID_ARGUMENT,
                     std::string("expected H.264 or H.265 video but the stream is ") +
                         avcodec_get_name(context->streams[video]->codecpar->codec_id) +
                         ": set the camera to H.264, or convert the file with ffmpeg -c:v libx264");
  }
  if (specs.empty())
    throw MediaError(LTN_E_INVALID_ARGUMENT, "expected a video stream (H.264 or H.265) but there is none");
  std::lock_guard lock(mutex_);
  publisher_.setStreams(specs);
  for (unsigned i = 0; i < context->nb_streams; ++i) {
    const Input &input = inputs_[i];
    if (input.index < 0) continue;
    const AVCodecParameters *p = context->streams[i]->codecpar;
    const AVCodecParameters *filtered = input.filter != nullptr ? input.filter->par_out : p;
    const Bytes extradata(filtered->extradata, static_cast<size_t>(filtered->extradata_size));
    if (VideoTrack *track = publisher_.videoTrack(static_cast<uint32_t>(input.index))) {
      track->learn(extradata);
    } else if (input.opus) {
      publisher_.audioFormat(static_cast<uint32_t>(input.index),
                             opusFormat(static_cast<uint32_t>(p->ch_layout.nb_channels)));
    } else if (const auto format = formatOfAudioSpecificConfig(extradata)) {
      publisher_.audioFormat(static_cast<uint32_t>(input.index), *format);
    }
  }
}

bool StreamSource::play() {
  AVFormatContext *context = nullptr;
  struct Closer {
    AVFormatContext **context;
    ~Closer() { avformat_close_input(context); }
  } closer{&context};
  open(&context);
  choose(context);
  setState("running");
  passStart90k_ = LTN_NO_PTS;
  AVPacket *packet = av_packet_alloc();
  struct Freer {
    AVPacket **packet;
    ~Freer() { av_packet_free(packet); }
  } freer{&packet};
  for (;;) {
    deadlineNs_ = monoNs() + kReadTimeoutNs;
    takeAvLog();
    const int code = av_read_frame(context, packet);
    if (stop_) return false;
    if (code == AVERROR(EAGAIN)) continue;
    if (code == AVERROR_EOF && !live_) {
      if (!played_) throw MediaError(LTN_E_CORRUPT, "the file holds no packet that can be used");
      offset90k_ += passEnd90k_ - passStart90k_;
      return true;
    }
    if (code < 0) throw MediaError(LTN_E_GONE, avErrorText(live_ ? "camera went away" : "file is not readable", code));
    if (static_cast<size_t>(packet->stream_index) < inputs_.size()) take(context, packet);
    av_packet_unref(packet);
  }
}

void StreamSource::take(AVFormatContext *context, AVPacket *packet) {
  Input &input = inputs_[static_cast<size_t>(packet->stream_index)];
  if (input.index < 0) return;
  const AVRational base = context->streams[packet->stream_index]->time_base;
  UnitTimes times;
  times.pts90k = to90k(packet->pts, base);
  times.dts90k = to90k(packet->dts, base);
  if (times.pts90k == LTN_NO_PTS) times.pts90k = times.dts90k;
  if (times.dts90k == LTN_NO_PTS) times.dts90k = times.pts90k;
  const uint32_t duration90k =
      static_cast<uint32_t>(std::clamp<int64_t>(av_rescale_q(packet->duration, base, k90k), 0, 900'000));
  if (times.pts90k == LTN_NO_PTS) {  // a bare H.264 file has no times: its frame rate makes them
    const int64_t step = duration90k > 0 ? duration90k : 3600;
    times.pts90k = times.dts90k = input.lastDts90k == LTN_NO_PTS ? 0 : input.lastDts90k + step;
  }
  input.lastDts90k = times.dts90k;
  if (!live_) {
    if (passStart90k_ == LTN_NO_PTS) passStart90k_ = passEnd90k_ = times.dts90k;
    passStart90k_ = std::min(passStart90k_, times.dts90k);
    passEnd90k_ = std::max(passEnd90k_, times.dts90k + (duration90k > 0 ? int64_t{duration90k} : 3600));
    times.pts90k += offset90k_ - passStart90k_;
    times.dts90k += offset90k_ - passStart90k_;
    pace(times.dts90k);
    if (stop_) return;
  }
  times.arrivalMonoNs = monoNs();
  if (input.filter != nullptr) {
    if (av_bsf_send_packet(input.filter, packet) < 0 || av_bsf_receive_packet(input.filter, packet) < 0)
      return fail("packet is not what its container says");
  }
  std::lock_guard lock(mutex_);
  played_ = true;
  ++packets_;
  bytes_ += static_cast<uint64_t>(packet->size);
  lastArrivalNs_ = times.arrivalMonoNs;
  publish(input, packet, times, duration90k);
}

void StreamSource::publish(const Input &input, AVPacket *packet, UnitTimes times, uint32_t duration90k) {
  const Bytes bytes(packet->data, static_cast<size_t>(packet->size));
  const uint32_t index = static_cast<uint32_t>(input.index);
  if (publisher_.videoTrack(index) != nullptr) {
    return publisher_.video(index, bytes, times, packet->flags & AV_PKT_FLAG_CORRUPT);
  }
  if (input.opus) return publisher_.audio(index, bytes, times, opusPacketSamples(bytes) * 90 / 48);
  if (!input.adts) return publisher_.audio(index, bytes, times, duration90k);
  AdtsFramer framer;  // libavformat's parser hands out whole frames
  framer.push(bytes, [&](const AdtsHeader &header, Bytes frame, bool) {
    const uint32_t duration = (kAacSamplesPerFrame * 90'000 + header.sampleRateHz / 2) / header.sampleRateHz;
    publisher_.audioFormat(index, header.format());
    publisher_.audio(index, frame, times, duration);
    times.pts90k += duration;
  });
}

// A file plays at its own rate: each packet waits until its decode time.
void StreamSource::pace(int64_t dts90k) {
  if (clockStart90k_ == LTN_NO_PTS) {
    clockStart90k_ = dts90k;
    clockStartNs_ = monoNs();
  }
  const int64_t dueNs = clockStartNs_ + (dts90k - clockStart90k_) / 9 * 100'000;
  const int64_t waitNs = dueNs - monoNs();
  if (waitNs > 0) sleep(std::min<int64_t>(waitNs, 10'000'000'000));
}

void StreamSource::sleep(int64_t nanoseconds) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, std::chrono::nanoseconds(nanoseconds), [this] { return stop_.load(); });
}

void StreamSource::closeInputs() {
  for (Input &input : inputs_) av_bsf_free(&input.filter);
  inputs_.clear();
}

void StreamSource::fail(const std::string &words) {
  std::lock_guard lock(mutex_);
  lastError_ = words;
  ++errors_;
}

void StreamSource::setState(const char *state) {
  std::lock_guard lock(mutex_);
  state_ = state;
}

void StreamSource::statistics(ltn_demux_statistics_t &out) {
  out = {};
  std::lock_guard lock(mutex_);
  publisher_.addStatistics(out);
  ring_->addStatistics(out);
  out.bytes = bytes_;
  out.packets = packets_;
  out.errors = errors_;
  out.reconnects = reconnects_;
  out.last_arrival_mono_ns = lastArrivalNs_;
  if (state_ != "running") std::snprintf(out.state, sizeof out.state, "%s", state_.c_str());
  std::snprintf(out.last_error, sizeof out.last_error, "%s", lastError_.c_str());
}

}  // namespace lanthorn::media
