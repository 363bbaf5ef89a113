// Whether a proxy did its header job: Via, every X-Forwarded field and X-Request-Id arrived, once
// and right, Host as the client sent it, nothing hop-by-hop left over. One thread.
#pragma once

#include <string>
#include <string_view>

namespace devproxy {

/// What is wrong with this request head; empty when nothing is.
std::string check_request(std::string_view head);

}  // namespace devproxy
