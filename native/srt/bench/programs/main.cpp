/**
 * The native side of `npm run bench -- ingest`: `lanthorn_srt_bench send|plain name=value …`; services/ingest/bench
 * starts it. */
#include <string_view>

#include "program.hpp"

int main(int argc, char **argv) {
  using namespace lanthorn::bench;
  const std::string_view role = argc > 1 ? argv[1] : "";
  if (role != "send" && role != "plain" && role != "relay") {
    die("Expected send, plain or relay");
  }
  const Arguments arguments(argc - 2, argv + 2);
  if (role == "relay") {
    return relay(arguments);
  }
  srt_startup();
  const int code = role == "send" ? send(arguments) : receive_plainly(arguments);
  srt_cleanup();
  return code;
}
