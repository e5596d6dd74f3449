/** What the programs of the ingest bench share: their arguments, and how they talk to the one who started them. */
#pragma once

#include <srt/srt.h>
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

namespace lanthorn::bench {

[[noreturn]] inline void die(const std::string &why) {
  std::fprintf(stderr, "lanthorn_srt_bench: %s\n", why.c_str());
  std::exit(1);
}

/** Words of the form name=value. */
class Arguments {
 public:
  Arguments(int count, char **words) {
    for (int i = 0; i < count; i++) {
      const std::string word = words[i];
      const size_t equals = word.find('=');
      if (equals == std::string::npos) {
        die("Expected name=value but received " + word);
      }
      values_[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
  const std::string &text(const std::string &name) const {
    const auto found = values_.find(name);
    return found != values_.end() ? found->second : (die("Expected " + name + "=…"), found->second);
  }
  double number(const std::string &name) const { return std::strtod(text(name).c_str(), nullptr); }

 private:
  std::map<std::string, std::string> values_;
};

inline int64_t mono_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

inline void sleep_until_ns(int64_t at_ns) {
  const timespec at{.tv_sec = at_ns / 1'000'000'000, .tv_nsec = at_ns % 1'000'000'000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr) != 0) {
  }
}

inline void say(const std::string &line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

/** One line of stdin; false at its end. */
inline bool hear(std::string &line) {
  line.clear();
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c == '\n') {
      return true;
    }
    line.push_back(static_cast<char>(c));
  }
  return false;
}

template <typename Value>
void set_option(SRTSOCKET socket, SRT_SOCKOPT option, Value value, const char *name) {
  if (srt_setsockflag(socket, option, &value, sizeof(value)) == SRT_ERROR) {
    die(std::string("libsrt did not take ") + name + ": " + srt_getlasterror_str());
  }
}

inline void set_text(SRTSOCKET socket, SRT_SOCKOPT option, const std::string &value, const char *name) {
  if (srt_setsockflag(socket, option, value.data(), static_cast<int>(value.size())) == SRT_ERROR) {
    die(std::string("libsrt did not take ") + name + ": " + srt_getlasterror_str());
  }
}

constexpr int kMessageBytes = 1316;  // 7 TS packets of 188: SRTO_PAYLOADSIZE of live mode

/** Many cameras in one process. */
int send(const Arguments &arguments);
/** The plain way to receive: a blocking loop in a thread a stream. */
int receive_plainly(const Arguments &arguments);
/** A bad network. */
int relay(const Arguments &arguments);

}  // namespace lanthorn::bench
