#include "bitstream/video_track.h"

#include "bitstream/bit_reader.h"

namespace lanthorn::media {
namespace {

constexpr size_t kMaxSetBytes = 2048;  // real ones are under 100; more is an attack on our memory
constexpr uint8_t kStartCode[4] = {0, 0, 0, 1};

void appendNal(std::vector<uint8_t> &out, Bytes nal) {
  out.insert(out.end(), kStartCode, kStartCode + 4);
  out.insert(out.end(), nal.begin(), nal.end());
}

// First two ue(v) of a slice header: first_mb_in_slice, slice_type; I is 2 and 7 (H.264 table 7-6).
bool isIntraSlice(Bytes nal) {
  const std::vector<uint8_t> rbsp = toRbsp(nal.subspan(1), 16);
  BitReader r(rbsp);
  r.ue();
  const uint32_t type = r.ue();
  return !r.overrun() && (type == 2 || type == 7);
}

// A recovery point SEI message (payload type 6) that says "from here", recovery_frame_cnt 0 (H.264 §D.2.8).
bool isRecoveryPointNow(Bytes nal) {
  const std::vector<uint8_t> rbsp = toRbsp(nal.subspan(1), 1024);
  size_t at = 0;
  while (at + 2 < rbsp.size()) {
    uint32_t type = 0, size = 0;
    while (at < rbsp.size() && rbsp[at] == 0xFF) type += 255, ++at;
    if (at < rbsp.size()) type += rbsp[at++];
    while (at < rbsp.size() && rbsp[at] == 0xFF) size += 255, ++at;
    if (at < rbsp.size()) size += rbsp[at++];
    if (at >= rbsp.size()) return false;
    if (type == 6) {
      BitReader r(Bytes(rbsp).subspan(at));
      return r.ue() == 0 && !r.overrun();
    }
    at += size;
  }
  return false;
}

uint32_t parameterSetId(VideoCodec codec, bool pps, Bytes nal) {
  const std::vector<uint8_t> rbsp = toRbsp(nal.subspan(codec == VideoCodec::h264 ? 1 : 2), 16);
  BitReader r(rbsp);
  return pps ? r.ue() : r.bits(4);
}

}  // namespace

bool isDelimiter(VideoCodec codec, Bytes nal) {
  return codec == VideoCodec::h264 ? (nal[0] & 0x1F) == 9 : ((nal[0] >> 1) & 0x3F) == 35;
}

VideoTrack::Role VideoTrack::roleOf(Bytes nal) const {
  if (codec_ == VideoCodec::h264) {
    switch (nal[0] & 0x1F) {  // table 7-1
      case 1:
      case 2:
        return Role::slice;
      case 5:
        return Role::keySlice;
      case 6:
        return isRecoveryPointNow(nal) ? Role::recovery : Role::other;
      case 7:
        return Role::sps;
      case 8:
        return Role::pps;
      case 9:
        return Role::delimiter;
      default:
        return Role::other;
    }
  }
  const uint32_t type = (nal[0] >> 1) & 0x3F;  // H.265 table 7-1
  if (nal.size() < 3) return Role::other;
  if (type <= 9) return Role::slice;
  if (type >= 16 && type <= 21) return Role::keySlice;  // BLA, IDR, CRA
  if (type == 32) return Role::vps;
  if (type == 33) return Role::sps;
  if (type == 34) return Role::pps;
  return type == 35 ? Role::delimiter : Role::other;
}

void VideoTrack::remember(Role role, Bytes nal) {
  if (nal.size() > kMaxSetBytes) return;
  std::vector<uint8_t> bytes(nal.begin(), nal.end());
  if (role == Role::sps) {
    const std::optional<Sps> parsed = parseSps(codec_, nal);
    if (!parsed) return;
    spsSets_[parsed->id] = std::move(bytes);
    sps_ = parsed;
    return;
  }
  const uint32_t id = parameterSetId(codec_, role == Role::pps, nal);
  if (role == Role::pps && id <= (codec_ == VideoCodec::h264 ? 255u : 63u)) pps_[id] = std::move(bytes);
  if (role == Role::vps) vps_[id] = std::move(bytes);
}

bool VideoTrack::rebuild() {
  if (spsSets_.empty() || pps_.empty() || (codec_ == VideoCodec::hevc && vps_.empty())) return false;
  std::vector<uint8_t> all;
  for (const Sets *sets : {&vps_, &spsSets_, &pps_}) {
    for (const auto &[id, nal] : *sets) appendNal(all, nal);
  }
  if (all == extradata_) return false;
  extradata_ = std::move(all);
  return true;
}

void VideoTrack::learn(Bytes annexB) {
  forEachNal(annexB, [&](Bytes nal, size_t) {
    const Role role = roleOf(nal);
    if (role == Role::sps || role == Role::pps || role == Role::vps) remember(role, nal);
  });
  rebuild();
}

VideoTrack::Unit VideoTrack::process(Bytes accessUnit, bool damaged, std::vector<uint8_t> &out) {
  Unit unit;
  bool keySlice = false, recovery = false, allIntra = true, hasSps = false, hasPps = false;
  size_t afterDelimiter = 0;
  bool firstNal = true;
  const bool believe = !damaged || !known();
  // A new SPS starts a new set: what the old sequence used must not be sent along for ever.
  Sets oldSps, oldPps;
  forEachNal(accessUnit, [&](Bytes nal, size_t offset) {
    const Role role = roleOf(nal);
    if (!firstNal && afterDelimiter == SIZE_MAX)
      afterDelimiter = offset > 0 && accessUnit[offset - 1] == 0 ? offset - 1 : offset;
    if (firstNal && role == Role::delimiter) afterDelimiter = SIZE_MAX;
    firstNal = false;
    switch (role) {
      case Role::keySlice:
        keySlice = unit.picture = true;
        break;
      case Role::slice:
        unit.picture = true;
        if (codec_ == VideoCodec::hevc || !recovery || !isIntraSlice(nal)) allIntra = false;
        break;
      case Role::recovery:
        recovery = true;
        break;
      case Role::sps:
        if (believe && !hasSps) oldSps.swap(spsSets_), oldPps.swap(pps_);
        hasSps = true;
        if (believe) remember(role, nal);
        break;
      case Role::pps:
        hasPps = true;
        if (believe) remember(role, nal);
        break;
      case Role::vps:
        if (believe) remember(role, nal);
        break;
      default:
        break;
    }
  });
  if (hasSps && believe &&
      (spsSets_.empty() || pps_.empty())) {  // unusable, or the PPS comes separately: keep the old ones
    if (spsSets_.empty()) spsSets_.swap(oldSps);
    if (pps_.empty()) pps_.swap(oldPps);
  }
  if (!sps_ && !spsSets_.empty()) sps_ = parseSps(codec_, spsSets_.begin()->second);
  unit.key = keySlice || (unit.picture && recovery && allIntra);
  if (unit.key || (!known() && hasSps)) unit.parametersChanged = rebuild();

  out.clear();
  if (unit.key && known() && !(hasSps && hasPps)) {
    const size_t head = afterDelimiter == SIZE_MAX ? accessUnit.size() : afterDelimiter;
    out.reserve(accessUnit.size() + extradata_.size());
    out.insert(out.end(), accessUnit.begin(), accessUnit.begin() + static_cast<ptrdiff_t>(head));
    out.insert(out.end(), extradata_.begin(), extradata_.end());
    out.insert(out.end(), accessUnit.begin() + static_cast<ptrdiff_t>(head), accessUnit.end());
  } else {
    out.insert(out.end(), accessUnit.begin(), accessUnit.end());
  }
  return unit;
}

}  // namespace lanthorn::media
