// Looks through access units of one video stream: key frames, parameter sets, picture size.
// Does: remember parameter sets and put them before key frames that lack them. Does not: decode. Tested:
// test/video_track_test.cpp.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "bitstream/annex_b.h"
#include "bitstream/sps.h"

namespace lanthorn::media {

class VideoTrack {
 public:
  explicit VideoTrack(VideoCodec codec) : codec_(codec) {}

  struct Unit {
    bool key = false;      // decoding may start here
    bool picture = false;  // holds at least one slice
    bool parametersChanged = false;
  };

  // Appends the access unit to `out` (cleared first), with remembered parameter sets in front of a key frame that lacks
  // them. damaged: bytes are missing; parameter sets in it are not believed unless there are none yet.
  Unit process(Bytes accessUnit, bool damaged, std::vector<uint8_t> &out);

  // Learns from parameter sets given outside the stream (SDP, container).
  void learn(Bytes annexB);

  VideoCodec codec() const { return codec_; }
  bool known() const { return sps_.has_value() && !extradata_.empty(); }
  const Sps &sps() const { return *sps_; }
  const std::vector<uint8_t> &extradata() const { return extradata_; }  // Annex B, 4-byte start codes

 private:
  using Sets = std::map<uint32_t, std::vector<uint8_t>>;  // by id; the standards bound the ids, kMaxSetBytes the sizes
  enum class Role { slice, keySlice, vps, sps, pps, delimiter, recovery, other };

  Role roleOf(Bytes nal) const;
  void remember(Role role, Bytes nal);
  bool rebuild();

  VideoCodec codec_;
  Sets vps_, spsSets_, pps_;
  std::optional<Sps> sps_;
  std::vector<uint8_t> extradata_;
};

// True when the NAL unit begins a new access unit by being an access unit delimiter.
bool isDelimiter(VideoCodec codec, Bytes nal);

}  // namespace lanthorn::media
