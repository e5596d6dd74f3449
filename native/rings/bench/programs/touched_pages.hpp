/** Which pages of the frames this process ever loaded from or stored to: proof that nothing was copied. */
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <map>
#include <vector>

#include "measuring.hpp"

namespace lanthorn::bench {

/**
 * Frames by address. A page has an entry in this process' page table only after the process touched it: bit 63 of
 * /proc/self/pagemap (https://docs.kernel.org/admin-guide/mm/pagemap.html). On a fault the kernel maps up to 64 KiB
 * around the address, so the first 64 KiB of a frame, neighbours of the ring's header or of another frame, are left
 * out.
 */
class TouchedPages {
 public:
  void saw(const uint8_t *frame, uint32_t bytes) { frames_[frame] = bytes; }

  /** Bytes touched of the frames seen, for one frame; a process that copies each frame shows its size. */
  int64_t bytes_per_frame() const {
    int64_t touched = 0;
    int64_t counted = 0;
    int64_t all = 0;
    for (auto [frame, bytes] : frames_) {
      std::vector<uint64_t> entries = entries_of(frame + kFaultAroundBytes, bytes);
      for (uint64_t entry : entries) {
        touched += entry >> 63 != 0 ? kPageBytes : 0;
      }
      counted += static_cast<int64_t>(entries.size()) * kPageBytes;
      all += bytes;
    }
    int64_t frames = static_cast<int64_t>(frames_.size());
    return counted == 0 ? -1 : static_cast<int64_t>(static_cast<double>(touched) / counted * all / frames + 0.5);
  }

 private:
  static constexpr int64_t kPageBytes = 4096;
  static constexpr int64_t kFaultAroundBytes = 65536;

  static std::vector<uint64_t> entries_of(const uint8_t *from, uint32_t frame_bytes) {
    std::vector<uint64_t> entries(frame_bytes > kFaultAroundBytes ? (frame_bytes - kFaultAroundBytes) / kPageBytes : 0);
    int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    size_t size = entries.size() * sizeof(uint64_t);
    off_t at = static_cast<off_t>(reinterpret_cast<uintptr_t>(from) / kPageBytes * sizeof(uint64_t));
    if (file < 0 || pread(file, entries.data(), size, at) != static_cast<ssize_t>(size)) {
      die("cannot read /proc/self/pagemap");
    }
    close(file);
    return entries;
  }

  std::map<const uint8_t *, uint32_t> frames_;
};

}  // namespace lanthorn::bench
