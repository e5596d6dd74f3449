// Where records go: a byte ring, or a list in tests.
#pragma once
#include <string>

#include "lanthorn/media.h"
#include "lanthorn/rings.h"
#include "media_error.h"

namespace lanthorn::media {

class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual bool describe(const std::string &json) = 0;
  virtual bool append(ltn_record_t &record, const uint8_t *payload) = 0;
};

/** Of a packet ring unless its owner says otherwise: 33 s of 4 Mbit/s. */
constexpr uint64_t kPacketRingBytes = 16u << 20;

class RingRecordSink final : public RecordSink {
 public:
  explicit RingRecordSink(const std::string &name, uint64_t capacityBytes = kPacketRingBytes) {
    requireRing(ltn_byte_writer_open(name.c_str(), capacityBytes, &writer_), "ring " + name);
  }
  ~RingRecordSink() override { ltn_byte_writer_close(writer_); }
  RingRecordSink(const RingRecordSink &) = delete;
  RingRecordSink &operator=(const RingRecordSink &) = delete;

  // From another thread than append's; append goes on meanwhile.
  void grow(uint64_t capacityBytes) { requireRing(ltn_byte_writer_grow(writer_, capacityBytes), "ring"); }
  void addStatistics(ltn_demux_statistics_t &out) const {
    ltn_extent_t extent{};
    ltn_byte_writer_extent(writer_, &extent);
    out.ring_bytes = extent.capacity_bytes;
    out.ring_head_bytes = extent.head_bytes;
    out.ring_tail_bytes = extent.tail_bytes;
  }

  bool describe(const std::string &json) override {
    return ltn_byte_writer_describe(writer_, json.data(), json.size()) == LTN_OK;
  }
  bool append(ltn_record_t &record, const uint8_t *payload) override {
    return ltn_byte_writer_append(writer_, &record, payload) == LTN_OK;
  }

 private:
  ltn_byte_writer_h *writer_ = nullptr;
};

}  // namespace lanthorn::media
