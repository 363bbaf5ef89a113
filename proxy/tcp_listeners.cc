#include "proxy/tcp_listeners.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/log.h"
#include "proxy/client_connections.h"
#include "proxy/context.h"
#include "proxy/tcp_connection.h"

namespace devproxy {

Result<std::vector<TcpListeners::Open>> TcpListeners::open_new(const std::vector<TcpPort>& wanted) {
  std::vector<Open> opened;
  for (const TcpPort& port : wanted) {
    if (std::any_of(open_.begin(), open_.end(),
                    [&](const Open& known) { return known.port == port.port; }))
      continue;
    auto result = open(port.port);
    if (!result) return tl::unexpected<Error>(result.error());
    opened.push_back(std::move(*result));
  }
  return opened;
}

Result<TcpListeners::Open> TcpListeners::open(std::uint16_t port) {
  Open opened;
  opened.port = port;
  opened.service = std::make_shared<TcpService>(context_);
  std::string missing;
  for (const std::string host : {"127.0.0.1", "::1"}) {
    const std::string at =
        host == "::1" ? fmt::format("[::1]:{}", port) : fmt::format("{}:{}", host, port);
    auto listener = std::make_unique<Listener>(
        context_.loop, context_.buffers, context_.descriptors,
        [this, service = opened.service, at](std::unique_ptr<SocketStream> stream,
                                             std::uint16_t /*port*/) {
          connections_.add(std::make_unique<TcpConnection>(context_, connections_,
                                                           std::move(stream), service, at));
        });
    const auto result = listener->open(host, port, context_.options.inherited);
    if (result) {
      opened.listeners.push_back(std::move(listener));
    } else if (result.error().code != Code::missing || !missing.empty()) {
      return tl::unexpected<Error>(result.error());
    } else {
      missing = at;
    }
  }
  if (!missing.empty()) {
    log(LogLevel::info, fmt::format("not listening on {}: this system does not have it", missing));
  }
  return opened;
}

void TcpListeners::take(const std::vector<TcpPort>& wanted, std::vector<Open> opened,
                        const UpstreamOf& upstream_of) {
  std::move(opened.begin(), opened.end(), std::back_inserter(open_));
  std::vector<Open> kept;
  for (const TcpPort& port : wanted) {
    const auto found = std::find_if(open_.begin(), open_.end(),
                                    [&](const Open& open) { return open.port == port.port; });
    if (found == open_.end()) continue;
    found->service->apply(port, upstream_of(port.service));
    kept.push_back(std::move(*found));
    open_.erase(found);
  }
  open_ = std::move(kept);
}

void TcpListeners::add_descriptors(std::vector<int>& to) const {
  for (const Open& open : open_) {
    for (const auto& listener : open.listeners) to.push_back(listener->descriptor());
  }
}

void TcpListeners::accept_waiting() {
  for (const Open& open : open_) {
    for (const auto& listener : open.listeners) listener->accept_waiting();
  }
}

}  // namespace devproxy
