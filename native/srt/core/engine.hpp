#pragma once

#include <srt/srt.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace lanthorn::srt {

/** Something whose socket the engine watches. Called on the engine's thread only. */
class Watched {
 public:
  virtual ~Watched() = default;
  /** The socket has something to read, was accepted from, or broke. Does a bounded piece of work: others wait. Returns
   * whether it left some. */
  virtual bool on_ready() = 0;
  /** Once a turn, at most 20 ms apart when idle. */
  virtual void on_turn() {}
};

/**
 * The one thread that reads every SRT socket of this process: libsrt's epoll, level-triggered, so that a socket that
 * was left with unread messages after its share is reported again and none starves another. Sockets are opened anywhere
 * but closed on this thread only, so that nobody reads what another closes.
 */
class Engine {
 public:
  /** The process's engine; it starts with the first owner and ends with the last. */
  static std::shared_ptr<Engine> shared();

  Engine();
  Engine(const Engine &) = delete;
  Engine &operator=(const Engine &) = delete;
  ~Engine();

  /** Begins to watch; `events` of SRT_EPOLL_…. A socket that broke before raises none: look at it once after this. */
  void watch(SRTSOCKET socket, int events, std::shared_ptr<Watched> watched);
  /** Engine's thread only. */
  void unwatch(SRTSOCKET socket);
  /** Runs a piece of work on the engine's thread and waits for its end (20 ms when idle). Not from that thread. */
  void run(const std::function<void()> &work);

  /**
   * Ends the thread and closes every socket, at exit(3) of a process that did not close its handles (an uncaught
   * exception). Without it libsrt's own exit handler can wait for ever: its collector closes a listener while holding
   * the lock that the handshake thread waits for, and waits for the lock that thread holds (1.5.1: garbageCollect →
   * removeListener against processConnectRequest → newConnection).
   */
  void abandon();

  /** Turns of all engines of this process since start. */
  static uint64_t turns();

 private:
  void loop();
  void run_posted();
  std::vector<std::shared_ptr<Watched>> watched_now();
  std::shared_ptr<Watched> find(SRTSOCKET socket);

  int epoll_ = -1;
  std::atomic<bool> stopping_{false};  // relaxed: the loop looks every turn
  std::mutex mutex_;
  std::unordered_map<SRTSOCKET, std::shared_ptr<Watched>> watched_;
  std::vector<std::function<void()>> posted_;
  std::thread thread_;
};

}  // namespace lanthorn::srt
