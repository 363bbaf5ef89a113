// The two fields with which a WebSocket's ends prove to each other that they mean it (RFC 6455 4).
// HTTP/2 does without them (RFC 8441 5), so between the two versions they are made here. Pure but
// for randomness; any thread.
#pragma once

#include <string>
#include <string_view>

namespace devproxy {

/// A new value for Sec-WebSocket-Key: 16 random bytes in base64.
std::string make_websocket_key();

/// The Sec-WebSocket-Accept that answers this key.
std::string websocket_accept(std::string_view key);

}  // namespace devproxy
