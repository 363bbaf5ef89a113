// WebSocket as tests speak it: the upgrade's heads and single frames (RFC 6455 section 5.2), up to
// 64 KiB each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/wire.h"

namespace devproxy {

inline std::string websocket_request(std::string_view host, std::string_view target = "/ws",
                                     std::string_view more = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: " + std::string(host) +
         "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
         "13\r\nSec-WebSocket-Key: "
         "dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         std::string(more) + "\r\n";
}

/// The answer to the key above, from RFC 6455 section 1.3.
inline std::string websocket_answer(std::string_view more = "") {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
         "Upgrade\r\nSec-WebSocket-Accept: "
         "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
         std::string(more) + "\r\n";
}

/// One text frame; clients mask theirs.
inline std::string websocket_frame(std::string_view payload, bool masked) {
  static constexpr std::string_view mask = "\x11\x22\x33\x44";
  const auto byte = [](std::size_t value) {
    return static_cast<char>(static_cast<std::uint8_t>(value));
  };
  const std::size_t mask_bit = masked ? 0x80 : 0;
  std::string frame(1, byte(0x81));
  if (payload.size() < 126) {
    frame += byte(mask_bit | payload.size());
  } else {
    frame += byte(mask_bit | 126);
    frame += byte(payload.size() >> 8);
    frame += byte(payload.size() & 0xff);
  }
  if (masked) frame += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += masked ? static_cast<char>(payload[i] ^ mask[i % 4]) : payload[i];
  }
  return frame;
}

/// The payload of the next frame, unmasked.
inline std::string receive_websocket_frame(Wire& wire) {
  const auto number = [](char c) { return static_cast<std::size_t>(static_cast<std::uint8_t>(c)); };
  const std::string head = wire.receive_exactly(2);
  const bool masked = (number(head[1]) & 0x80) != 0;
  std::size_t size = number(head[1]) & 0x7f;
  if (size == 126) {
    const std::string more = wire.receive_exactly(2);
    size = number(more[0]) << 8 | number(more[1]);
  }
  const std::string mask = masked ? wire.receive_exactly(4) : std::string(4, '\0');
  std::string payload = wire.receive_exactly(size);
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
  return payload;
}

/// A script that accepts every upgrade and sends every frame back.
inline void echo_websocket(Wire& wire) {
  wire.receive_head();
  wire.send(websocket_answer());
  for (std::string more = wire.receive_some(); !more.empty(); more = wire.receive_some()) {
    wire.put_back(more);
    wire.send(websocket_frame(receive_websocket_frame(wire), false));
  }
}

}  // namespace devproxy
