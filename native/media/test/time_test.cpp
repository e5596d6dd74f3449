#include <doctest/doctest.h>

#include <random>

#include "mono_time.h"
#include "pipeline/capture_clock.h"
#include "pipeline/time_line.h"

using namespace lanthorn::media;

TEST_CASE("33-bit timestamps go on rising over the wrap, and small steps back stay small") {
  constexpr uint64_t kWrap = uint64_t{1} << 33;
  TimeLine line;
  const int64_t before = line.unwrap(kWrap - 3000);
  CHECK(line.unwrap(600) - before == 3600);
  CHECK(line.unwrap(kWrap - 3000) == before);  // B-frames around the wrap
  CHECK(line.unwrap(4200) - before == 7200);
}

namespace {

constexpr int64_t kMs = 1'000'000;

struct Jitter {
  std::minstd_rand random{7};
  int64_t operator()(int64_t mostMs) { return static_cast<int64_t>(random() % 1000) * mostMs * kMs / 1000; }
};

}  // namespace

TEST_CASE("a thread that is held up while it reads the clocks does not see one of them move") {
  constexpr int64_t kOffset = 1'700'000'000'000 * kMs;
  for (int heldAt = 0; heldAt < 6; heldAt++) {
    int64_t nowNs = 5 * kMs;
    int reading = 0;
    const int64_t difference = clockDifferenceNs(CLOCK_REALTIME, CLOCK_MONOTONIC, [&](clockid_t clock) {
      if (reading++ == heldAt) nowNs += 1000 * kMs;
      nowNs += 100;
      return clock == CLOCK_REALTIME ? nowNs + kOffset : nowNs;
    });
    CHECK(std::abs(difference - kOffset) < kMs);
  }
}

TEST_CASE("capture times follow the picture's own clock, not the jitter of its arrival") {
  CaptureClock clock;
  Jitter jitter;
  int64_t last = 0, worst = 0;
  for (int i = 0; i < 1000; i++) {
    const int64_t taken = 10'000 * kMs + i * 40 * kMs;
    const auto times = clock.estimate(900'000 + i * 3600, taken + 50 * kMs + jitter(60), 0);
    CHECK(times.monoNs > last);
    last = times.monoNs;
    if (i > 200) worst = std::max(worst, std::abs(times.monoNs - (taken + 50 * kMs)));
  }
  CHECK(worst < 5 * kMs);  // arrival varied by 60
}

TEST_CASE("a burst at the start settles within three seconds and never runs backwards") {
  CaptureClock clock;
  int64_t last = 0, error = 0;
  for (int i = 0; i < 75; i++) {
    const int64_t taken = i * 40 * kMs;
    const int64_t arrival = std::max<int64_t>(taken + 20 * kMs, 800 * kMs);  // 0.8 s came at once
    const auto times = clock.estimate(i * 3600, arrival, 0);
    CHECK(times.monoNs >= last);
    CHECK(times.monoNs <= arrival);
    last = times.monoNs;
    error = times.monoNs - (taken + 20 * kMs);
  }
  CHECK(std::abs(error) < 1 * kMs);
}

TEST_CASE("a camera's clock that runs 100 ppm slow or fast is followed") {
  for (const int64_t ppm : {-100, 100}) {
    CaptureClock clock;
    Jitter jitter;
    int64_t error = 0;
    for (int i = 0; i < 25 * 600; i++) {
      const int64_t taken = i * 40 * kMs;
      const int64_t cameraNs = taken + taken / 1'000'000 * ppm;
      const auto times = clock.estimate(cameraNs / 100'000 * 9, taken + 30 * kMs + jitter(20), 0);
      error = times.monoNs - (taken + 30 * kMs);
    }
    CHECK(std::abs(error) < 8 * kMs);  // 100 ppm of the 32 s window is 3.2 ms, and the smallest jitter of a window adds
  }
}

TEST_CASE("wall time follows a clock set forward and never jumps back when it is set back") {
  CaptureClock clock;
  int64_t last = 0;
  for (int i = 0; i < 1000; i++) {
    const int64_t wall = i < 300 ? 0 : i < 600 ? 3'600'000 * kMs : 3'595'000 * kMs;  // +1 h, then -5 s
    const auto times = clock.estimate(i * 3600, i * 40 * kMs + 10 * kMs, wall);
    CHECK(times.wallUs >= last);
    last = times.wallUs;
    if (i == 400) CHECK(times.wallUs > 3'600'000'000);
  }
}
