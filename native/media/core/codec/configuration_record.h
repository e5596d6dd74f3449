// Annex B → what MP4 wants: configuration records (ISO/IEC 14496-15 §5.3.3.1 and §8.3.3.1) and length-prefixed samples.
// libavformat would do both, but its H.265 parser runs for minutes on some hostile parameter sets (found by the fuzz
// test of test/muxer_test.cpp); ours looks only at what it needs.
#pragma once
#include <cstdint>
#include <vector>

#include "bitstream/annex_b.h"

namespace lanthorn::media {

// avcC or hvcC of Annex B parameter sets. Throws MediaError INVALID_ARGUMENT when they are incomplete or unreadable.
std::vector<uint8_t> configurationRecord(VideoCodec codec, Bytes parameterSets);

// An access unit with 4-byte lengths instead of start codes and without parameter sets (they are in the record).
void lengthPrefixed(VideoCodec codec, Bytes accessUnit, std::vector<uint8_t> &out);

}  // namespace lanthorn::media
