// A RawClient is a client of the proxy that says exactly what a test tells it to.
#pragma once

#include <string>
#include <string_view>

#include "tests/support/wire.h"

namespace devproxy {

class RawClient final : public Wire {
 public:
  explicit RawClient(std::uint16_t port, Family family = Family::v4, int receive_buffer = 0)
      : Wire(connect_to(family, port, receive_buffer), "client") {}

  /// Sends a request and reads its final response; interim ones are read and dropped.
  TextMessage ask(std::string_view request) {
    send(request);
    return receive_final(request.substr(0, 5) == "HEAD ");
  }
  TextMessage receive_final(bool to_head = false) {
    TextMessage response = receive_message(to_head);
    while (response.status() < 200 && response.status() != 101) response = receive_message(to_head);
    return response;
  }
};

/// A GET with nothing but a Host.
inline std::string get(std::string_view host, std::string_view target = "/") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n";
}

}  // namespace devproxy
