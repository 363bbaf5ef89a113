// Request and Response: the heads of the one message model that every protocol is turned into. Both
// are plain values with recycled memory, owned by an Exchange; codecs fill them in and write them
// out. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/http/headers.h"

namespace devproxy {

/// How much body follows a head, before any framing.
struct BodyLength {
  enum class Kind : std::uint8_t { none, known, unknown };
  Kind kind = Kind::none;
  std::uint64_t bytes = 0;  ///< for known

  bool is_none() const { return kind == Kind::none; }
};

struct Request {
  Headers headers;
  Piece method;     ///< in headers' block
  Piece target;     ///< origin-form path and query, or "*"; as the client sent them
  Piece authority;  ///< as the client sent it, port included; from the target where that has one
  BodyLength body;
  std::string_view protocol = "HTTP/1.1";  ///< the client's, for logs and Via: "HTTP/2", "HTTP/1.0"
  std::uint8_t minor_version = 1;          ///< of HTTP/1
  bool host_is_in_target = false;          ///< absolute-form: the Host field must be written anew
  bool websocket = false;         ///< asks for a WebSocket; after the heads, data is raw bytes
  bool accepts_trailers = false;  ///< TE: trailers
  bool keep_alive = true;         ///< the client's connection may carry another request

  /// What the service gets instead of the client's own; set by the rules.
  std::string forward_target;  ///< empty: `target`
  std::string forward_host;    ///< empty: the Host field as it is

  std::string_view method_text() const { return headers.piece(method); }
  std::string_view target_text() const { return headers.piece(target); }
  std::string_view authority_text() const { return headers.piece(authority); }
  /// RFC 9110 8.6: its method is one that says so when there is no body.
  bool expects_body() const;

  void clear();
};

struct Response {
  Headers headers;
  Piece reason;  ///< in headers' block; may be empty
  int status = 0;
  BodyLength body;
  std::optional<std::uint64_t>
      content_length;  ///< as announced, also where no body follows (HEAD, 304)
  std::uint8_t minor_version = 1;
  bool has_own_end = false;  ///< a body of unknown length ends by its framing (chunked, HTTP/2)
                             ///< and may have trailers; else with the connection
  bool is_whole = false;     ///< an answer of our own: its end follows at once
  bool upgraded = false;     ///< 101 to a WebSocket: data is raw bytes from here on
  bool keep_alive = false;   ///< the service's connection may carry another request
  std::uint32_t keep_alive_seconds = 0;  ///< announced with Keep-Alive: timeout=; 0: not announced

  std::string_view reason_text() const { return headers.piece(reason); }

  void clear();
};

}  // namespace devproxy
