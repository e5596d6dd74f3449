/**
 * Copies between shared memory and private memory.
 *
 * A seqlock reader copies bytes that a writer may be changing, and throws the copy away when the stamp says so. The C++
 * memory model calls that a data race unless the accesses are atomic; memcpy is what every compiler and processor we
 * build for needs (the fences around it order it, and no value read is used before validation). Under ThreadSanitizer
 * the copy is made of relaxed atomics, so that any *other* race in these files is still found.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace lanthorn {

// SYNC: none of their own; the caller's fences and stamps order the copy.
#if defined(__SANITIZE_THREAD__)
inline void copy_from_shared(void *to, const void *from, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) {
    static_cast<uint8_t *>(to)[i] = __atomic_load_n(static_cast<const uint8_t *>(from) + i, __ATOMIC_RELAXED);
  }
}
// SYNC: none of its own, as above.
inline void copy_to_shared(void *to, const void *from, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) {
    __atomic_store_n(static_cast<uint8_t *>(to) + i, static_cast<const uint8_t *>(from)[i], __ATOMIC_RELAXED);
  }
}
#else
// The question about zero: memcpy may not be given NULL even for no bytes, and an empty payload may be NULL.
inline void copy_from_shared(void *to, const void *from, size_t bytes) {
  if (bytes > 0) {
    std::memcpy(to, from, bytes);
  }
}
inline void copy_to_shared(void *to, const void *from, size_t bytes) {
  if (bytes > 0) {
    std::memcpy(to, from, bytes);
  }
}
#endif

}  // namespace lanthorn
