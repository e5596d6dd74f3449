// AAC in ADTS (ISO/IEC 13818-7 §6.2) → raw frames and an AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1).
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "bitstream/annex_b.h"
#include "bitstream/audio_format.h"

namespace lanthorn::media {

constexpr uint32_t kAacSamplesPerFrame = 1024;

struct AdtsHeader {
  uint32_t headerBytes = 0;
  uint32_t frameBytes = 0;  // with header
  uint32_t sampleRateHz = 0;
  uint32_t channels = 0;
  AudioFormat format() const;
  uint8_t objectType = 0;
  uint8_t rateIndex = 0;
};

std::optional<AdtsHeader> parseAdtsHeader(Bytes bytes);

// AudioSpecificConfig → format; nothing when it is not AAC that we can name.
std::optional<AudioFormat> formatOfAudioSpecificConfig(Bytes config);

// Cuts a byte stream into ADTS frames; a frame may span two pushes. Bounded: one frame (8 KiB) is kept.
class AdtsFramer {
 public:
  // Calls onFrame(header, rawFrame, startedBefore) for each whole frame; startedBefore: it began in an earlier push.
  template <class OnFrame>
  void push(Bytes bytes, OnFrame &&onFrame) {
    const size_t before = kept_.size();
    kept_.insert(kept_.end(), bytes.begin(), bytes.end());
    size_t at = 0;
    while (kept_.size() - at >= 7) {
      const Bytes rest = Bytes(kept_).subspan(at);
      const std::optional<AdtsHeader> header = parseAdtsHeader(rest);
      if (!header) {
        ++at;
        ++skippedBytes_;
        continue;
      }
      if (header->frameBytes > rest.size()) break;
      onFrame(*header, rest.subspan(header->headerBytes, header->frameBytes - header->headerBytes), at < before);
      at += header->frameBytes;
    }
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<ptrdiff_t>(at));
  }
  void reset() { kept_.clear(); }
  uint64_t skippedBytes() const { return skippedBytes_; }

 private:
  std::vector<uint8_t> kept_;
  uint64_t skippedBytes_ = 0;
};

}  // namespace lanthorn::media
