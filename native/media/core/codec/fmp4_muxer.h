// Fragmented MP4 in memory on libavformat's mov muxer: an init segment and one moof + mdat a call.
// Why these flags: docs/design/media.md#muxer. Tested: test/fmp4-muxer.test.ts (ffprobe).
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "lanthorn/media.h"

struct AVFormatContext;
struct AVPacket;

namespace lanthorn::media {

class Fmp4Muxer {
 public:
  explicit Fmp4Muxer(std::span<const ltn_stream_t> streams);
  ~Fmp4Muxer();
  Fmp4Muxer(const Fmp4Muxer &) = delete;
  Fmp4Muxer &operator=(const Fmp4Muxer &) = delete;

  const std::vector<uint8_t> &initSegment() const { return init_; }
  // Valid until the next call.
  const std::vector<uint8_t> &fragment(std::span<const ltn_mux_packet_t> packets);

 private:
  struct Track {
    uint32_t streamIndex = 0;
    bool audio = false;
    int64_t nextDts = INT64_MIN;  // in the track's time base: where the last sample ended
    int64_t lastDts = INT64_MIN;
  };

  static int collect(void *opaque, uint8_t *bytes, int count);
  void addStream(const ltn_stream_t &stream);
  void check(std::span<const ltn_mux_packet_t> packets);
  void write(const ltn_mux_packet_t &packet);
  size_t trackOf(uint32_t streamIndex) const;
  void free();

  AVFormatContext *context_ = nullptr;
  AVPacket *packet_ = nullptr;
  std::vector<Track> tracks_;
  bool broken_ = false;
  std::vector<uint8_t> sample_;
  std::vector<uint8_t> out_;
  std::vector<uint8_t> init_;
};

}  // namespace lanthorn::media
