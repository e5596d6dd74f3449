#include "bitstream/opus_ts.h"

namespace lanthorn::media {

AudioFormat opusFormat(uint32_t channels) {
  AudioFormat format;
  format.codec = AudioCodec::opus;
  format.sampleRateHz = 48000;
  format.channels = channels == 0 || channels > 8 ? 2 : channels;
  const uint8_t count = static_cast<uint8_t>(format.channels);
  format.extradata = {'O',
                      'p',
                      'u',
                      's',
                      'H',
                      'e',
                      'a',
                      'd',
                      1,
                      count,
                      0,
                      0,
                      0x80,
                      0xBB,
                      0,
                      0,
                      0,
                      0,
                      static_cast<uint8_t>(count > 2 ? 1 : 0)};
  if (count > 2) {
    // Vorbis channel order, streams and coupled pairs of RFC 7845 §5.1.1.2 (3..8 channels)
    static constexpr uint8_t kStreams[9] = {0, 1, 1, 2, 2, 3, 4, 4, 5};
    static constexpr uint8_t kCoupled[9] = {0, 0, 1, 1, 2, 2, 2, 3, 3};
    static constexpr uint8_t kMapping[9][8] = {{},
                                               {0},
                                               {0, 1},
                                               {0, 2, 1},
                                               {0, 1, 2, 3},
                                               {0, 4, 1, 2, 3},
                                               {0, 4, 1, 2, 3, 5},
                                               {0, 4, 1, 2, 3, 5, 6},
                                               {0, 6, 1, 2, 3, 4, 5, 7}};
    format.extradata.push_back(kStreams[count]);
    format.extradata.push_back(kCoupled[count]);
    for (uint32_t i = 0; i < count; ++i) format.extradata.push_back(kMapping[count][i]);
  }
  format.codecString = "opus";
  return format;
}

uint32_t opusPacketSamples(Bytes packet) {
  if (packet.empty()) return 0;
  const uint8_t toc = packet[0];
  const uint32_t config = toc >> 3;
  uint32_t frameSamples;
  if (config < 12) {  // SILK: 10, 20, 40, 60 ms
    static constexpr uint32_t kSilk[4] = {480, 960, 1920, 2880};
    frameSamples = kSilk[config & 3];
  } else if (config < 16) {  // hybrid: 10, 20 ms
    frameSamples = (config & 1) ? 960 : 480;
  } else {  // CELT: 2.5, 5, 10, 20 ms
    frameSamples = 120u << (config & 3);
  }
  switch (toc & 3) {
    case 0:
      return frameSamples;
    case 1:
    case 2:
      return 2 * frameSamples;
    default:
      return packet.size() < 2 ? 0 : (packet[1] & 0x3Fu) * frameSamples;
  }
}

}  // namespace lanthorn::media
