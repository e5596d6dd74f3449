// Reads rtsp(s):// or a file through libavformat on its own thread into a PacketPublisher; reconnects by itself.
#pragma once
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/packet_publisher.h"

struct AVFormatContext;
struct AVBSFContext;
struct AVPacket;

namespace lanthorn::media {

class StreamSource {
 public:
  StreamSource(std::string url, const std::string &packetRing, const std::string &cameraId, bool loop,
               uint64_t ringBytes);
  ~StreamSource();
  StreamSource(const StreamSource &) = delete;
  StreamSource &operator=(const StreamSource &) = delete;

  void statistics(ltn_demux_statistics_t &out);
  // From any thread, one at a time; reading goes on meanwhile.
  void growRing(uint64_t ringBytes) { ring_->grow(ringBytes); }

 private:
  struct Input {     // one stream of the container
    int index = -1;  // ours; -1: not used
    int64_t lastDts90k = LTN_NO_PTS;
    AVBSFContext *filter = nullptr;
    bool opus = false;
    bool adts = false;
  };

  void run();
  // One connection, or one pass through a file; returns true when a file came to its end.
  bool play();
  void open(AVFormatContext **context);
  void choose(AVFormatContext *context);
  int addStream(AVFormatContext *context, unsigned stream, std::vector<StreamSpec> &specs);
  void take(AVFormatContext *context, AVPacket *packet);
  void publish(const Input &input, AVPacket *packet, UnitTimes times, uint32_t duration90k);
  void pace(int64_t dts90k);
  void sleep(int64_t nanoseconds);
  void fail(const std::string &words);
  void setState(const char *state);
  void closeInputs();
  static int interrupted(void *opaque);

  const std::string url_;
  const bool loop_, live_;
  std::mutex mutex_;  // guards publisher_ and what statistics() reads
  std::condition_variable wake_;
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> deadlineNs_{0};  // for blocking calls of libavformat; 0: none
  RingRecordSink *ring_;                // the publisher's
  PacketPublisher publisher_;
  std::vector<Input> inputs_;
  int64_t offset90k_ = 0;  // added to a file's times: grows by its length at each pass
  int64_t passEnd90k_ = 0;
  int64_t passStart90k_ = LTN_NO_PTS;
  int64_t clockStartNs_ = 0;  // when the first packet of a file was due
  int64_t clockStart90k_ = LTN_NO_PTS;
  bool played_ = false;  // something came out of this connection
  std::string state_ = "waiting", lastError_;
  uint64_t errors_ = 0, packets_ = 0, bytes_ = 0, reconnects_ = 0;
  int64_t lastArrivalNs_ = 0;
  std::thread thread_;
};

}  // namespace lanthorn::media
