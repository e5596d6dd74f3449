// A packet ring read over the deaths and restarts of its writer. One thread reads; interrupt() alone may come from
// another.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "lanthorn/media.h"

namespace lanthorn::media {

class FollowedRing {
 public:
  enum class Read {
    kRecord,   // record() and payload() hold it
    kNothing,  // nothing newer yet: wait()
    kLost,     // the writer went over what was not read: lost() records
    kGone,     // its writer is dead and everything was read; detached
    kFailed,   // ltn_last_error() says why; detached
  };

  explicit FollowedRing(std::string name) : name_(std::move(name)) {}
  ~FollowedRing() { detach(); }
  FollowedRing(const FollowedRing &) = delete;
  FollowedRing &operator=(const FollowedRing &) = delete;

  bool attached() const { return reader_ != nullptr; }

  // Opens the ring; false when there is none, or only the one whose end was read. Throws MediaError when it cannot be
  // read.
  bool attach();
  void detach();

  Read read();
  const ltn_record_t &record() const { return record_; }
  const uint8_t *payload() const { return payload_.data(); }
  uint64_t lost() const { return lost_; }

  // Returns early for a new record, the writer's death, and interrupt(): all lead to the next read.
  void wait(int milliseconds);
  void interrupt();
  void seek(ltn_seek_e place, uint64_t sequence = 0);

  // The ring's description as it is now, and its version; false when there is none.
  bool description(std::string &json, uint32_t &version);

 private:
  const std::string name_;
  std::mutex mutex_;  // guards reader_'s lifetime against interrupt()
  ltn_byte_reader_h *reader_ = nullptr;
  uint64_t goneIncarnation_ = 0;  // of the ring whose end was read last: its object may still lie there
  ltn_record_t record_{};
  uint64_t lost_ = 0;
  std::vector<uint8_t> payload_;
};

}  // namespace lanthorn::media
