#include "description.hpp"

#include <unistd.h>

#include "shared_copy.hpp"
#include "status.hpp"

namespace lanthorn {
namespace {

// 10 ms together: a change is a copy of at most 16 KiB, a few microseconds, unless its writer lost the processor.
// Sleeping bounds it: a yield on a busy machine may take milliseconds each.
constexpr int kTries = 100;
constexpr useconds_t kRetryUs = 100;

/** Whether bytes are UTF-8, by the table of well-formed sequences: RFC 3629 section 4. */
bool is_utf8(const uint8_t *text, size_t bytes) {
  size_t i = 0;
  while (i < bytes) {
    const uint8_t first = text[i++];
    if (first < 0x80) {
      continue;
    }
    const size_t more = first < 0xc2 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 0;
    if (more == 0 || bytes - i < more) {
      return false;
    }
    const uint8_t least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;  // no overlong forms
    const uint8_t most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;   // no surrogates, nothing past 10ffff
    if (text[i] < least || text[i] > most) {
      return false;
    }
    for (size_t k = 1; k < more; k++) {
      if ((text[i + k] & 0xc0) != 0x80) {
        return false;
      }
    }
    i += more;
  }
  return true;
}

}  // namespace

ltn_status_e write_description(layout::RingHeader *header, const char *json, size_t json_bytes) {
  if (json == nullptr || json_bytes > LTN_DESCRIPTION_MAX_BYTES) {
    return fail(LTN_E_INVALID_ARGUMENT, "Expected a description of at most %d bytes but received %zu",
                LTN_DESCRIPTION_MAX_BYTES, json == nullptr ? 0 : json_bytes);
  }
  uint32_t stamp = header->description_stamp.load(std::memory_order_relaxed);  // SYNC: none, this is the only writer
  header->description_stamp.store(stamp + 1, std::memory_order_relaxed);
  // SYNC: pairs with the acquire fence in read_description: a reader that saw one byte of the new text sees the odd
  // stamp.
  std::atomic_thread_fence(std::memory_order_release);
  header->description_bytes.store(static_cast<uint32_t>(json_bytes), std::memory_order_relaxed);
  copy_to_shared(reinterpret_cast<uint8_t *>(header) + layout::kDescriptionOffsetBytes, json, json_bytes);
  // SYNC: pairs with the first acquire load in read_description: an even stamp brings the whole text with it.
  header->description_stamp.store(stamp + 2, std::memory_order_release);
  return LTN_OK;
}

ltn_status_e read_description(const layout::RingHeader *header, char *buffer, size_t capacity_bytes, size_t *json_bytes,
                              uint32_t *version) {
  for (int i = 0; i < kTries; i++) {
    // SYNC: pairs with the release store at the end of write_description.
    uint32_t before = header->description_stamp.load(std::memory_order_acquire);
    if (before % 2 == 1) {
      usleep(kRetryUs);
      continue;
    }
    size_t bytes = header->description_bytes.load(std::memory_order_relaxed);
    bool copied = buffer != nullptr && bytes <= capacity_bytes && bytes <= LTN_DESCRIPTION_MAX_BYTES;
    if (copied) {
      copy_from_shared(buffer, reinterpret_cast<const uint8_t *>(header) + layout::kDescriptionOffsetBytes, bytes);
    }
    // SYNC: pairs with the release fence in write_description.
    std::atomic_thread_fence(std::memory_order_acquire);
    if (header->description_stamp.load(std::memory_order_relaxed) != before) {
      continue;
    }
    if (bytes > LTN_DESCRIPTION_MAX_BYTES) {
      return fail(LTN_E_CORRUPT, "The ring's description claims %zu bytes; at most %d fit", bytes,
                  LTN_DESCRIPTION_MAX_BYTES);
    }
    if (copied && !is_utf8(reinterpret_cast<const uint8_t *>(buffer), bytes)) {
      return fail(LTN_E_CORRUPT, "The ring's description is not UTF-8");
    }
    *json_bytes = bytes;
    if (version != nullptr) {
      *version = before / 2;
    }
    return copied
               ? LTN_OK
               : fail(LTN_E_BUFFER_TOO_SMALL, "The description needs %zu bytes, %zu were given", bytes, capacity_bytes);
  }
  return fail(LTN_E_TORN,
              "The ring's description was being changed all the time, or its writer died while changing it");
}

}  // namespace lanthorn
