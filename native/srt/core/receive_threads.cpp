#include "receive_threads.hpp"

#include <linux/sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace lanthorn::srt {
namespace {

/** struct sched_attr, first version: neither glibc 2.36 nor linux/sched.h has it. Source: sched_setattr(2). */
struct SchedAttributes {
  uint32_t size = sizeof(SchedAttributes);
  uint32_t policy = SCHED_NORMAL;
  // The threads that it starts, one a socket, begin with the usual priority.
  uint64_t flags = SCHED_FLAG_RESET_ON_FORK;
  int32_t nice = kReceiveNice;
  uint32_t priority = 0;
  uint64_t runtime_ns = 0;
  uint64_t deadline_ns = 0;
  uint64_t period_ns = 0;
};
static_assert(sizeof(SchedAttributes) == 48);

bool is_receive_thread(const std::filesystem::path &task) {
  std::string name;
  std::getline(std::ifstream(task / "comm"), name);
  return name.starts_with("SRT:RcvQ");  // srtcore/queue.cpp, CRcvQueue::init
}

}  // namespace

bool favour_receive_threads() {
  bool any = false;
  std::error_code error;
  for (const auto &task : std::filesystem::directory_iterator("/proc/self/task", error)) {
    const std::string text = task.path().filename().string();
    pid_t thread = 0;
    std::from_chars(text.data(), text.data() + text.size(), thread);
    if (thread != 0 && is_receive_thread(task.path())) {
      SchedAttributes attributes;
      any = syscall(SYS_sched_setattr, thread, &attributes, 0) == 0 || any;
    }
  }
  return any;
}

}  // namespace lanthorn::srt
