/**
 * The writer's hold on a ring's name and memory.
 * Does: create, replace what a dead writer left, refuse a live one, mark closed, unlink. Does not: records and frames.
 */
#pragma once

#include <memory>
#include <string>

#include "layout.hpp"
#include "shm_object.hpp"

namespace lanthorn {

/** The byte of a ring that its writer locks as long as it lives. */
inline constexpr off_t kWriterByte = 0;

/** The name of a slot ring's lease object. */
inline std::string leases_name(const std::string &ring_name) { return ring_name + ".leases"; }

/**
 * Tells readers of a dead writer's object, which keep it mapped, that nothing more will come; frees the name. The
 * caller holds the object's writer lock and has seen that the name leads to it. Errors: PERMISSION, SYSTEM.
 */
ltn_status_e retire(const std::string &name, const ShmObject &old);

/** Says EXISTS, with the pid that the header names. */
ltn_status_e already_owned(const std::string &name, const ShmObject &live);

class RingOwner {
 public:
  /** Procedure: docs/design/rings.md#taking-a-name. Errors: EXISTS, NO_SPACE, INVALID_ARGUMENT, PERMISSION, SYSTEM. */
  static ltn_status_e create(const char *name, const layout::Geometry &geometry, std::unique_ptr<RingOwner> *out);
  /**
   * Makes a larger byte ring that is to take this one's place: the same ring to readers (its incarnation), without a
   * name yet. Errors: NO_SPACE, INVALID_ARGUMENT unless it is larger, SYSTEM.
   */
  ltn_status_e make_larger(uint64_t capacity_bytes, std::unique_ptr<RingOwner> *out) const;
  /** Takes the name over from the smaller ring, which is to be destroyed then. Errors: EXISTS when somebody else has
   * the name by now, PERMISSION, SYSTEM. */
  ltn_status_e take_name_from(const RingOwner &smaller);
  ~RingOwner();
  RingOwner(const RingOwner &) = delete;
  RingOwner &operator=(const RingOwner &) = delete;

  const std::string &name() const { return name_; }
  const layout::Geometry &geometry() const { return geometry_; }
  layout::RingHeader *header() const { return reinterpret_cast<layout::RingHeader *>(ring_.bytes()); }
  uint8_t *data() const { return ring_.bytes() + geometry_.data_offset_bytes(); }
  /** The lease object's descriptor; it is never mapped here (lease_table.hpp says why). -1 for byte rings. */
  int leases_fd() const { return leases_.fd(); }

  /** Moves the futex word and wakes every sleeping reader. */
  void wake();

 private:
  RingOwner(std::string name, const layout::Geometry &geometry) : name_(std::move(name)), geometry_(geometry) {}
  ltn_status_e take_name();
  ltn_status_e make_objects(ShmObject *old, uint64_t incarnation);
  void fill_header(uint64_t incarnation);
  ltn_status_e link_objects();

  std::string name_;
  layout::Geometry geometry_;
  ShmObject ring_;
  ShmObject leases_;
  bool named_ = false;
};

}  // namespace lanthorn
