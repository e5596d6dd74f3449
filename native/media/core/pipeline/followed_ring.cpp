#include "pipeline/followed_ring.h"

#include <algorithm>

#include "media_error.h"

namespace lanthorn::media {

bool FollowedRing::attach() {
  ltn_byte_reader_h *reader = nullptr;
  const ltn_status_e status = ltn_byte_reader_open(name_.c_str(), &reader);
  if (status == LTN_E_NOT_FOUND || status == LTN_E_GONE) return false;
  if (status != LTN_OK) throw MediaError(status, ltn_last_error());
  if (ltn_byte_reader_incarnation(reader) == goneIncarnation_) {
    ltn_byte_reader_close(reader);
    return false;
  }
  std::lock_guard lock(mutex_);
  reader_ = reader;
  return true;
}

void FollowedRing::detach() {
  std::lock_guard lock(mutex_);
  ltn_byte_reader_close(reader_);
  reader_ = nullptr;
}

FollowedRing::Read FollowedRing::read() {
  for (;;) {
    switch (ltn_byte_reader_next(reader_, &record_, payload_.data(), payload_.size(), &lost_)) {
      case LTN_OK:
        return Read::kRecord;
      case LTN_E_AGAIN:
        return Read::kNothing;
      case LTN_E_OVERRUN:
        return Read::kLost;
      case LTN_E_BUFFER_TOO_SMALL:
        payload_.resize(std::max<size_t>(record_.payload_bytes, payload_.size() * 2));
        break;
      case LTN_E_GONE:
        goneIncarnation_ = ltn_byte_reader_incarnation(reader_);
        detach();
        return Read::kGone;
      default:
        detach();
        return Read::kFailed;
    }
  }
}

void FollowedRing::wait(int milliseconds) { ltn_byte_reader_wait(reader_, milliseconds); }

void FollowedRing::interrupt() {
  std::lock_guard lock(mutex_);
  if (reader_ != nullptr) ltn_byte_reader_interrupt(reader_);
}

void FollowedRing::seek(ltn_seek_e place, uint64_t sequence) { ltn_byte_reader_seek(reader_, place, sequence); }

bool FollowedRing::description(std::string &json, uint32_t &version) {
  json.resize(LTN_DESCRIPTION_MAX_BYTES);
  size_t bytes = 0;
  if (ltn_byte_reader_description(reader_, json.data(), json.size(), &bytes, &version) != LTN_OK) return false;
  json.resize(std::min(bytes, json.size()));
  return true;
}

}  // namespace lanthorn::media
