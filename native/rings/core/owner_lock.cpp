#include "owner_lock.hpp"

#include <fcntl.h>

#include <cerrno>

namespace lanthorn {
namespace {

struct flock one_byte(short type, off_t byte) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  lock.l_pid = 0;  // must be 0 for OFD commands
  return lock;
}

}  // namespace

LockOutcome try_lock_byte(int fd, off_t byte) {
  struct flock lock = one_byte(F_WRLCK, byte);
  if (fcntl(fd, F_OFD_SETLK, &lock) == 0) {
    return LockOutcome::taken;
  }
  return errno == EAGAIN || errno == EACCES ? LockOutcome::held_by_other : LockOutcome::failed;
}

void unlock_byte(int fd, off_t byte) {
  struct flock lock = one_byte(F_UNLCK, byte);
  fcntl(fd, F_OFD_SETLK, &lock);
}

bool is_byte_locked(int fd, off_t byte) {
  struct flock lock = one_byte(F_RDLCK, byte);
  return fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

}  // namespace lanthorn
