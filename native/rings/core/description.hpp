/** The description region: one JSON text of at most 16 KiB under a seqlock, with a version that counts its changes. */
#pragma once

#include <cstddef>
#include <cstdint>

#include "layout.hpp"

namespace lanthorn {

/** Writer side. Errors: INVALID_ARGUMENT when too long. */
ltn_status_e write_description(layout::RingHeader *header, const char *json, size_t json_bytes);

/**
 * Reader side. *json_bytes is set even when BUFFER_TOO_SMALL. Errors: TORN when the writer stopped in the middle of a
 * change, CORRUPT when the length is no length.
 */
ltn_status_e read_description(const layout::RingHeader *header, char *buffer, size_t capacity_bytes, size_t *json_bytes,
                              uint32_t *version);

/** Version a record written now belongs to. Writer side only. */
inline uint32_t description_version(const layout::RingHeader *header) {
  return header->description_stamp.load(std::memory_order_relaxed) / 2;  // SYNC: none needed, only the writer stores it
}

}  // namespace lanthorn
