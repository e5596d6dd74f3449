#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
#include <srt/access_control.h>

#include <string>

#include "access_table.hpp"
#include "event_log.hpp"
#include "guess_limit.hpp"
#include "reorder.hpp"
#include "sink_slot.hpp"
#include "socket_options.hpp"
#include "stream_id.hpp"

extern "C" int ltn_srt_header_is_c(void);

using lanthorn::srt::AccessTable;
using lanthorn::srt::asks_for_sub_stream;
using lanthorn::srt::camera_of;
using lanthorn::srt::EventLog;
using lanthorn::srt::GuessLimit;
using lanthorn::srt::make_event;
using lanthorn::srt::parse_stream_id;
using lanthorn::srt::printable_stream_id;

namespace {

constexpr const char *kHost = "192.0.2.1";

ltn_srt_event_t rejection(const std::string &peer, const std::string &stream_id) {
  ltn_srt_event_t event = make_event(LTN_SRT_REJECTED, "", peer.c_str(), "unknown");
  event.code = SRT_REJX_NOTFOUND;
  lanthorn::srt::copy_text(event.stream_id, sizeof(event.stream_id), stream_id.c_str());
  return event;
}

}  // namespace

TEST_CASE("the header compiles as C") { CHECK(ltn_srt_header_is_c() == 1); }

TEST_CASE("a stream id names its camera in every accepted form") {
  for (const char *id : {"#!::u=porch,r=porch/main,m=publish", "porch", "#!::r=porch/main,m=publish",
                         "#!::u=porch,m=publish", "#!::m=publish,t=stream,u=porch,s=42,lanthorn_v=1",
                         "#!::u=porch,m=bidirectional", "%23!::u=porch,r=porch/main,m=publish"}) {
    CAPTURE(id);
    const auto request = parse_stream_id(id);
    CHECK(request.reject_code == 0);
    CHECK(request.camera_id == "porch");
  }
}

TEST_CASE("a sub-stream is a row of its own, in every form; what else stands after the camera means its main stream") {
  for (const char *id : {"#!::u=porch,r=porch/sub,m=publish", "porch/sub", "#!::r=porch/sub,m=publish",
                         "#!::m=publish,r=porch/sub,s=42", "%23!::u=porch,r=porch/sub,m=publish"}) {
    CAPTURE(id);
    CHECK(parse_stream_id(id).camera_id == "porch/sub");
    CHECK(asks_for_sub_stream(id));
  }
  for (const char *id : {"#!::r=porch/subway,m=publish", "#!::r=porch/sub/2,m=publish", "#!::r=porch,m=publish"}) {
    CAPTURE(id);
    CHECK(parse_stream_id(id).camera_id == "porch");
    CHECK_FALSE(asks_for_sub_stream(id));
  }
  CHECK(asks_for_sub_stream("#!::u=porch,r=porch/main,m=publish/sub"));
  CHECK(parse_stream_id("#!::u=porch,r=garden/sub,m=publish").reject_code == SRT_REJX_FORBIDDEN);
  CHECK(camera_of("porch/sub") == "porch");
  CHECK(camera_of("porch") == "porch");
  CHECK(camera_of("/sub") == "");
}

TEST_CASE("a gap waits for overtaken packets as long as they were seen late, at most a quarter of the latency") {
  using lanthorn::srt::reorder_tolerance;
  CHECK(reorder_tolerance(0, 475, 120) == 0);
  CHECK(reorder_tolerance(-1, 475, 120) == 0);  // libsrt 1.5.1 counts below zero
  CHECK(reorder_tolerance(5, 475, 120) == 5);
  CHECK(reorder_tolerance(100, 475, 120) == 14);  // 475 a second * 30 ms
  CHECK(reorder_tolerance(100, 47, 120) == 1);    // a sub-stream of 0.5 Mbit/s: more would be too late for what is lost
  CHECK(reorder_tolerance(1000, 4750, 400) == 64);
  CHECK(reorder_tolerance(5, 0, 120) == 0);
}

TEST_CASE("a stream id that cannot be served gets the proper code") {
  const std::pair<const char *, int> cases[] = {
      {"", SRT_REJX_BAD_REQUEST},
      {"#!::", SRT_REJX_BAD_MODE},
      {"#!::u=porch", SRT_REJX_BAD_MODE},
      {"#!::u=porch,m=request", SRT_REJX_BAD_MODE},
      {"#!::u=porch,m=publish,t=file", SRT_REJX_NOTSUP_MEDIA},
      {"#!::m=publish", SRT_REJX_BAD_REQUEST},
      {"#!::porch", SRT_REJX_BAD_REQUEST},
      {"#!::=porch", SRT_REJX_BAD_REQUEST},
      {"#!::u=porch,r=garden/main,m=publish", SRT_REJX_FORBIDDEN},
  };
  for (const auto &[id, code] : cases) {
    CAPTURE(id);
    CHECK(parse_stream_id(id).reject_code == code);
  }
}

TEST_CASE("a stream id is shown without control characters and cut") {
  CHECK(printable_stream_id("a\nb\x1b[31m") == "a?b?[31m");
  CHECK(printable_stream_id(std::string(512, 'x')) == std::string(128, 'x') + "...");
}

TEST_CASE("the table admits by standard form, bare id and exact spelling, and by nothing else") {
  AccessTable table;
  table.replace({{.camera_id = "porch", .stream_ids = {"live/Channel 7"}, .passphrase = "0123456789"},
                 {.camera_id = "off", .passphrase = "0123456789", .enabled = false}});
  CHECK(table.admit("porch", kHost).passphrase == "0123456789");
  CHECK(table.admit("live/Channel 7", kHost).camera_id == "porch");
  CHECK(table.admit("#!::r=porch/main,m=publish", kHost).camera_id == "porch");
  CHECK(table.admit("Porch", kHost).reject_code == SRT_REJX_NOTFOUND);
  CHECK(table.admit("off", kHost).reject_code == SRT_REJX_FORBIDDEN);
  CHECK(table.allows("porch", "0123456789"));
  CHECK_FALSE(table.allows("porch", "another-key"));
  CHECK_FALSE(table.allows("off", "0123456789"));
  CHECK(table.holds_secret("key=0123456789"));
  CHECK_FALSE(table.holds_secret("porch"));
}

TEST_CASE("of two keys the current one is offered first, then turn and turn about, for each address by itself") {
  AccessTable table;
  table.replace({{.camera_id = "porch", .passphrase = "old-old-old", .next_passphrase = "new-new-new"}});
  CHECK(table.admit("porch", kHost).passphrase == "old-old-old");
  table.note_wrong_key("porch", kHost, false);
  CHECK(table.admit("porch", kHost).passphrase == "new-new-new");
  CHECK(table.admit("porch", "192.0.2.2").passphrase == "old-old-old");
  table.note_wrong_key("porch", kHost, true);
  CHECK(table.admit("porch", kHost).passphrase == "old-old-old");
}

TEST_CASE(
    "once the next key was used the old one is not offered any more, also after an equal replacement of the table") {
  AccessTable table;
  table.replace({{.camera_id = "porch", .passphrase = "old-old-old", .next_passphrase = "new-new-new"}});
  table.note_connected("porch", true);
  CHECK(table.admit("porch", "192.0.2.9").next_key);
  table.replace({{.camera_id = "porch", .passphrase = "old-old-old", .next_passphrase = "new-new-new"}});
  CHECK(table.admit("porch", "192.0.2.9").next_key);
  table.replace({{.camera_id = "porch", .passphrase = "new-new-new", .next_passphrase = "newer-newer"}});
  CHECK(table.admit("porch", kHost).passphrase == "new-new-new");
  CHECK_FALSE(table.allows("porch", "old-old-old"));
}

TEST_CASE("equal rejections of one address are counted, different ones listed, and the log is bounded") {
  EventLog log;
  for (int i = 0; i < 1000; ++i) {
    log.add(rejection("192.0.2.1:" + std::to_string(1000 + i), "nobody"));
  }
  log.add(rejection("192.0.2.2:1", "nobody"));
  ltn_srt_event_t events[600];
  CHECK(log.take(events, 600) == 2);
  CHECK(events[0].count == 1000);
  CHECK(std::string(events[0].peer) == "192.0.2.1:1999");
  CHECK(events[1].count == 1);
  for (int i = 0; i < 600; ++i) {
    log.add(rejection("192.0.2.1:1", "id" + std::to_string(i)));
  }
  CHECK(log.take(events, 600) == 512);
  CHECK(log.lost() == 88);
  CHECK(std::string(events[0].stream_id) == "id88");
}

TEST_CASE("the receive buffer holds 50 Mbit/s for the latency and 250 ms more") {
  CHECK(lanthorn::srt::receive_buffer_packets(20) == 2048);   // 6,250 B/ms * 270 ms / 1,316 B = 1,282
  CHECK(lanthorn::srt::receive_buffer_packets(120) == 2048);  // 6,250 * 370 / 1,316 = 1,757
  CHECK(lanthorn::srt::receive_buffer_packets(8000) == 65536);
}

TEST_CASE("an address has ten keys checked at once and two a second after that, for each camera by itself") {
  GuessLimit limit;
  int64_t now_ns = 1'000'000'000'000;
  for (int i = 0; i < GuessLimit::kBurst; ++i) {
    CHECK(limit.allow(kHost, "porch", now_ns));
  }
  CHECK_FALSE(limit.allow(kHost, "porch", now_ns));
  CHECK(limit.allow(kHost, "yard", now_ns));
  CHECK(limit.allow("192.0.2.2", "porch", now_ns));
  now_ns += GuessLimit::kRefillNs;
  CHECK(limit.allow(kHost, "porch", now_ns));
  CHECK_FALSE(limit.allow(kHost, "porch", now_ns));
  now_ns += 100 * GuessLimit::kRefillNs;  // no more than ten are saved up
  int allowed = 0;
  while (limit.allow(kHost, "porch", now_ns)) {
    ++allowed;
  }
  CHECK(allowed == GuessLimit::kBurst);
  limit.forgive(kHost, "porch");
  CHECK(limit.allow(kHost, "porch", now_ns));
}

TEST_CASE("an encoder that calls every second with the wrong key is told so every time") {
  GuessLimit limit;
  for (int64_t second = 0; second < 100; ++second) {
    CHECK(limit.allow(kHost, "porch", second * 1'000'000'000));
  }
}

TEST_CASE("one that is limited stays limited until a thousand others have called") {
  GuessLimit limit;
  const int64_t now_ns = 1'000'000'000'000;
  while (limit.allow(kHost, "porch", now_ns)) {
  }
  for (size_t i = 0; i + 1 < GuessLimit::kMaxCallers; ++i) {
    CHECK(limit.allow("203.0.113." + std::to_string(i), "porch", now_ns));
  }
  CHECK_FALSE(limit.allow(kHost, "porch", now_ns));
}

TEST_CASE("a camera that must call another port is told so to its owner, and refused like an unknown one") {
  AccessTable table;
  table.replace({{.camera_id = "porch", .stream_ids = {"PORCH"}, .passphrase = "0123456789", .call_port = 9720},
                 {.camera_id = "yard", .passphrase = "abcdefghij"}});
  for (const char *id : {"porch", "PORCH", "#!::u=porch,m=publish"}) {
    const auto admission = table.admit(id, kHost);
    CHECK(admission.reject_code == table.admit("nobody", kHost).reject_code);
    CHECK(admission.reason == "camera porch must call port 9720");
    CHECK(admission.camera_id == "porch");
    CHECK(admission.call_port == 9720);
    CHECK(table.find_elsewhere(id).camera_id == "porch");
  }
  CHECK(table.admit("yard", kHost).reject_code == 0);
  CHECK(table.find_elsewhere("yard").camera_id.empty());
  CHECK(table.find_elsewhere("").camera_id.empty());
  CHECK_FALSE(table.allows("porch", "0123456789"));
  CHECK(table.holds_secret("0123456789"));
}

TEST_CASE("what comes before a sink is there is held for it, up to half a MiB, and belongs to one connection") {
  struct Taken {
    std::string bytes;
    int64_t first_ns = 0;
  } taken;
  ltn_byte_sink_t sink{};
  sink.context = &taken;
  sink.push = [](void *context, const uint8_t *bytes, size_t count, int64_t arrival_mono_ns) {
    auto *to = static_cast<Taken *>(context);
    to->first_ns = to->bytes.empty() ? arrival_mono_ns : to->first_ns;
    to->bytes.append(reinterpret_cast<const char *>(bytes), count);
  };
  sink.discontinuity = [](void *) {};
  sink.retain = [](void *) {};
  sink.release = [](void *) {};
  const auto push = [](lanthorn::srt::SinkSlot &slot, const std::string &text, int64_t at) {
    slot.push(reinterpret_cast<const uint8_t *>(text.data()), text.size(), at);
  };
  lanthorn::srt::SinkSlot slot;
  push(slot, "of the connection before", 1);
  slot.discontinuity();
  push(slot, "key ", 2);
  push(slot, "frame", 3);
  slot.set(&sink);
  push(slot, ", next", 4);
  CHECK(taken.bytes == "key frame, next");
  CHECK(taken.first_ns == 2);
  slot.set(nullptr);
  slot.discontinuity();
  taken = {};
  push(slot, std::string(300 << 10, 'a'), 5);
  push(slot, std::string(300 << 10, 'b'), 6);  // too much: all or nothing
  push(slot, "c", 7);
  slot.set(&sink);
  CHECK(taken.bytes.empty());
  push(slot, "d", 8);
  CHECK(taken.bytes == "d");
}
