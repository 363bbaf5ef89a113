// Context: what all connections of one loop share, passed by reference instead of living in
// globals. Owned by Server, outlives every connection. One thread.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/deadlines.h"
#include "base/loop.h"
#include "certs/client_tls.h"
#include "certs/server_tls.h"
#include "config/config.h"
#include "proxy/forwarding_lines.h"
#include "proxy/http/http1_opinion.h"
#include "proxy/net/buffers.h"
#include "proxy/net/descriptors.h"
#include "proxy/request_ids.h"
#include "proxy/routing.h"
#include "proxy/server.h"

namespace devproxy {

class Exchange;

/// Limits of time, in milliseconds (product section 3).
struct Limits {
  std::uint64_t connect = 2'000;
  std::uint64_t tls_upstream = 10'000;
  std::uint64_t request_head = 15'000;
  std::uint64_t idle_client = 75'000;
  std::uint64_t idle_upstream = 4'000;
  std::uint64_t fresh_upstream =
      1'000;  ///< how recently used a connection must be for a request that cannot be repeated
  std::uint64_t linger = 1'000;
  /// How long whoever has just connected may take for a request when the proxy ends.
  std::uint64_t late_arrival = 250;
  std::size_t linger_bytes = 256 * 1024;
  std::uint64_t retry_connect = 50;
  std::size_t replay = 64 * 1024;
};

struct Context {
  Context(Loop& its_loop, ServerOptions its_options);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  Loop& loop;
  Agenda& agenda;
  ServerOptions options;
  Limits limits;
  Buffers buffers;
  Deadlines deadlines;
  Descriptors descriptors;
  HeadOpinion opinion;
  RequestIds request_ids;
  ForwardingLines forwarding_lines;
  ServerTls server_tls;
  ClientTls client_tls;
  std::uint16_t tls_port = 443;            ///< Listeners::tls_port()
  std::shared_ptr<const Routing> routing;  ///< what new exchanges are pinned to
  bool draining = false;
  std::function<void()> on_starved;  ///< a request waits for a descriptor; Server looks for one

  /// "Via" member of ours: "1.1 devproxy-0123abcd".
  std::string via;

  /// IMF-fixdate of now, made once a second.
  std::string_view date();

  /// True once per name: an unknown host is logged the first time only.
  bool first_sight_of(std::string_view host);

  /// Exchanges are recycled: one taken here has its memory warm; one given back is reused from the
  /// next turn on.
  std::unique_ptr<Exchange> take_exchange();
  void give_back(std::unique_ptr<Exchange> exchange);

 private:
  class Recycler;
  std::unique_ptr<Recycler> recycler_;
  std::set<std::string, std::less<>> seen_hosts_;
  std::time_t date_second_ = 0;
  std::string date_;
};

}  // namespace devproxy
