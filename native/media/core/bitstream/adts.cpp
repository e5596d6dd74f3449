#include "bitstream/adts.h"

#include "bitstream/bit_reader.h"

namespace lanthorn::media {
namespace {

constexpr uint32_t kRatesHz[13] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                   22050, 16000, 12000, 11025, 8000,  7350};

uint32_t channelsOf(uint32_t configuration) {  // table 1.19; 0 (programme config element) is taken as stereo
  static constexpr uint32_t kChannels[8] = {2, 1, 2, 3, 4, 5, 6, 8};
  return kChannels[configuration & 7];
}

}  // namespace

std::optional<AdtsHeader> parseAdtsHeader(Bytes b) {
  if (b.size() < 7 || b[0] != 0xFF || (b[1] & 0xF6) != 0xF0) return std::nullopt;  // syncword, layer 0
  AdtsHeader header;
  header.headerBytes = (b[1] & 1) ? 7 : 9;  // protection_absent
  header.objectType = static_cast<uint8_t>((b[2] >> 6) + 1);
  header.rateIndex = (b[2] >> 2) & 0xF;
  if (header.rateIndex >= 13) return std::nullopt;
  header.sampleRateHz = kRatesHz[header.rateIndex];
  const uint32_t configuration = ((b[2] & 1u) << 2) | (b[3] >> 6);
  header.channels = channelsOf(configuration);
  header.frameBytes = ((b[3] & 3u) << 11) | (uint32_t{b[4]} << 3) | (b[5] >> 5);
  const bool oneBlock = (b[6] & 3) == 0;  // several raw data blocks in a frame cannot be passed on as one packet
  if (header.frameBytes <= header.headerBytes || !oneBlock) return std::nullopt;
  return header;
}

AudioFormat AdtsHeader::format() const {
  AudioFormat format;
  format.codec = AudioCodec::aac;
  format.sampleRateHz = sampleRateHz;
  format.channels = channels;
  const uint8_t configuration = static_cast<uint8_t>(channels == 8 ? 7 : channels);
  format.extradata = {static_cast<uint8_t>((objectType << 3) | (rateIndex >> 1)),
                      static_cast<uint8_t>((rateIndex << 7) | (configuration << 3))};
  format.codecString = "mp4a.40." + std::to_string(objectType);
  return format;
}

std::optional<AudioFormat> formatOfAudioSpecificConfig(Bytes config) {
  BitReader r(config);
  uint32_t objectType = r.bits(5);
  if (objectType == 31) objectType = 32 + r.bits(6);
  const uint32_t rateIndex = r.bits(4);
  const uint32_t rateHz = rateIndex == 15 ? r.bits(24) : rateIndex < 13 ? kRatesHz[rateIndex] : 0;
  const uint32_t configuration = r.bits(4);
  if (r.overrun() || rateHz == 0 || objectType == 0) return std::nullopt;
  AudioFormat format;
  format.codec = AudioCodec::aac;
  format.sampleRateHz = rateHz;
  format.channels = channelsOf(configuration);
  format.extradata.assign(config.begin(), config.end());
  format.codecString = "mp4a.40." + std::to_string(objectType);
  return format;
}

}  // namespace lanthorn::media
