// Coded sound of a packet ring → PCM records. Rules: docs/design/media.md#sensors. Not thread-safe.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/record_sink.h"
#include "pipeline/ring_description.h"
#include "sensors/imu_track.h"

struct AVCodecContext;
struct AVFrame;
struct AVPacket;

namespace lanthorn::media {

class SoundTrack {
 public:
  struct Counts {
    uint64_t packets = 0;
    uint64_t records = 0;
    uint64_t samples = 0;  // of each channel
    uint64_t gaps = 0;     // places where samples are missing or the time line began anew
    uint64_t errors = 0;   // packets libavcodec refused, or frames of a kind we cannot write
    uint32_t sampleRateHz = 0;
    uint32_t channels = 0;
  };

  SoundTrack(std::string cameraId, OpenRing openRing);
  ~SoundTrack();
  SoundTrack(const SoundTrack &) = delete;
  SoundTrack &operator=(const SoundTrack &) = delete;

  // The stream that packets are of from now on; the codec is made anew when it changed. Throws MediaError.
  void setStream(const DescribedSound &stream);
  // What follows does not continue what came before.
  void interrupt();
  // Takes a packet of the stream. Throws MediaError when there is no ring.
  void take(const ltn_record_t &record, Bytes payload);

  const Counts &counts() const { return counts_; }
  // libavcodec's words for the last error; empty when there was none.
  const std::string &lastError() const { return lastError_; }

 private:
  static constexpr int kMaxChannels = 8;

  void openCodec();
  void publish(const ltn_record_t &packet);
  bool convert();
  void prepareRing(uint32_t sampleRateHz, uint32_t channels);
  void fail(std::string words);

  const std::string cameraId_;
  const OpenRing openRing_;
  std::optional<DescribedSound> stream_;
  AVCodecContext *context_ = nullptr;
  AVFrame *frame_ = nullptr;
  AVPacket *packet_ = nullptr;
  std::unique_ptr<RecordSink> ring_;
  uint64_t capacityBytes_ = 0;
  std::vector<int16_t> pcm_;
  bool anchored_ = false;  // samples since the anchor follow one another without a gap
  bool begun_ = false;     // a record was written
  int64_t anchorPts90k_ = 0;
  uint64_t samplesSinceAnchor_ = 0;
  int64_t newestCaptureNs_ = INT64_MIN;
  Counts counts_;
  std::string lastError_;
};

}  // namespace lanthorn::media
