// Packetized elementary stream: puts PES packets together. Source: ISO/IEC 13818-1 §2.4.3.6.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "ts/ts_packet.h"

namespace lanthorn::media {

struct PesPacket {
  std::optional<uint64_t> pts33;  // 33 bits, 90 kHz
  std::optional<uint64_t> dts33;
  bool damaged = false;       // bytes are missing
  int64_t arrivalMonoNs = 0;  // of its last byte
  Bytes data;                 // valid during the call
};

// Reads the header of a whole PES packet; nothing when it is not one.
std::optional<PesPacket> parsePes(Bytes pes);

/**
 * One stream's PES packets. A packet ends (a) when its length says so, (b) where a packet of unknown length (video) is
 * followed by the next start, or (c) at a transport packet with stuffing: a multiplexer stuffs only to end a PES packet
 * (§2.4.3.5), so waiting for the next start would add a whole frame time. (c) is trusted only after the stream kept to
 * it kProofUnits times, and is given up (for twice as long each time) when the stream breaks it.
 */
class PesAssembler {
 public:
  explicit PesAssembler(size_t maxBytes) : maxBytes_(maxBytes) {}

  // packet.payload of this PID in order; gap: packets are missing before it.
  template <class OnPes>
  void push(const TsPacket &packet, bool gap, int64_t arrivalMonoNs, OnPes &&onPes) {
    if (packet.start) {
      observeEnd();
      finish(onPes);
      begin();
    } else if (!active_) {
      if (endedByStuffing_ && !gap) breakTrust();
      endedByStuffing_ = false;
      return;
    } else if (lastStuffed_ && !gap) {
      breakTrust();  // stuffing in the middle of a PES packet
    }
    if (gap && !packet.start) damaged_ = true;
    if (bytes_.size() + packet.payload.size() > maxBytes_) {
      ++oversized_;
      active_ = false;
      bytes_.clear();
      return;
    }
    bytes_.insert(bytes_.end(), packet.payload.begin(), packet.payload.end());
    lastStuffed_ = packet.stuffed;
    arrivalMonoNs_ = arrivalMonoNs;
    if (expected_ == 0 && bytes_.size() >= 6) {
      const size_t length = (size_t{bytes_[4]} << 8) | bytes_[5];
      expected_ = length == 0 ? kUnbounded : 6 + length;
    }
    if (expected_ == kUnbounded) {
      if (packet.stuffed && provenUnits_ >= neededUnits_) {
        endedByStuffing_ = true;
        finish(onPes);
      }
    } else if (expected_ != 0 && bytes_.size() >= expected_) {
      bytes_.resize(expected_);
      finish(onPes);
    }
  }

  // Emits what is there, as the next start would.
  template <class OnPes>
  void finish(OnPes &&onPes) {
    if (!active_) return;
    active_ = false;
    std::optional<PesPacket> pes = parsePes(bytes_);
    if (pes) {
      pes->arrivalMonoNs = arrivalMonoNs_;
      pes->damaged = damaged_ || (expected_ != 0 && expected_ != kUnbounded && bytes_.size() < expected_);
      onPes(*pes);
    } else {
      ++broken_;
    }
    bytes_.clear();
  }

  void reset() {
    active_ = endedByStuffing_ = false;
    bytes_.clear();
  }

  uint64_t splitUnits() const { return splitUnits_; }
  uint64_t dropped() const { return oversized_ + broken_; }

 private:
  static constexpr size_t kUnbounded = SIZE_MAX;
  static constexpr uint32_t kProofUnits = 8;
  static constexpr uint32_t kMaxProofUnits = 1u << 20;

  void begin() {
    active_ = true;
    damaged_ = lastStuffed_ = endedByStuffing_ = false;
    expected_ = 0;
    bytes_.clear();
  }
  void observeEnd() {
    if (active_ && expected_ == kUnbounded && lastStuffed_ && !damaged_ && provenUnits_ < neededUnits_) ++provenUnits_;
  }
  void breakTrust() {
    if (endedByStuffing_) ++splitUnits_;
    provenUnits_ = 0;
    lastStuffed_ = false;
    neededUnits_ = neededUnits_ < kMaxProofUnits ? neededUnits_ * 2 : kMaxProofUnits;
  }

  size_t maxBytes_;
  int64_t arrivalMonoNs_ = 0;
  std::vector<uint8_t> bytes_;
  size_t expected_ = 0;  // 0: not yet known
  bool active_ = false;
  bool damaged_ = false;
  bool lastStuffed_ = false;
  bool endedByStuffing_ = false;
  uint32_t provenUnits_ = 0;
  uint32_t neededUnits_ = kProofUnits;
  uint64_t splitUnits_ = 0;
  uint64_t oversized_ = 0;
  uint64_t broken_ = 0;
};

}  // namespace lanthorn::media
