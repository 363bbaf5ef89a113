#include "proxy/http/message.h"

namespace devproxy {

void Request::clear() {
  headers.clear();
  method = target = authority = {};
  body = {};
  protocol = "HTTP/1.1";
  minor_version = 1;
  host_is_in_target = websocket = accepts_trailers = false;
  keep_alive = true;
  forward_target.clear();
  forward_host.clear();
}

bool Request::expects_body() const {
  const std::string_view name = method_text();
  return name == "POST" || name == "PUT" || name == "PATCH";
}

void Response::clear() {
  headers.clear();
  reason = {};
  status = 0;
  body = {};
  content_length.reset();
  minor_version = 1;
  has_own_end = is_whole = upgraded = keep_alive = false;
  keep_alive_seconds = 0;
}

}  // namespace devproxy
