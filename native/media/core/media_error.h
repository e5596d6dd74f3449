// One exception of the core, turned into a status at the C line (c_api.cpp).
#pragma once
#include <stdexcept>
#include <string>

#include "lanthorn/rings.h"

namespace lanthorn::media {

class MediaError : public std::runtime_error {
 public:
  MediaError(ltn_status_e status, const std::string &message) : std::runtime_error(message), status_(status) {}
  ltn_status_e status() const { return status_; }

 private:
  ltn_status_e status_;
};

// Throws the rings' own words when a ring call failed.
inline void requireRing(ltn_status_e status, const std::string &what) {
  if (status != LTN_OK) throw MediaError(status, what + ": " + ltn_last_error());
}

}  // namespace lanthorn::media
