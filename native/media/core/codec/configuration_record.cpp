#include "codec/configuration_record.h"

#include <algorithm>
#include <string>

#include "bitstream/sps.h"
#include "media_error.h"

namespace lanthorn::media {
namespace {

constexpr size_t kMaxSets = 31;  // numOfSequenceParameterSets has five bits; nobody needs more of any kind

struct ParameterSets {
  std::vector<Bytes> vps, sps, pps;
};

// 0: none of the three; otherwise which list.
std::vector<Bytes> *listOf(VideoCodec codec, Bytes nal, ParameterSets &sets) {
  if (codec == VideoCodec::h264) {
    const uint8_t type = nal[0] & 0x1F;
    return type == 7 ? &sets.sps : type == 8 ? &sets.pps : nullptr;
  }
  const uint8_t type = (nal[0] >> 1) & 0x3F;
  return type == 32 ? &sets.vps : type == 33 ? &sets.sps : type == 34 ? &sets.pps : nullptr;
}

void put16(std::vector<uint8_t> &out, size_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}

void putSet(std::vector<uint8_t> &out, Bytes nal) {
  put16(out, nal.size());
  out.insert(out.end(), nal.begin(), nal.end());
}

std::vector<uint8_t> avcC(const ParameterSets &sets, const Sps &sps) {
  const Bytes first = sets.sps.front();
  std::vector<uint8_t> out = {1, first[1], first[2], first[3], 0xFF, static_cast<uint8_t>(0xE0 | sets.sps.size())};
  for (const Bytes nal : sets.sps) putSet(out, nal);
  out.push_back(static_cast<uint8_t>(sets.pps.size()));
  for (const Bytes nal : sets.pps) putSet(out, nal);
  if (first[1] != 66 && first[1] != 77 && first[1] != 88) {  // the profiles before High
    out.push_back(0xFC | sps.chromaFormat);
    out.push_back(static_cast<uint8_t>(0xF8 | (sps.bitDepthLuma - 8)));
    out.push_back(static_cast<uint8_t>(0xF8 | (sps.bitDepthChroma - 8)));
    out.push_back(0);  // sequence parameter set extensions
  }
  return out;
}

std::vector<uint8_t> hvcC(const ParameterSets &sets, const Sps &sps) {
  std::vector<uint8_t> out;
  out.reserve(256);
  out.push_back(1);  // configurationVersion
  for (const uint8_t byte : sps.profileTierLevel) out.push_back(byte);
  put16(out, 0xF000);   // min_spatial_segmentation_idc 0: unknown
  out.push_back(0xFC);  // parallelismType 0: unknown
  out.push_back(0xFC | sps.chromaFormat);
  out.push_back(static_cast<uint8_t>(0xF8 | (sps.bitDepthLuma - 8)));
  out.push_back(static_cast<uint8_t>(0xF8 | (sps.bitDepthChroma - 8)));
  put16(out, 0);  // avgFrameRate: unknown
  out.push_back(static_cast<uint8_t>(sps.subLayers << 3 | (sps.temporalIdNesting ? 4 : 0) | 3));  // lengths of 4 bytes
  out.push_back(3);
  for (const auto &[type, list] : {std::pair{32, &sets.vps}, std::pair{33, &sets.sps}, std::pair{34, &sets.pps}}) {
    out.push_back(static_cast<uint8_t>(0x80 | type));  // array_completeness: none of them is in the samples
    put16(out, list->size());
    for (const Bytes nal : *list) putSet(out, nal);
  }
  return out;
}

}  // namespace

std::vector<uint8_t> configurationRecord(VideoCodec codec, Bytes parameterSets) {
  ParameterSets sets;
  forEachNal(parameterSets, [&](Bytes nal, size_t) {
    std::vector<Bytes> *list = listOf(codec, nal, sets);
    if (list != nullptr && list->size() < kMaxSets && nal.size() <= 0xFFFF) list->push_back(nal);
  });
  const std::optional<Sps> sps = sets.sps.empty() ? std::nullopt : parseSps(codec, sets.sps.front());
  if (!sps || sets.pps.empty() || (codec == VideoCodec::hevc && sets.vps.empty())) {
    throw MediaError(LTN_E_INVALID_ARGUMENT, std::string("expected extradata of a ") + codecName(codec) +
                                                 " stream to hold readable parameter sets (Annex B) but received " +
                                                 std::to_string(parameterSets.size()) + " bytes without them");
  }
  return codec == VideoCodec::h264 ? avcC(sets, *sps) : hvcC(sets, *sps);
}

void lengthPrefixed(VideoCodec codec, Bytes accessUnit, std::vector<uint8_t> &out) {
  out.clear();
  ParameterSets unused;
  forEachNal(accessUnit, [&](Bytes nal, size_t) {
    if (listOf(codec, nal, unused) != nullptr) return;
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(nal.size() >> shift));
    out.insert(out.end(), nal.begin(), nal.end());
  });
  if (out.empty()) throw MediaError(LTN_E_CORRUPT, "packet without a picture: expected an access unit in Annex B");
}

}  // namespace lanthorn::media
