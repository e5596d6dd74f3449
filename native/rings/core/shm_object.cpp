#include "shm_object.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "layout.hpp"
#include "status.hpp"

namespace lanthorn {
namespace {

constexpr const char *kShmFolder = "/dev/shm";
constexpr const char *kOnTheWay = ".larger";

ltn_status_e no_space(const std::string &name, uint64_t bytes) {
  struct statvfs space = {};
  uint64_t free_bytes = statvfs(kShmFolder, &space) == 0 ? uint64_t{space.f_bavail} * space.f_frsize : 0;
  uint64_t missing = bytes > free_bytes ? bytes - free_bytes : 0;
  return fail(LTN_E_NO_SPACE,
              "Ring %s needs %" PRIu64 " bytes of %s and %" PRIu64 " are free: %" PRIu64
              " bytes missing. Make it larger (mount -o remount,size=… %s) or run fewer cameras",
              name.c_str(), bytes, kShmFolder, free_bytes, missing, kShmFolder);
}

/** fallocate, not ftruncate: a sparse tmpfs file raises SIGBUS at the first store that finds no page. */
int reserve_all(int fd, uint64_t bytes) {
  int result;
  do {
    result = fallocate(fd, 0, 0, static_cast<off_t>(bytes));
  } while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

}  // namespace

ShmObject &ShmObject::operator=(ShmObject &&other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.fd_;
    bytes_ = other.bytes_;
    size_bytes_ = other.size_bytes_;
    other.fd_ = -1;
    other.bytes_ = nullptr;
    other.size_bytes_ = 0;
  }
  return *this;
}

void ShmObject::unmap() {
  if (bytes_ != nullptr) {
    munmap(bytes_, size_bytes_);
    bytes_ = nullptr;
  }
}

void ShmObject::reset() {
  unmap();
  if (fd_ >= 0) {
    close(fd_);
    fd_ = -1;
  }
  size_bytes_ = 0;
}

ltn_status_e ShmObject::map(const std::string &name, Access access) {
  int protection = access == Access::read_only ? PROT_READ : PROT_READ | PROT_WRITE;
  void *address = mmap(nullptr, size_bytes_, protection, MAP_SHARED, fd_, 0);
  if (address == MAP_FAILED) {
    return fail_errno(errno, "Ring %s: cannot map %" PRIu64 " bytes", name.c_str(), size_bytes_);
  }
  bytes_ = static_cast<uint8_t *>(address);
  return LTN_OK;
}

ltn_status_e ShmObject::create(const std::string &name, uint64_t bytes, mode_t mode, ShmObject *out) {
  ShmObject made;
  made.fd_ = ::open(kShmFolder, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
  if (made.fd_ < 0) {
    return fail_errno(errno, "Ring %s: cannot make an object in %s", name.c_str(), kShmFolder);
  }
  if (fchmod(made.fd_, mode) != 0) {  // the mode is a contract with other users, whatever the umask
    return fail_errno(errno, "Ring %s: cannot set mode %o", name.c_str(), mode);
  }
  if (int error = reserve_all(made.fd_, bytes); error != 0) {
    return error == ENOSPC ? no_space(name, bytes)
                           : fail_errno(error, "Ring %s: cannot reserve %" PRIu64 " bytes", name.c_str(), bytes);
  }
  made.size_bytes_ = bytes;
  if (ltn_status_e status = made.map(name, Access::read_write); status != LTN_OK) {
    return status;
  }
  *out = std::move(made);
  return LTN_OK;
}

ltn_status_e ShmObject::open(const std::string &name, Access access, ShmObject *out) {
  ShmObject opened;
  int mode = access == Access::read_only ? O_RDONLY : O_RDWR;
  // O_NONBLOCK: a FIFO put at the name must not hang the opener.
  opened.fd_ = ::open(path_of(name).c_str(), mode | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (opened.fd_ < 0) {
    int error = errno;
    if (error == ENOENT) {
      return fail(LTN_E_NOT_FOUND, "No ring named %s: its writer has not started", name.c_str());
    }
    return fail_errno(error, "Ring %s: cannot open it%s", name.c_str(),
                      error == EACCES ? " (is this user in the rings' group?)" : "");
  }
  struct stat facts = {};
  if (fstat(opened.fd_, &facts) != 0) {
    return fail_errno(errno, "Ring %s: fstat", name.c_str());
  }
  if (!S_ISREG(facts.st_mode)) {
    return fail(LTN_E_CORRUPT, "Ring %s: %s is not a regular file", name.c_str(), path_of(name).c_str());
  }
  opened.size_bytes_ = static_cast<uint64_t>(facts.st_size);
  if (opened.size_bytes_ > 0) {
    if (ltn_status_e status = opened.map(name, access); status != LTN_OK) {
      return status;
    }
  }
  *out = std::move(opened);
  return LTN_OK;
}

ltn_status_e ShmObject::link_as(const std::string &name) const {
  // AT_EMPTY_PATH would need CAP_DAC_READ_SEARCH; open(2) gives the /proc way for O_TMPFILE.
  std::string self = "/proc/self/fd/" + std::to_string(fd_);
  if (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path_of(name).c_str(), AT_SYMLINK_FOLLOW) != 0) {
    return fail_errno(errno, "Ring %s: cannot name the object", name.c_str());
  }
  return LTN_OK;
}

ltn_status_e ShmObject::replace(const std::string &name) const {
  // linkat(2) replaces nothing, rename(2) does; what a crash between the two leaves is taken away by the next one.
  const std::string on_the_way = name + kOnTheWay;
  if (ltn_status_e status = unlink(on_the_way); status != LTN_OK) {
    return status;
  }
  if (ltn_status_e status = link_as(on_the_way); status != LTN_OK) {
    return status;
  }
  if (rename(path_of(on_the_way).c_str(), path_of(name).c_str()) != 0) {
    const int error = errno;
    unlink(on_the_way);
    return fail_errno(error, "Ring %s: cannot give its name to a larger object", name.c_str());
  }
  return LTN_OK;
}

bool ShmObject::is_named(const std::string &name) const {
  struct stat mine = {};
  struct stat named = {};
  return fstat(fd_, &mine) == 0 && lstat(path_of(name).c_str(), &named) == 0 && mine.st_ino == named.st_ino &&
         mine.st_dev == named.st_dev;
}

ltn_status_e ShmObject::unlink(const std::string &name) {
  if (::unlink(path_of(name).c_str()) == 0 || errno == ENOENT) {
    return LTN_OK;
  }
  return fail_errno(errno, "Cannot remove %s", path_of(name).c_str());
}

ltn_status_e check_ring_name(const char *name) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  std::string_view text = name == nullptr ? std::string_view() : std::string_view(name);
  bool fits = !text.empty() && text.size() <= LTN_RING_NAME_MAX_BYTES && text[0] != '.' &&
              text.find_first_not_of(kAllowed) == std::string_view::npos && !text.ends_with(".leases");
  if (!fits) {
    return fail(LTN_E_INVALID_ARGUMENT,
                "Expected a ring name of 1 to %d characters of [A-Za-z0-9._-], without a leading dot and not ending in "
                ".leases, but received \"%.*s\"",
                LTN_RING_NAME_MAX_BYTES, static_cast<int>(text.size() < 220 ? text.size() : 220), text.data());
  }
  return LTN_OK;
}

}  // namespace lanthorn
