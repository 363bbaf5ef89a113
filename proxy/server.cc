#include "proxy/server.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>

#include "proxy/client_connections.h"
#include "proxy/context.h"
#include "proxy/dns/dns_responder.h"
#include "proxy/endpoint.h"
#include "proxy/exchange.h"
#include "proxy/listeners.h"
#include "proxy/tcp_listeners.h"
#include "proxy/upstream.h"

namespace devproxy {
namespace {

OwnCertificate own_certificate(const CertificateFiles& files) {
  return {files.cert, files.key};
}

}  // namespace

class Server::Body {
 public:
  Body(Loop& loop, ServerOptions options)
      : context_(loop, std::move(options)),
        connections_(context_.agenda),
        listeners_(context_, connections_),
        tcp_(context_, connections_),
        dns_(context_),
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
  const Listeners& listeners() const { return listeners_; }
  std::vector<int> listening_descriptors() const;
  void forget_inherited();
  void expect(std::uint16_t port, bool comes);
  void move(const Target& target, const std::optional<LoopbackPlace>& place);
  void drain(std::chrono::milliseconds limit, std::function<void()> done);

 private:
  ServerTlsSettings tls_settings(const Config& config,
                                 std::shared_ptr<const RouteTable> table) const;
  void take_routing(const Config& config, std::shared_ptr<const RouteTable> table);
  void look_for_room();
  void share_room();
  void check_drained(bool limit_reached);

  Context context_;
  ClientConnections connections_;
  Listeners listeners_;
  TcpListeners tcp_;
  DnsResponder dns_;
  std::unordered_map<std::string, std::shared_ptr<Upstream>>
      upstreams_;  ///< those that the routing in force names
  /// Those that no route names any more, while requests of theirs wait for a descriptor.
  std::vector<std::shared_ptr<Upstream>> leaving_;
  Timer room_timer_;
  Timer drain_timer_;
  std::function<void()> drained_;
};

Result<void> Server::Body::apply(const Config& config, std::shared_ptr<const RouteTable> table) {
  auto step = listeners_.open_new(config.proxy.listen);
  if (!step) return tl::unexpected<Error>(step.error());
  auto opened_tcp = tcp_.open_new(config.tcp);
  Result<void> taken;
  if (!opened_tcp) {
    taken = tl::unexpected<Error>(opened_tcp.error());
  } else {
    taken = context_.server_tls.apply(tls_settings(config, table));
  }
  if (!taken) {
    listeners_.give_up(std::move(*step));
    return taken;
  }
  listeners_.take(config.proxy.listen, std::move(*step));
  context_.tls_port = listeners_.tls_port();
  take_routing(config, std::move(table));
  dns_.apply(config.proxy);
  tcp_.take(config.tcp, std::move(*opened_tcp), [this](const std::string& service) {
    const auto& services = context_.routing->table->services();
    const auto found = std::find_if(services.begin(), services.end(),
                                    [&](const Service& each) { return each.name == service; });
    return context_.routing->upstreams[static_cast<std::size_t>(found - services.begin())];
  });
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
    if (upstreams_.find(key) != upstreams_.end()) continue;
    upstream->close_idle();
    if (upstream->has_starved()) leaving_.push_back(upstream);
  }
}

void Server::Body::expect(std::uint16_t port, bool comes) {
  const auto known = upstreams_.find(endpoint_of(PortTarget{port}).key());
  if (known == upstreams_.end()) return;
  const Turn turn(context_.agenda);
  known->second->expect(comes);
}

void Server::Body::move(const Target& target, const std::optional<LoopbackPlace>& place) {
  const auto known = upstreams_.find(endpoint_of(target).key());
  if (known == upstreams_.end()) return;
  const Turn turn(context_.agenda);
  known->second->move(place);
}

void Server::Body::look_for_room() {
  if (!room_timer_.pending()) room_timer_.start(0, [this] { share_room(); });
}

/// Descriptors are short: requests that are under way come first, then new clients.
void Server::Body::share_room() {
  context_.descriptors.no_longer_short();
  bool starved = false;
  const auto feed = [&starved](Upstream& upstream) {
    if (!upstream.has_starved()) return false;
    upstream.feed_starved();
    const bool still = upstream.has_starved();
    starved = starved || still;
    return still;
  };
  leaving_.erase(std::remove_if(leaving_.begin(), leaving_.end(),
                                [&](const auto& upstream) { return !feed(*upstream); }),
                 leaving_.end());
  for (const auto& [key, upstream] : upstreams_) feed(*upstream);
  if (starved && !context_.descriptors.room_for_service()) {
    // What is warm and unused elsewhere is worth less than a request that waits.
    for (const auto& [key, upstream] : upstreams_) upstream->close_idle();
  }
  listeners_.accept_waiting();
  tcp_.accept_waiting();
}

std::vector<int> Server::Body::listening_descriptors() const {
  std::vector<int> descriptors;
  listeners_.add_descriptors(descriptors);
  tcp_.add_descriptors(descriptors);
  std::erase(descriptors, -1);
  return descriptors;
}

void Server::Body::forget_inherited() {
  for (const InheritedSocket& socket : context_.options.inherited) ::close(socket.descriptor);
  context_.options.inherited.clear();
}

void Server::Body::drain(std::chrono::milliseconds limit, std::function<void()> done) {
  const Turn turn(context_.agenda);
  context_.draining = true;
  drained_ = std::move(done);
  listeners_.close();
  tcp_.close();
  dns_.close();
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
  return body_->listeners().bound();
}
const std::vector<NotListening>& Server::not_listening() const {
  return body_->listeners().left_out();
}
std::vector<int> Server::listening_descriptors() const {
  return body_->listening_descriptors();
}
void Server::forget_inherited() {
  body_->forget_inherited();
}
void Server::expect(std::uint16_t port, bool comes) {
  body_->expect(port, comes);
}
void Server::move(const Target& target, const std::optional<LoopbackPlace>& place) {
  body_->move(target, place);
}
void Server::drain(std::chrono::milliseconds limit, std::function<void()> done) {
  body_->drain(limit, std::move(done));
}

}  // namespace devproxy
