/**
 * Who is alive, told by the kernel: open-file-description locks on single bytes of an object.
 *
 * A writer holds byte 0 of its ring, a reader the first byte of its entry in the lease object. The kernel drops a lock
 * when its owner ends in any way: SIGKILL included, zombies included, reused pids no holder, and it works where
 * /proc/<pid> of another user is hidden (ProtectProc=invisible) or pids belong to another namespace. pid and start time
 * are written too, but only for people to read. Source: fcntl(2), "Open file description locks".
 */
#pragma once

#include <sys/types.h>

namespace lanthorn {

enum class LockOutcome { taken, held_by_other, failed };

/** Tries to write-lock one byte; never waits. The descriptor must be writable. */
LockOutcome try_lock_byte(int fd, off_t byte);
void unlock_byte(int fd, off_t byte);

/**
 * Whether another open file description write-locks the byte; takes nothing. It asks as a would-be read lock, so that a
 * read-only opener (who can place read locks only) cannot pose as an owner. Unknown (an error) counts as held.
 */
bool is_byte_locked(int fd, off_t byte);

}  // namespace lanthorn
