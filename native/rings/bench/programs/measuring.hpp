/** What the bench's native programs share: arguments, clocks, samples as JSON. Stamps are CLOCK_MONOTONIC ns. */
#pragma once

#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace lanthorn::bench {

inline int64_t now_ns(clockid_t clock = CLOCK_MONOTONIC) {
  struct timespec now = {};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/** Sleeps until a moment; at once when it has passed. */
inline void sleep_until_ns(int64_t mono_ns) {
  struct timespec until = {};
  until.tv_sec = mono_ns / 1'000'000'000;
  until.tv_nsec = mono_ns % 1'000'000'000;
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) != 0) {
  }
}

[[noreturn]] inline void die(const std::string &what) {
  std::fprintf(stderr, "rings bench: %s\n", what.c_str());
  std::exit(1);
}

/** Arguments of the form name=value. */
class Arguments {
 public:
  Arguments(int count, char **values) {
    for (int i = 0; i < count; i++) {
      std::string text = values[i];
      size_t equals = text.find('=');
      if (equals == std::string::npos) {
        die("Expected name=value but received " + text);
      }
      values_[text.substr(0, equals)] = text.substr(equals + 1);
    }
  }

  std::string text(const std::string &name) const {
    auto found = values_.find(name);
    if (found == values_.end()) {
      die("Expected an argument " + name + "=…");
    }
    return found->second;
  }

  double number(const std::string &name) const { return std::strtod(text(name).c_str(), nullptr); }

 private:
  std::map<std::string, std::string> values_;
};

/** The beats of a camera: periods after one another without drift; 0 fps: at once. */
class Pace {
 public:
  explicit Pace(double fps) : period_ns_(fps > 0 ? static_cast<int64_t>(1e9 / fps) : 0), next_ns_(now_ns()) {}

  void wait() {
    if (period_ns_ == 0) {
      return;
    }
    next_ns_ += period_ns_;
    if (next_ns_ < now_ns()) {
      next_ns_ = now_ns();  // late: the next beat counts from here, none is made up for
    }
    sleep_until_ns(next_ns_);
  }

 private:
  int64_t period_ns_;
  int64_t next_ns_;
};

/** Prints {"name":[…],…} or {"name":1,…} piece by piece. */
class JsonLine {
 public:
  void numbers(const char *name, const std::vector<int64_t> &values) {
    begin(name);
    std::putchar('[');
    for (size_t i = 0; i < values.size(); i++) {
      std::printf(i == 0 ? "%lld" : ",%lld", static_cast<long long>(values[i]));
    }
    std::putchar(']');
  }
  void number(const char *name, int64_t value) {
    begin(name);
    std::printf("%lld", static_cast<long long>(value));
  }
  void end() {
    std::puts("}");
    std::fflush(stdout);
  }

 private:
  void begin(const char *name) {
    std::printf("%s\"%s\":", first_ ? "{" : ",", name);
    first_ = false;
  }
  bool first_ = true;
};

inline void say(const char *line) {
  std::puts(line);
  std::fflush(stdout);
}

int write_ring(const Arguments &arguments);
int read_ring(const Arguments &arguments);
int pass_by_stream(const Arguments &arguments);

}  // namespace lanthorn::bench
