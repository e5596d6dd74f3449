// Writes units of a programme to the packet ring: description, stream indexes, times, gating until parameters are
// known. Does: everything that is the same for MPEG-TS and libavformat. Does not: parse containers. Not thread-safe:
// callers lock.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bitstream/audio_format.h"
#include "bitstream/video_track.h"
#include "lanthorn/media.h"
#include "pipeline/capture_clock.h"
#include "pipeline/record_sink.h"

namespace lanthorn::media {

// What a programme contains; the order gives the stream indexes.
struct StreamSpec {
  enum class Type { video, audio, data } type = Type::data;
  VideoCodec video = VideoCodec::h264;
  const char *data = "bin_data";
  bool operator==(const StreamSpec &) const = default;
};

struct UnitTimes {
  int64_t pts90k = LTN_NO_PTS;
  int64_t dts90k = LTN_NO_PTS;  // NO_PTS: as pts
  int64_t arrivalMonoNs = 0;
};

class PacketPublisher {
 public:
  using WallOffset = std::function<int64_t()>;  // CLOCK_REALTIME - CLOCK_MONOTONIC, ns

  PacketPublisher(std::string cameraId, std::unique_ptr<RecordSink> sink, WallOffset wallOffset);

  // A new programme layout. Tracks at the same index with the same spec keep what they know.
  void setStreams(const std::vector<StreamSpec> &specs);
  VideoTrack *videoTrack(uint32_t index);

  void video(uint32_t index, Bytes accessUnit, UnitTimes times, bool damaged);
  void audioFormat(uint32_t index, const AudioFormat &format);
  void audio(uint32_t index, Bytes frame, UnitTimes times, uint32_t duration90k);
  void data(uint32_t index, Bytes bytes, UnitTimes times);

  // What follows does not continue what came before.
  void discontinuity();

  // Fills the counters that are known here.
  void addStatistics(ltn_demux_statistics_t &out) const;

 private:
  struct Stream {
    StreamSpec spec;
    std::unique_ptr<VideoTrack> video;
    std::unique_ptr<AudioFormat> audio;
    bool described = false;
    bool discontinuity = true;  // the next record starts a time line
    int64_t lastDts90k = LTN_NO_PTS;
    int64_t lastArrivalNs = 0;
    uint32_t duration90k = 0;  // of video: distance of the last access units
  };
  struct Held {
    ltn_record_t record;
    std::vector<uint8_t> payload;
  };

  // While the first description waits for the audio parameters: at most this long, and this many bytes.
  static constexpr int64_t kHoldNs = 1'000'000'000;
  static constexpr size_t kHoldBytes = 4u << 20;
  static constexpr int64_t kJumpNs = 10'000'000'000;  // a step of the time line beyond this is a new one

  bool known(const Stream &s) const;
  bool jumped(const Stream &s, const UnitTimes &times) const;
  void emit(uint32_t index, UnitTimes times, uint32_t type, bool key, uint32_t duration90k, Bytes payload);
  void describe();
  void write(Held &held);
  void release(int64_t arrivalMonoNs, bool force);
  void measureFps(int64_t dts90k);

  std::string cameraId_;
  std::unique_ptr<RecordSink> sink_;
  WallOffset wallOffset_;
  CaptureClock clock_;
  std::vector<Stream> streams_;
  std::vector<uint8_t> scratch_;
  std::deque<Held> held_;
  size_t heldBytes_ = 0;
  int64_t heldSinceNs_ = 0;
  bool started_ = false;  // the first description is out
  std::string description_;
  uint64_t descriptionVersion_ = 0;
  uint64_t records_ = 0, videoPackets_ = 0, audioPackets_ = 0, dataPackets_ = 0, keyFrames_ = 0, dropped_ = 0,
           discontinuities_ = 0;
  int64_t lastVideoArrivalNs_ = 0;
  std::deque<int64_t> recentDts_;
  double fps_ = 0;
};

}  // namespace lanthorn::media
