/**
 * One object in /dev/shm: descriptor and mapping, owned together.
 * Does: create with all memory reserved, give it a name, open, map. Does not: know what lies inside (layout.hpp).
 */
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "lanthorn/rings.h"

namespace lanthorn {

enum class Access { read_only, read_write };

class ShmObject {
 public:
  ShmObject() = default;
  ShmObject(ShmObject &&other) noexcept { *this = static_cast<ShmObject &&>(other); }
  ShmObject &operator=(ShmObject &&other) noexcept;
  ShmObject(const ShmObject &) = delete;
  ShmObject &operator=(const ShmObject &) = delete;
  ~ShmObject() { reset(); }

  /**
   * Makes an object that has no name yet (a crash before link_as leaves nothing behind) and reserves every byte, so
   * that no later store can end in SIGBUS. Errors: NO_SPACE naming ring and bytes missing.
   */
  static ltn_status_e create(const std::string &name, uint64_t bytes, mode_t mode, ShmObject *out);
  /** Opens by name; maps the whole object, or nothing when it is empty. */
  static ltn_status_e open(const std::string &name, Access access, ShmObject *out);

  /** Names a created object. Errors: EXISTS. */
  ltn_status_e link_as(const std::string &name) const;
  /** Names a created object in place of what has the name now; there is no moment without either. Errors: PERMISSION,
   * SYSTEM. */
  ltn_status_e replace(const std::string &name) const;
  /** Whether the name still leads to this very object. */
  bool is_named(const std::string &name) const;
  /** Frees a name; that it was free already is no error. Errors: PERMISSION, SYSTEM. */
  static ltn_status_e unlink(const std::string &name);
  static std::string path_of(const std::string &name) { return "/dev/shm/" + name; }

  void reset();
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  uint8_t *bytes() const { return bytes_; }
  uint64_t size_bytes() const { return size_bytes_; }
  /** Gives up the mapping but keeps the descriptor. */
  void unmap();

 private:
  ltn_status_e map(const std::string &name, Access access);

  int fd_ = -1;
  uint8_t *bytes_ = nullptr;
  uint64_t size_bytes_ = 0;
};

/** Errors: INVALID_ARGUMENT unless name is 1..LTN_RING_NAME_MAX_BYTES of [A-Za-z0-9._-], no leading dot, not
 * "*.leases". */
ltn_status_e check_ring_name(const char *name);

}  // namespace lanthorn
