/** Status codes with words: the only error channel of the core (no exception leaves it). */
#pragma once

#include "lanthorn/rings.h"

namespace lanthorn {

/** Keeps a message for ltn_last_error on this thread and returns the status, so that `return fail(…)` reads well. */
[[gnu::format(printf, 2, 3)]] ltn_status_e fail(ltn_status_e status, const char *format, ...);

/** The same with ": <strerror(error)> (errno <error>)" appended; maps EACCES and EPERM to PERMISSION, ENOSPC to
 * NO_SPACE. */
[[gnu::format(printf, 2, 3)]] ltn_status_e fail_errno(int error, const char *format, ...);

const char *last_error();

}  // namespace lanthorn
