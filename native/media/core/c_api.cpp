// The C line: forwards, locks where the header promises thread safety, and turns exceptions into statuses.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <string>

#include "codec/decoder.h"
#include "codec/fmp4_muxer.h"
#include "lanthorn/media.h"
#include "media_error.h"
#include "mono_time.h"
#include "picture/picture.h"
#include "pipeline/stream_source.h"
#include "sensors/sensor_decoder.h"
#include "ts/ts_demuxer.h"

using namespace lanthorn::media;

namespace {

thread_local std::string lastError = "no error";

template <class Work>
ltn_status_e guard(Work &&work) noexcept {
  try {
    work();
    return LTN_OK;
  } catch (const MediaError &error) {
    lastError = error.what();
    return error.status();
  } catch (const std::bad_alloc &) {
    lastError = "out of memory";
  } catch (const std::exception &error) {
    lastError = error.what();
  }
  return LTN_E_SYSTEM;
}

void require(bool condition, const char *expectation) {
  if (!condition) throw MediaError(LTN_E_INVALID_ARGUMENT, expectation);
}

// What a sink points at: lives as long as the demuxer or any transport refers to it.
struct Inlet {
  std::atomic<int> references{1};
  std::mutex mutex;                            // a transport's thread pushes while JavaScript asks for statistics
  std::unique_ptr<PacketPublisher> publisher;  // null once closed: pushes then do nothing
  RingRecordSink *ring = nullptr;              // the publisher's
  std::unique_ptr<TsDemuxer> demuxer;
  ltn_demux_statistics_t last{};
  ltn_byte_sink_t sink{};

  void push(Bytes bytes, int64_t arrivalMonoNs) {
    std::lock_guard lock(mutex);
    if (demuxer) demuxer->push(bytes, arrivalMonoNs);
  }
  void discontinuity() {
    std::lock_guard lock(mutex);
    if (demuxer) demuxer->discontinuity();
  }
  void release() {
    if (references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
};

Inlet *inletOf(void *context) { return static_cast<Inlet *>(context); }

// A foreign thread may not see an exception either: the only one possible is out of memory, which loses these bytes.
template <class Work>
void quietly(Work &&work) noexcept {
  try {
    work();
  } catch (...) {
  }
}

}  // namespace

struct ltn_ts_demuxer {
  Inlet *inlet;
};
struct ltn_stream_source {
  StreamSource core;
};
struct ltn_decoder {
  Decoder core;
};
struct ltn_sensor_decoder {
  SensorDecoder core;
};
struct ltn_fmp4_muxer {
  Fmp4Muxer core;
};

extern "C" {

const char *ltn_media_last_error(void) { return lastError.c_str(); }

ltn_status_e ltn_ts_demuxer_open(const char *packet_ring, const char *camera_id, uint64_t ring_bytes,
                                 ltn_ts_demuxer_h **out) {
  return guard([&] {
    require(packet_ring != nullptr && camera_id != nullptr && out != nullptr,
            "expected packet_ring, camera_id and out");
    auto inlet = std::make_unique<Inlet>();
    auto ring = std::make_unique<RingRecordSink>(packet_ring, ring_bytes == 0 ? kPacketRingBytes : ring_bytes);
    inlet->ring = ring.get();
    inlet->publisher = std::make_unique<PacketPublisher>(camera_id, std::move(ring), wallMinusMonoNs);
    inlet->demuxer = std::make_unique<TsDemuxer>(*inlet->publisher);
    inlet->sink.context = inlet.get();
    inlet->sink.push = [](void *c, const uint8_t *b, size_t n, int64_t t) {
      quietly([&] { inletOf(c)->push({b, n}, t); });
    };
    inlet->sink.discontinuity = [](void *c) { quietly([&] { inletOf(c)->discontinuity(); }); };
    inlet->sink.retain = [](void *c) { inletOf(c)->references.fetch_add(1, std::memory_order_relaxed); };
    inlet->sink.release = [](void *c) { inletOf(c)->release(); };
    *out = new ltn_ts_demuxer{inlet.get()};
    inlet.release();
  });
}

ltn_status_e ltn_ts_demuxer_grow_ring(ltn_ts_demuxer_h *d, uint64_t ring_bytes) {
  return guard([&] { d->inlet->ring->grow(ring_bytes); });  // without the mutex: pushes go on
}

ltn_byte_sink_t *ltn_ts_demuxer_sink(ltn_ts_demuxer_h *d) { return &d->inlet->sink; }

void ltn_ts_demuxer_push(ltn_ts_demuxer_h *d, const uint8_t *bytes, size_t count, int64_t arrival_mono_ns) {
  quietly([&] { d->inlet->push({bytes, count}, arrival_mono_ns); });
}

void ltn_ts_demuxer_discontinuity(ltn_ts_demuxer_h *d) {
  quietly([&] { d->inlet->discontinuity(); });
}

void ltn_ts_demuxer_flush(ltn_ts_demuxer_h *d) {
  quietly([&] {
    std::lock_guard lock(d->inlet->mutex);
    if (d->inlet->demuxer) d->inlet->demuxer->flush();
  });
}

void ltn_ts_demuxer_statistics(ltn_ts_demuxer_h *d, ltn_demux_statistics_t *out) {
  std::lock_guard lock(d->inlet->mutex);
  *out = {};
  if (!d->inlet->demuxer) {
    *out = d->inlet->last;
    return;
  }
  d->inlet->publisher->addStatistics(*out);
  d->inlet->ring->addStatistics(*out);
  d->inlet->demuxer->addStatistics(*out);
}

void ltn_ts_demuxer_close(ltn_ts_demuxer_h *d) {
  if (d == nullptr) return;
  {
    std::lock_guard lock(d->inlet->mutex);
    d->inlet->demuxer.reset();
    d->inlet->publisher.reset();  // closes the ring
  }
  d->inlet->release();
  delete d;
}

ltn_status_e ltn_stream_source_open(const char *url, const char *packet_ring, const char *camera_id, int loop,
                                    uint64_t ring_bytes, ltn_stream_source_h **out) {
  return guard([&] {
    require(url != nullptr && *url != 0 && packet_ring != nullptr && camera_id != nullptr && out != nullptr,
            "expected url, packet_ring, camera_id and out");
    *out = new ltn_stream_source{{url, packet_ring, camera_id, loop != 0, ring_bytes}};
  });
}

ltn_status_e ltn_stream_source_grow_ring(ltn_stream_source_h *s, uint64_t ring_bytes) {
  return guard([&] { s->core.growRing(ring_bytes); });
}

void ltn_stream_source_statistics(ltn_stream_source_h *s, ltn_demux_statistics_t *out) { s->core.statistics(*out); }

void ltn_stream_source_close(ltn_stream_source_h *s) { delete s; }

ltn_status_e ltn_decoder_open(const char *packet_ring, const char *frame_ring, uint32_t threads, ltn_decoder_h **out) {
  return guard([&] {
    require(packet_ring != nullptr && *packet_ring != 0 && frame_ring != nullptr && *frame_ring != 0 && out != nullptr,
            "expected packet_ring, frame_ring and out");
    *out = new ltn_decoder{{packet_ring, frame_ring, threads}};
  });
}

ltn_status_e ltn_decoder_set_demand(ltn_decoder_h *d, uint32_t demand, double max_fps) {
  return guard([&] { d->core.setDemand(demand, max_fps); });
}

void ltn_decoder_statistics(ltn_decoder_h *d, ltn_decoder_statistics_t *out) { d->core.statistics(*out); }

void ltn_decoder_close(ltn_decoder_h *d) { delete d; }

ltn_status_e ltn_sensor_decoder_open(const char *camera_id, const char *packet_ring, const char *audio_ring,
                                     const char *imu_ring, ltn_sensor_decoder_h **out) {
  return guard([&] {
    for (const char *text : {camera_id, packet_ring, audio_ring, imu_ring})
      require(text != nullptr && *text != 0, "expected camera_id, packet_ring, audio_ring and imu_ring");
    require(out != nullptr, "expected out");
    *out = new ltn_sensor_decoder{SensorDecoder::Names{camera_id, packet_ring, audio_ring, imu_ring}};
  });
}

void ltn_sensor_decoder_statistics(ltn_sensor_decoder_h *d, ltn_sensor_statistics_t *out) { d->core.statistics(*out); }

void ltn_sensor_decoder_close(ltn_sensor_decoder_h *d) { delete d; }

ltn_status_e ltn_fmp4_muxer_open(const ltn_stream_t *streams, size_t count, ltn_fmp4_muxer_h **out) {
  return guard([&] {
    require(out != nullptr && (streams != nullptr || count == 0), "expected streams and out");
    *out = new ltn_fmp4_muxer{Fmp4Muxer({streams, count})};
  });
}

ltn_status_e ltn_fmp4_muxer_init_segment(ltn_fmp4_muxer_h *m, const uint8_t **bytes, size_t *count) {
  *bytes = m->core.initSegment().data();
  *count = m->core.initSegment().size();
  return LTN_OK;
}

ltn_status_e ltn_fmp4_muxer_fragment(ltn_fmp4_muxer_h *m, const ltn_mux_packet_t *packets, size_t count,
                                     const uint8_t **bytes, size_t *bytes_count) {
  return guard([&] {
    const std::vector<uint8_t> &fragment = m->core.fragment({packets, count});
    *bytes = fragment.data();
    *bytes_count = fragment.size();
  });
}

void ltn_fmp4_muxer_close(ltn_fmp4_muxer_h *m) { delete m; }

ltn_status_e ltn_frame_to_rgb(const ltn_frame_t *frame, const uint8_t *bytes, size_t bytes_count, ltn_region_t region,
                              uint32_t width_px, uint32_t height_px, uint8_t *rgb, size_t rgb_bytes) {
  return guard([&] {
    require(width_px > 0 && height_px > 0 && width_px <= 16384 && height_px <= 16384,
            "expected widthPx and heightPx of 1 to 16384");
    require(rgb_bytes >= size_t{width_px} * height_px * 3, "expected out to hold widthPx * heightPx * 3 bytes");
    const Picture picture(*frame, {bytes, bytes_count}, region);
    const int width = static_cast<int>(width_px), height = static_cast<int>(height_px);
    if (picture.widthPx == width && picture.heightPx == height) return pictureToRgb(picture, rgb, width * 3);
    pictureToRgb(picture.scaled(width, height), rgb, width * 3);
  });
}

ltn_status_e ltn_encode_jpeg(const ltn_frame_t *frame, const uint8_t *bytes, size_t bytes_count, ltn_region_t region,
                             uint32_t max_width_px, uint32_t quality_pct, uint8_t **jpeg, size_t *jpeg_bytes) {
  return guard([&] {
    require(quality_pct >= 1 && quality_pct <= 100, "expected qualityPct of 1 to 100");
    const Picture picture(*frame, {bytes, bytes_count}, region);
    std::vector<uint8_t> encoded;
    if (max_width_px == 0 || picture.widthPx <= static_cast<int>(max_width_px)) {
      encoded = pictureToJpeg(picture, static_cast<int>(quality_pct));
    } else {
      const int64_t height = (int64_t{picture.heightPx} * max_width_px + picture.widthPx / 2) / picture.widthPx;
      encoded = pictureToJpeg(picture.scaled(static_cast<int>(max_width_px), height < 1 ? 1 : static_cast<int>(height)),
                              static_cast<int>(quality_pct));
    }
    *jpeg = static_cast<uint8_t *>(std::malloc(encoded.size()));
    if (*jpeg == nullptr) throw std::bad_alloc();
    std::memcpy(*jpeg, encoded.data(), encoded.size());
    *jpeg_bytes = encoded.size();
  });
}

void ltn_jpeg_free(uint8_t *jpeg) { std::free(jpeg); }

}  // extern "C"
