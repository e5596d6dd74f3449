#include "codec/fmp4_muxer.h"

#include <cstring>
#include <string>

#include "codec/av_error.h"
#include "codec/configuration_record.h"
#include "media_error.h"

extern "C" {
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
}

namespace lanthorn::media {
namespace {

constexpr int kIoBufferBytes = 64 << 10;
constexpr AVRational k90k = {1, 90'000};

AVCodecID codecIdOf(const std::string &codec) {
  if (codec == "h264") return AV_CODEC_ID_H264;
  if (codec == "hevc") return AV_CODEC_ID_HEVC;
  if (codec == "aac") return AV_CODEC_ID_AAC;
  if (codec == "opus") return AV_CODEC_ID_OPUS;
  throw MediaError(LTN_E_INVALID_ARGUMENT,
                   "expected streams[].codec to be h264, hevc, aac or opus but received \"" + codec + "\"");
}

VideoCodec videoCodecOf(AVCodecID id) { return id == AV_CODEC_ID_H264 ? VideoCodec::h264 : VideoCodec::hevc; }

[[noreturn]] void fail(ltn_status_e status, const std::string &what, int code) {
  throw MediaError(status, avErrorText(what, code));
}

}  // namespace

int Fmp4Muxer::collect(void *opaque, uint8_t *bytes, int count) {
  auto *self = static_cast<Fmp4Muxer *>(opaque);
  self->out_.insert(self->out_.end(), bytes, bytes + count);
  return count;
}

Fmp4Muxer::Fmp4Muxer(std::span<const ltn_stream_t> streams) {
  captureAvLog();
  try {
    if (streams.empty())
      throw MediaError(LTN_E_INVALID_ARGUMENT, "expected streams to hold at least one stream but it is empty");
    int code = avformat_alloc_output_context2(&context_, nullptr, "mp4", nullptr);
    if (code < 0) fail(LTN_E_SYSTEM, "libavformat has no mp4 muxer", code);
    auto *buffer = static_cast<unsigned char *>(av_malloc(kIoBufferBytes));
    context_->pb = avio_alloc_context(buffer, kIoBufferBytes, 1, this, nullptr, &Fmp4Muxer::collect, nullptr);
    context_->pb->seekable = 0;
    context_->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;  // no creation tool in the file
    context_->avoid_negative_ts = 0;                                // times are the caller's
    packet_ = av_packet_alloc();
    for (const ltn_stream_t &stream : streams) addStream(stream);
    av_opt_set(context_->priv_data, "movflags", "+frag_custom+empty_moov+default_base_moof+frag_discont", 0);
    av_opt_set_int(context_->priv_data, "use_editlist", 0, 0);  // tfdt alone carries the time
    code = avformat_write_header(context_, nullptr);
    if (code < 0) fail(LTN_E_INVALID_ARGUMENT, "no init segment can be made of these streams' extradata", code);
    avio_flush(context_->pb);
    init_.swap(out_);
    out_.clear();
  } catch (...) {
    free();
    throw;
  }
}

Fmp4Muxer::~Fmp4Muxer() { free(); }

void Fmp4Muxer::free() {
  av_packet_free(&packet_);
  if (context_ == nullptr) return;
  if (context_->pb != nullptr) {
    av_freep(&context_->pb->buffer);
    avio_context_free(&context_->pb);
  }
  avformat_free_context(context_);
  context_ = nullptr;
}

void Fmp4Muxer::addStream(const ltn_stream_t &stream) {
  AVStream *out = avformat_new_stream(context_, nullptr);
  if (out == nullptr) throw MediaError(LTN_E_SYSTEM, "out of memory");
  AVCodecParameters *p = out->codecpar;
  p->codec_id = codecIdOf(stream.codec == nullptr ? "" : stream.codec);
  const bool audio = p->codec_id == AV_CODEC_ID_AAC || p->codec_id == AV_CODEC_ID_OPUS;
  p->codec_type = audio ? AVMEDIA_TYPE_AUDIO : AVMEDIA_TYPE_VIDEO;
  if (stream.extradata_bytes == 0 || stream.extradata == nullptr) {
    throw MediaError(LTN_E_INVALID_ARGUMENT,
                     "expected streams[" + std::to_string(tracks_.size()) + "].extradata but it is empty");
  }
  const Bytes given(stream.extradata, stream.extradata_bytes);
  const std::vector<uint8_t> record =
      audio ? std::vector<uint8_t>(given.begin(), given.end()) : configurationRecord(videoCodecOf(p->codec_id), given);
  p->extradata = static_cast<uint8_t *>(av_mallocz(record.size() + AV_INPUT_BUFFER_PADDING_SIZE));
  std::memcpy(p->extradata, record.data(), record.size());
  p->extradata_size = static_cast<int>(record.size());
  if (audio) {
    p->sample_rate = static_cast<int>(stream.sample_rate_hz);
    av_channel_layout_default(&p->ch_layout, static_cast<int>(stream.channels));
    p->frame_size = p->codec_id == AV_CODEC_ID_AAC ? 1024 : 960;
    out->time_base = {1, p->sample_rate};
  } else {
    p->width = static_cast<int>(stream.width_px);
    p->height = static_cast<int>(stream.height_px);
    // hvc1: parameter sets in the header only, which Safari and Chromium both take (ISO/IEC 14496-15 §8.4.1)
    if (p->codec_id == AV_CODEC_ID_HEVC) p->codec_tag = MKTAG('h', 'v', 'c', '1');
    out->time_base = k90k;
  }
  tracks_.push_back({stream.index, audio, INT64_MIN, INT64_MIN});
}

size_t Fmp4Muxer::trackOf(uint32_t streamIndex) const {
  for (size_t i = 0; i < tracks_.size(); ++i) {
    if (tracks_[i].streamIndex == streamIndex) return i;
  }
  throw MediaError(LTN_E_INVALID_ARGUMENT,
                   "packet of stream " + std::to_string(streamIndex) + ", which the init segment does not have");
}

// Everything is checked before anything is written: a refused fragment leaves the muxer as it was.
void Fmp4Muxer::check(std::span<const ltn_mux_packet_t> packets) {
  if (packets.empty()) throw MediaError(LTN_E_INVALID_ARGUMENT, "expected at least one packet in a fragment");
  std::vector<int64_t> last;
  for (size_t i = 0; i < tracks_.size(); ++i) {
    last.push_back(tracks_[i].lastDts == INT64_MIN
                       ? INT64_MIN
                       : av_rescale_q(tracks_[i].lastDts, context_->streams[i]->time_base, k90k));
  }
  for (const ltn_mux_packet_t &p : packets) {
    const size_t track = trackOf(p.stream_index);
    const std::string name = "stream " + std::to_string(p.stream_index);
    if (p.payload_bytes == 0) throw MediaError(LTN_E_INVALID_ARGUMENT, "empty packet of " + name);
    if (p.pts_90k < p.dts_90k) throw MediaError(LTN_E_INVALID_ARGUMENT, "pts before dts in " + name);
    if (p.dts_90k < 0)
      throw MediaError(LTN_E_INVALID_ARGUMENT, "negative dts in " + name + ": subtract the first dts of all streams");
    if (last[track] != INT64_MIN && p.dts_90k <= last[track]) {
      throw MediaError(LTN_E_INVALID_ARGUMENT, "expected rising dts in " + name + " but " + std::to_string(p.dts_90k) +
                                                   " follows " + std::to_string(last[track]) +
                                                   ": start a new muxer at a discontinuity");
    }
    last[track] = p.dts_90k;
  }
}

void Fmp4Muxer::write(const ltn_mux_packet_t &in) {
  const size_t index = trackOf(in.stream_index);
  Track &track = tracks_[index];
  AVStream *stream = context_->streams[index];
  int64_t dts = av_rescale_q(in.dts_90k, k90k, stream->time_base);
  int64_t duration = av_rescale_q(in.duration_90k, k90k, stream->time_base);
  if (track.audio) {
    // 90 kHz cannot hold a 44.1 kHz frame exactly: stay on the sample grid while the difference is only rounding
    if (track.nextDts != INT64_MIN && std::llabs(dts - track.nextDts) <= 2) dts = track.nextDts;
    const int frame = stream->codecpar->frame_size;
    if (stream->codecpar->codec_id == AV_CODEC_ID_AAC && (duration == 0 || std::llabs(duration - frame) <= 2))
      duration = frame;
  }
  if (track.lastDts != INT64_MIN && dts <= track.lastDts) dts = track.lastDts + 1;
  av_packet_unref(packet_);
  packet_->stream_index = static_cast<int>(index);
  Bytes sample(in.payload, in.payload_bytes);
  if (!track.audio) {
    lengthPrefixed(videoCodecOf(stream->codecpar->codec_id), sample, sample_);
    sample = sample_;
  }
  packet_->data = const_cast<uint8_t *>(sample.data());  // libavformat only reads packets it is given to write
  packet_->size = static_cast<int>(sample.size());
  packet_->dts = dts;
  packet_->pts = track.audio ? dts : dts + av_rescale_q(in.pts_90k - in.dts_90k, k90k, stream->time_base);
  packet_->duration = duration;
  if (in.key || track.audio) packet_->flags |= AV_PKT_FLAG_KEY;
  const int code = av_write_frame(context_, packet_);
  packet_->data = nullptr;
  packet_->size = 0;
  if (code < 0)
    fail(LTN_E_CORRUPT, "packet of stream " + std::to_string(in.stream_index) + " cannot be put into MP4", code);
  track.lastDts = dts;
  track.nextDts = dts + duration;
}

const std::vector<uint8_t> &Fmp4Muxer::fragment(std::span<const ltn_mux_packet_t> packets) {
  if (broken_) throw MediaError(LTN_E_CORRUPT, "an earlier fragment of this muxer failed half-way: begin a new muxer");
  check(packets);
  out_.clear();
  broken_ = true;  // until this fragment is whole
  // every fragment says its own time: tfdt then follows the packets' times even across a gap
  av_opt_set(context_->priv_data, "movflags", "+frag_discont", 0);
  for (const ltn_mux_packet_t &packet : packets) write(packet);
  const int code = av_write_frame(context_, nullptr);
  if (code < 0) fail(LTN_E_CORRUPT, "fragment cannot be written", code);
  avio_flush(context_->pb);
  broken_ = false;
  return out_;
}

}  // namespace lanthorn::media
