// Cuts bytes into transport packets and finds the sync byte again after anything. Keeps less than three packets.
#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

#include "ts/ts_packet.h"

namespace lanthorn::media {

class TsFramer {
 public:
  template <class OnPacket>
  void push(Bytes bytes, OnPacket &&onPacket) {
    if (kept_.empty()) {
      const size_t used = process(bytes, onPacket);
      kept_.assign(bytes.begin() + static_cast<ptrdiff_t>(used), bytes.end());
      return;
    }
    kept_.insert(kept_.end(), bytes.begin(), bytes.end());
    const size_t used = process(kept_, onPacket);
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<ptrdiff_t>(used));
  }

  // Takes whole packets that were held back for the proof of sync; for the end of a file.
  template <class OnPacket>
  void flush(OnPacket &&onPacket) {
    size_t at = 0;
    while (kept_.size() - at >= kTsPacketBytes && kept_[at] == kTsSyncByte) {
      onPacket(kept_.data() + at);
      at += kTsPacketBytes;
    }
    kept_.clear();
    synced_ = false;
  }

  void reset() {
    kept_.clear();
    synced_ = false;
  }
  uint64_t discardedBytes() const { return discardedBytes_; }
  uint64_t syncLosses() const { return syncLosses_; }

 private:
  // Three sync bytes at a distance of 188 prove a packet start: 0x47 alone is in every payload.
  static constexpr size_t kProofBytes = 2 * kTsPacketBytes + 1;

  template <class OnPacket>
  size_t process(Bytes bytes, OnPacket &&onPacket) {
    size_t at = 0;
    for (;;) {
      if (synced_) {
        while (bytes.size() - at >= kTsPacketBytes && bytes[at] == kTsSyncByte) {
          onPacket(bytes.data() + at);
          at += kTsPacketBytes;
        }
        if (bytes.size() - at < kTsPacketBytes && (at == bytes.size() || bytes[at] == kTsSyncByte)) return at;
        synced_ = false;
        ++syncLosses_;
      }
      while (bytes.size() - at >= kProofBytes && !proven(bytes.data() + at)) {
        const void *hit = std::memchr(bytes.data() + at + 1, kTsSyncByte, bytes.size() - at - 1);
        const size_t next =
            hit == nullptr ? bytes.size() : static_cast<size_t>(static_cast<const uint8_t *>(hit) - bytes.data());
        discardedBytes_ += next - at;
        at = next;
      }
      if (bytes.size() - at < kProofBytes) return at;
      synced_ = true;
    }
  }

  static bool proven(const uint8_t *b) {
    return b[0] == kTsSyncByte && b[kTsPacketBytes] == kTsSyncByte && b[2 * kTsPacketBytes] == kTsSyncByte;
  }

  std::vector<uint8_t> kept_;
  bool synced_ = false;
  uint64_t discardedBytes_ = 0;
  uint64_t syncLosses_ = 0;
};

}  // namespace lanthorn::media
