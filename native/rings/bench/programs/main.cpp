/** The bench's native side: `lanthorn_rings_bench write|read|stream name=value …`; bench/main.ts starts it. */
#include <string_view>

#include "measuring.hpp"

int main(int argc, char **argv) {
  using namespace lanthorn::bench;
  std::string_view role = argc > 1 ? argv[1] : "";
  if (role != "write" && role != "read" && role != "stream") {
    die("Expected write, read or stream");
  }
  Arguments arguments(argc - 2, argv + 2);
  return role == "write" ? write_ring(arguments) : role == "read" ? read_ring(arguments) : pass_by_stream(arguments);
}
