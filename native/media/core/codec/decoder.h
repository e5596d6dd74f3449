// Decodes the video of a packet ring into a frame ring, on its own thread. Rules: docs/design/media.md#decoding.
#pragma once
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "codec/frame_ring.h"
#include "lanthorn/media.h"
#include "pipeline/followed_ring.h"
#include "pipeline/ring_description.h"

struct AVCodecContext;
struct AVFrame;
struct AVPacket;

namespace lanthorn::media {

class Decoder {
 public:
  Decoder(std::string packetRing, std::string frameRing, uint32_t threads);
  ~Decoder();
  Decoder(const Decoder &) = delete;
  Decoder &operator=(const Decoder &) = delete;

  void setDemand(uint32_t demand, double maxFps);  // demand: one of ltn_demand_e
  void statistics(ltn_decoder_statistics_t &out);

 private:
  struct Origin {  // of a frame: the record it was made from
    uint64_t sequence = 0;
    int64_t captureMonoNs = 0, captureWallUs = 0, arrivalMonoNs = 0, pts90k = 0;
    bool due = true;
  };
  static constexpr size_t kOrigins = 64;  // more than any decoder delays: H.264 and H.265 hold back at most 16

  // thread and ring
  void run();
  bool attach();
  void detach();
  void pause(int milliseconds);
  void readOnce();
  void takeRecord(const ltn_record_t &record);
  bool readDescription();
  void seekToNewestKey();
  void leaveBacklog(uint64_t currentSequence, int64_t arrivalMonoNs);
  void applyDemand();

  // codec
  void openCodec();
  void closeCodec();
  void decode(const ltn_record_t &record);
  void receive();
  void drain();
  void take(AVFrame *frame);
  void publish(AVFrame *frame);
  void describeFrame(const AVFrame *frame, const Origin &origin, ltn_frame_t &out) const;
  bool due(const ltn_record_t &record);
  static int getBuffer(AVCodecContext *context, AVFrame *frame, int flags);
  bool provideSlot(AVCodecContext *context, AVFrame *frame);
  void rebuildRing();
  std::shared_ptr<FrameRing> openRing(uint32_t held, size_t slotBytes);

  void fail(const std::string &words);
  void setState(const char *state);

  FollowedRing packets_;
  const std::string packetRing_, frameRingName_;
  const uint32_t threads_;

  std::mutex mutex_;  // guards wake_ and statistics_
  std::condition_variable wake_;
  std::atomic<bool> stop_{false};
  std::atomic<uint32_t> demand_{LTN_DEMAND_ALL};
  std::atomic<double> maxFps_{0};
  uint32_t appliedDemand_ = LTN_DEMAND_ALL;
  std::optional<DescribedVideo> video_;
  uint32_t descriptionVersion_ = 0;

  AVCodecContext *context_ = nullptr;
  AVFrame *frame_ = nullptr, *pending_ = nullptr;  // pending_: the newest frame while catching up
  AVPacket *packet_ = nullptr;
  std::mutex ringMutex_;  // ring_ is replaced by the decoder's thread and used by libavcodec's
  std::shared_ptr<FrameRing> ring_;
  std::optional<SlotLayout> wantedLayout_;  // a picture that did not fit the ring
  bool ringRefused_ = false;

  std::array<Origin, kOrigins> origins_{};
  bool needKey_ = true;
  bool catchingUp_ = false;
  int64_t catchUpUntilNs_ = 0;
  uint64_t lastPublishedSource_ = 0;
  int64_t nextDueNs_ = INT64_MIN;
  int64_t lastBacklogCheckNs_ = 0;
  std::deque<int64_t> publishTimes_;

  ltn_decoder_statistics_t statistics_{};
  std::thread thread_;
};

}  // namespace lanthorn::media
