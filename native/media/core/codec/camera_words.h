// Why a camera that libavformat reads did not open, in words an owner can act on.
#pragma once
#include <string>

#include "media_error.h"

namespace lanthorn::media {

// code: what avformat_open_input returned; log: libav's last line, which is looked at and never repeated, because it
// may hold the address with a password in it. PERMISSION: the camera refuses user or password; trying again may lock
// it.
MediaError openFailure(int code, const std::string &log);

}  // namespace lanthorn::media
