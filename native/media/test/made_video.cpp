#include "made_video.hpp"

#include <doctest/doctest.h>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
}

namespace lanthorn::media::test {

std::vector<Buffer> madeVideo(const std::string &encoder, int widthPx, int heightPx, int frames, int keyInterval) {
  const AVCodec *codec = avcodec_find_encoder_by_name(encoder.c_str());
  REQUIRE(codec != nullptr);
  AVCodecContext *context = avcodec_alloc_context3(codec);
  context->width = widthPx;
  context->height = heightPx;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = {1, 25};
  context->gop_size = keyInterval;
  context->max_b_frames = 0;
  context->thread_count = 1;
  av_opt_set(context->priv_data, "preset", "ultrafast", 0);
  av_opt_set(context->priv_data, "tune", "zerolatency", 0);
  av_opt_set(context->priv_data, "x265-params", "log-level=none:pools=none", 0);
  REQUIRE(avcodec_open2(context, codec, nullptr) == 0);
  AVFrame *frame = av_frame_alloc();
  frame->format = context->pix_fmt;
  frame->width = widthPx;
  frame->height = heightPx;
  REQUIRE(av_frame_get_buffer(frame, 0) == 0);
  AVPacket *packet = av_packet_alloc();
  std::vector<Buffer> units;
  for (int i = 0; i <= frames; i++) {
    if (i < frames) {
      REQUIRE(av_frame_make_writable(frame) == 0);
      for (int plane = 0; plane < 3; plane++) {
        const int rows = plane == 0 ? heightPx : heightPx / 2, columns = plane == 0 ? widthPx : widthPx / 2;
        for (int y = 0; y < rows; y++) {
          for (int x = 0; x < columns; x++)
            frame->data[plane][y * frame->linesize[plane] + x] =
                static_cast<uint8_t>(x * 3 + y * 2 + i * 5 + plane * 40);
        }
      }
      frame->pts = i;
    }
    avcodec_send_frame(context, i < frames ? frame : nullptr);
    while (avcodec_receive_packet(context, packet) == 0) {
      units.emplace_back(packet->data, packet->data + packet->size);
      av_packet_unref(packet);
    }
  }
  av_packet_free(&packet);
  av_frame_free(&frame);
  avcodec_free_context(&context);
  REQUIRE(units.size() == static_cast<size_t>(frames));
  return units;
}

Buffer madeTs(const std::vector<Buffer> &units, uint8_t streamType) {
  TsWriter ts;
  Buffer stream = ts.pat({{1, kPmtPid}});
  append(stream, ts.pmt(kPmtPid, 1, {{streamType, kVideoPid}}));
  uint64_t pts = 90'000;
  for (const Buffer &unit : units) {
    append(stream, ts.packets(kVideoPid, TsWriter::pes(0xE0, pts, unit, false)));
    pts += 3600;
  }
  return stream;
}

}  // namespace lanthorn::media::test
