#include "engine.hpp"

#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <future>
#include <utility>

#include "library_log.hpp"

namespace lanthorn::srt {
namespace {

std::atomic<uint64_t> turn_count{0};  // relaxed: a sign of life

// libsrt's own epoll looks every 10 ms at the latest (CGlobEvent::waitForEvent), so a shorter one gains nothing.
constexpr int64_t kTurnMs = 20;
constexpr size_t kEventsPerTurn = 256;

// A turn that found something is followed by a rest, in which more comes: one wake-up then serves every socket, where
// each packet of each stream would be one of its own (50 streams of 5 Mbit/s: 24,000 a second). It delays what comes by
// 2 ms on average, of a latency of 120.
constexpr int64_t kRestNs = 4'000'000;

void rest() {
  const timespec duration{.tv_sec = 0, .tv_nsec = kRestNs};
  nanosleep(&duration, nullptr);
}

/** Never destroyed: at_exit runs while other static objects already go. */
std::weak_ptr<Engine> &current_engine() {
  static auto *current = new std::weak_ptr<Engine>();
  return *current;
}

void at_exit() {
  if (const std::shared_ptr<Engine> engine = current_engine().lock(); engine != nullptr) {
    engine->abandon();
  }
}

}  // namespace

std::shared_ptr<Engine> Engine::shared() {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::shared_ptr<Engine> engine = current_engine().lock();
  if (engine == nullptr) {
    engine = std::make_shared<Engine>();
    current_engine() = engine;
    // After srt_startup made libsrt's own static objects: exit handlers run in reverse order.
    [[maybe_unused]] static const int registered = std::atexit(at_exit);
  }
  return engine;
}

Engine::Engine() {
  srt_startup();
  install_library_log();
  epoll_ = srt_epoll_create();
  srt_epoll_set(epoll_, SRT_EPOLL_ENABLE_EMPTY);
  thread_ = std::thread([this] { loop(); });
  pthread_setname_np(thread_.native_handle(), "ltn-srt");
}

Engine::~Engine() {
  stopping_.store(true, std::memory_order_relaxed);
  if (thread_.joinable()) {
    thread_.join();
  }
  srt_epoll_release(epoll_);
  srt_cleanup();
}

void Engine::watch(SRTSOCKET socket, int events, std::shared_ptr<Watched> watched) {
  {
    const std::lock_guard lock(mutex_);
    watched_[socket] = std::move(watched);
  }
  srt_epoll_add_usock(epoll_, socket, &events);
}

void Engine::unwatch(SRTSOCKET socket) {
  srt_epoll_remove_usock(epoll_, socket);
  const std::lock_guard lock(mutex_);
  watched_.erase(socket);
}

void Engine::run(const std::function<void()> &work) {
  if (stopping_.load(std::memory_order_relaxed)) {
    work();  // at exit: nobody else is left to do it
    return;
  }
  std::promise<void> done;
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back([&work, &done] {
      work();
      done.set_value();
    });
  }
  done.get_future().wait();
}

void Engine::abandon() {
  stopping_.store(true, std::memory_order_relaxed);
  thread_.join();
  std::vector<SRTSOCKET> sockets;
  {
    const std::lock_guard lock(mutex_);
    for (const auto &[socket, watched] : watched_) {
      sockets.push_back(socket);
    }
  }
  for (const SRTSOCKET socket : sockets) {
    srt_close(socket);
  }
}

uint64_t Engine::turns() { return turn_count.load(std::memory_order_relaxed); }

void Engine::loop() {
  std::array<SRT_EPOLL_EVENT, kEventsPerTurn> events;
  while (!stopping_.load(std::memory_order_relaxed)) {
    const int ready = srt_epoll_uwait(epoll_, events.data(), static_cast<int>(events.size()), kTurnMs);
    const int count = ready < 0 ? 0 : std::min(ready, static_cast<int>(events.size()));  // it may report more than fit
    bool more = ready > count;
    for (int i = 0; i < count; ++i) {
      if (const std::shared_ptr<Watched> watched = find(events[static_cast<size_t>(i)].fd); watched != nullptr) {
        more = watched->on_ready() || more;
      } else {
        srt_epoll_remove_usock(epoll_, events[static_cast<size_t>(i)].fd);
      }
    }
    run_posted();
    for (const std::shared_ptr<Watched> &watched : watched_now()) {
      watched->on_turn();
    }
    turn_count.fetch_add(1, std::memory_order_relaxed);
    if (count > 0 && !more) {
      rest();
    }
  }
  run_posted();
}

void Engine::run_posted() {
  std::vector<std::function<void()>> posted;
  {
    const std::lock_guard lock(mutex_);
    posted.swap(posted_);
  }
  for (const std::function<void()> &work : posted) {
    work();
  }
}

std::vector<std::shared_ptr<Watched>> Engine::watched_now() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Watched>> all;
  all.reserve(watched_.size());
  for (const auto &[socket, watched] : watched_) {
    all.push_back(watched);
  }
  return all;
}

std::shared_ptr<Watched> Engine::find(SRTSOCKET socket) {
  const std::lock_guard lock(mutex_);
  const auto found = watched_.find(socket);
  return found == watched_.end() ? nullptr : found->second;
}

}  // namespace lanthorn::srt
