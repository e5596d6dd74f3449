// Programme tables of MPEG-TS: sections, PAT, PMT. Source: ISO/IEC 13818-1 §2.4.4.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "bitstream/annex_b.h"

namespace lanthorn::media {

// What a stream of a programme carries, as far as we can use it.
enum class StreamKind { h264, hevc, aacAdts, opus, klv, privateData, unsupported };

struct PmtStream {
  uint16_t pid = 0;
  uint8_t streamType = 0;
  StreamKind kind = StreamKind::unsupported;
  uint32_t opusChannels = 0;
  bool operator==(const PmtStream &) const = default;
};

struct Pmt {
  uint16_t programNumber = 0;
  std::vector<PmtStream> streams;
  bool hasVideo() const;
  bool hasAnything() const;
};

struct PatEntry {
  uint16_t programNumber = 0;
  uint16_t pmtPid = 0;
};

uint32_t mpegCrc32(Bytes bytes);

// A section with a right checksum, from table_id to before the CRC; nothing when it is broken.
bool sectionIsWhole(Bytes section);
std::optional<std::vector<PatEntry>> parsePat(Bytes section);
std::optional<Pmt> parsePmt(Bytes section);

// Puts sections together from the payloads of one PID. Bounded: one section (1,024 bytes, §2.4.4.1).
class SectionAssembler {
 public:
  template <class OnSection>
  void push(Bytes payload, bool start, OnSection &&onSection) {
    if (start) {
      if (payload.empty()) return;
      const size_t pointer = payload[0];
      if (1 + pointer > payload.size()) return reset();
      if (!section_.empty()) take(payload.subspan(1, pointer), onSection);
      section_.clear();
      active_ = true;
      payload = payload.subspan(1 + pointer);
    }
    if (active_) take(payload, onSection);
  }
  void reset() {
    section_.clear();
    active_ = false;
  }

 private:
  static constexpr size_t kMaxSectionBytes = 1024;

  template <class OnSection>
  void take(Bytes bytes, OnSection &&onSection) {
    while (!bytes.empty() && active_) {
      if (section_.empty() && bytes[0] == 0xFF) return reset();  // stuffing after the last section
      const size_t want = wanted();
      const size_t count = want - section_.size() < bytes.size() ? want - section_.size() : bytes.size();
      section_.insert(section_.end(), bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(count));
      bytes = bytes.subspan(count);
      if (section_.size() >= 3 && section_.size() == wanted()) {
        if (section_.size() > 3) onSection(Bytes(section_));
        section_.clear();
      } else if (wanted() > kMaxSectionBytes) {
        return reset();
      }
    }
  }
  size_t wanted() const { return section_.size() < 3 ? 3 : 3 + (((section_[1] & 0x0Fu) << 8) | section_[2]); }

  std::vector<uint8_t> section_;
  bool active_ = false;
};

}  // namespace lanthorn::media
