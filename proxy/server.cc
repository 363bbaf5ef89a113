#include "proxy/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>

#include "base/log.h"
#include "proxy/arrival.h"
#include "proxy/client_connections.h"
#include "proxy/context.h"
#include "proxy/endpoint.h"
#include "proxy/exchange.h"
#include "proxy/net/listener.h"
#include "proxy/upstream.h"

namespace devproxy {
namespace {

/// A listener and what asked for it.
struct Open {
  ListenAddress asked;
  std::unique_ptr<Listener> listener;
};

bool same_address(const ListenAddress& a, const ListenAddress& b) {
  return a.host == b.host && a.port == b.port;
}

OwnCertificate own_certificate(const CertificateFiles& files) {
  return {files.cert, files.key};
}

}  // namespace

class Server::Body {
 public:
  Body(Loop& loop, ServerOptions options)
      : context_(loop, std::move(options)),
        connections_(context_.agenda),
        room_timer_(context_.agenda),
        drain_timer_(context_.agenda) {
    // Told from within a destructor or an exchange: it waits for a turn of its own.
    context_.descriptors.on_room = [this] { look_for_room(); };
    context_.on_starved = [this] { look_for_room(); };
  }

  ~Body() {
    context_.descriptors.on_room = nullptr;
    context_.on_starved = nullptr;
    connections_.on_change = nullptr;
    const Turn turn(context_.agenda);
    connections_.close_all();
  }

  Result<void> apply(const Config& config, std::shared_ptr<const RouteTable> table);
  std::vector<BoundAddress> listeners() const;
  void expect(std::uint16_t port, bool comes);
  void drain(std::chrono::milliseconds limit, std::function<void()> done);

 private:
  ServerTlsSettings tls_settings(const Config& config,
                                 std::shared_ptr<const RouteTable> table) const;
  Result<std::vector<Open>> open_new(const std::vector<ListenAddress>& wanted);
  void take_listeners(const std::vector<ListenAddress>& wanted, std::vector<Open> opened);
  void take_routing(const Config& config, std::shared_ptr<const RouteTable> table);
  ListenOnly only_at(std::uint16_t port) const;
  void look_for_room();
  void share_room();
  void check_drained(bool limit_reached);

  Context context_;
  ClientConnections connections_;
  std::vector<Open> open_;
  std::unordered_map<std::string, std::shared_ptr<Upstream>>
      upstreams_;  ///< those that the routing in force names
  Timer room_timer_;
  Timer drain_timer_;
  std::function<void()> drained_;
};

Result<void> Server::Body::apply(const Config& config, std::shared_ptr<const RouteTable> table) {
  auto opened = open_new(config.proxy.listen);
  if (!opened) return tl::unexpected<Error>(opened.error());
  if (auto taken = context_.server_tls.apply(tls_settings(config, table)); !taken) return taken;
  take_listeners(config.proxy.listen, std::move(*opened));
  take_routing(config, std::move(table));
  return {};
}

ServerTlsSettings Server::Body::tls_settings(const Config& config,
                                             std::shared_ptr<const RouteTable> table) const {
  ServerTlsSettings settings;
  settings.state_dir = context_.options.state_dir;
  settings.domains = config.proxy.domains;
  if (config.proxy.tls) settings.own = own_certificate(*config.proxy.tls);
  for (const ListenAddress& address : config.proxy.listen) {
    if (address.tls) settings.of_listeners.push_back(own_certificate(*address.tls));
  }
  for (const Route& route : table->routes()) {
    const Service& service = table->services()[route.service];
    if (!service.tls || !route.rule.own) continue;
    for (const std::string& host : route.rule.hosts)
      settings.by_host.emplace_back(host, own_certificate(*service.tls));
  }
  settings.has_name = [known = std::move(table)](std::string_view host) {
    return known->knows_host(host);
  };
  return settings;
}

Result<std::vector<Open>> Server::Body::open_new(const std::vector<ListenAddress>& wanted) {
  std::vector<Open> opened;
  std::size_t skipped = 0;
  for (const ListenAddress& address : wanted) {
    if (std::any_of(open_.begin(), open_.end(),
                    [&](const Open& open) { return same_address(open.asked, address); }))
      continue;
    auto listener = std::make_unique<Listener>(
        context_.loop, context_.buffers, context_.descriptors,
        [this](std::unique_ptr<SocketStream> stream, std::uint16_t port) {
          connections_.add(std::make_unique<Arrival>(context_, connections_, std::move(stream),
                                                     ListenerFacts{port, only_at(port)}));
        });
    const auto result = listener->open(address.host, address.port);
    if (result) {
      opened.push_back({address, std::move(listener)});
      continue;
    }
    if (address.is_default && result.error().code == Code::missing && ++skipped < wanted.size()) {
      log(LogLevel::info,
          fmt::format("not listening on {}: this system does not have it", result.error().detail));
      continue;
    }
    return tl::unexpected<Error>(result.error());
  }
  return opened;
}

void Server::Body::take_listeners(const std::vector<ListenAddress>& wanted,
                                  std::vector<Open> opened) {
  open_.erase(std::remove_if(open_.begin(), open_.end(),
                             [&](const Open& open) {
                               return std::none_of(wanted.begin(), wanted.end(),
                                                   [&](const ListenAddress& address) {
                                                     return same_address(open.asked, address);
                                                   });
                             }),
              open_.end());
  std::move(opened.begin(), opened.end(), std::back_inserter(open_));
  context_.listener_certificates.clear();
  const Open* tls = nullptr;
  for (Open& open : open_) {
    const auto asked = std::find_if(
        wanted.begin(), wanted.end(),
        [&](const ListenAddress& address) { return same_address(open.asked, address); });
    open.asked = *asked;
    if (asked->tls) {
      context_.listener_certificates.emplace_back(open.listener->port(),
                                                  own_certificate(*asked->tls));
    }
    if (tls == nullptr && asked->only != ListenOnly::plain) tls = &open;
  }
  context_.tls_port = tls == nullptr ? 443 : tls->listener->port();
}

void Server::Body::take_routing(const Config& config, std::shared_ptr<const RouteTable> table) {
  auto routing = std::make_shared<Routing>();
  routing->settings = config.proxy;
  routing->trusted = TrustedPeers(config.proxy.trusted_proxies);
  std::unordered_map<std::string, std::shared_ptr<Upstream>> named;
  for (const Service& service : table->services()) {
    if (std::holds_alternative<RedirectTarget>(service.target)) {
      routing->upstreams.push_back(nullptr);
      continue;
    }
    Endpoint endpoint = endpoint_of(service.target);
    std::string key = endpoint.key();
    std::shared_ptr<Upstream>& upstream = named[key];
    if (upstream == nullptr) {
      const auto known = upstreams_.find(key);
      upstream = known != upstreams_.end()
                     ? known->second
                     : std::make_shared<Upstream>(context_, std::move(endpoint));
    }
    routing->upstreams.push_back(upstream);
  }
  routing->table = std::move(table);
  context_.routing = std::move(routing);
  upstreams_.swap(named);
  const Turn turn(context_.agenda);
  for (const auto& [key, upstream] : named) {
    if (upstreams_.find(key) == upstreams_.end()) upstream->close_idle();
  }
}

std::vector<BoundAddress> Server::Body::listeners() const {
  std::vector<BoundAddress> addresses;
  for (const Open& open : open_)
    addresses.push_back({open.asked.host, open.listener->port(), open.asked.only});
  return addresses;
}

void Server::Body::expect(std::uint16_t port, bool comes) {
  const auto known = upstreams_.find(endpoint_of(PortTarget{port}).key());
  if (known == upstreams_.end()) return;
  const Turn turn(context_.agenda);
  known->second->expect(comes);
}

/// What the listener with this port accepts now: a reload may have changed it.
ListenOnly Server::Body::only_at(std::uint16_t port) const {
  const auto found = std::find_if(open_.begin(), open_.end(),
                                  [&](const Open& open) { return open.listener->port() == port; });
  return found == open_.end() ? ListenOnly::any : found->asked.only;
}

void Server::Body::look_for_room() {
  if (!room_timer_.pending()) room_timer_.start(0, [this] { share_room(); });
}

/// Descriptors are short: requests that are under way come first, then new clients.
void Server::Body::share_room() {
  context_.descriptors.no_longer_short();
  bool starved = false;
  for (const auto& [key, upstream] : upstreams_) {
    if (!upstream->has_starved()) continue;
    upstream->feed_starved();
    starved = starved || upstream->has_starved();
  }
  if (starved && !context_.descriptors.room_for_service()) {
    // What is warm and unused elsewhere is worth less than a request that waits.
    for (const auto& [key, upstream] : upstreams_) upstream->close_idle();
  }
  for (const Open& open : open_) open.listener->accept_waiting();
}

void Server::Body::drain(std::chrono::milliseconds limit, std::function<void()> done) {
  const Turn turn(context_.agenda);
  context_.draining = true;
  drained_ = std::move(done);
  open_.clear();
  connections_.drain();
  drain_timer_.start(static_cast<std::uint64_t>(limit.count()), [this] { check_drained(true); });
  connections_.on_change = [this] { check_drained(false); };
  check_drained(false);
}

void Server::Body::check_drained(bool limit_reached) {
  if (!drained_ || (!limit_reached && connections_.any_busy())) return;
  connections_.on_change = nullptr;
  // From a turn of its own: whoever tells us of a change is still on the stack.
  drain_timer_.start(0, [this] {
    connections_.close_all();
    const std::function<void()> done = std::move(drained_);
    drained_ = nullptr;
    for (const auto& [key, upstream] : upstreams_) upstream->close_idle();
    done();
  });
}

Server::Server(Loop& loop, ServerOptions options)
    : body_(std::make_unique<Body>(loop, std::move(options))) {}
Server::~Server() = default;

Result<void> Server::apply(const Config& config, std::shared_ptr<const RouteTable> table) {
  return body_->apply(config, std::move(table));
}
std::vector<BoundAddress> Server::listeners() const {
  return body_->listeners();
}
void Server::expect(std::uint16_t port, bool comes) {
  body_->expect(port, comes);
}
void Server::drain(std::chrono::milliseconds limit, std::function<void()> done) {
  body_->drain(limit, std::move(done));
}

}  // namespace devproxy
