#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace lanthorn::srt {

/** A numeric address with its port. */
struct Address {
  sockaddr_storage storage{};
  socklen_t bytes = 0;

  const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&storage); }
  bool is_any_v6() const;
};

/** False when host is not a numeric IPv4 or IPv6 address. */
bool parse_address(const std::string &host, uint16_t port, Address &out);

/** address:port, IPv6 in brackets. */
std::string address_text(const sockaddr *address);

}  // namespace lanthorn::srt
