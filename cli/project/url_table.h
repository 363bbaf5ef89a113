// The URL table: one row per host of every route, as `up`, `serve` and `routes` show it. Pure
// functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "config/config.h"
#include "proxy/server.h"

namespace devproxy {

struct UrlRow {
  std::string url;   ///< "https://shop.localhost:6289/api"; see PublicUrls
  std::string host;  ///< the pattern: "shop.localhost", "*.shop.localhost", "*"
  std::string path;
  std::string service;
  std::string target;  ///< ":4001", "unix:/x", "http://host:port", "-> https://…"
  std::string only;  ///< further conditions, in words: "GET, HEAD", "x-tenant: acme"; mostly empty
  std::string when;  ///< service_when, in words: "web-next for cookie branch=next"; mostly empty
  std::string fallback;             ///< "shop/api", of the main checkout, answers; mostly empty
  bool needs_local_ca = false;      ///< clients accept it once they trust the local CA
  bool is_open = false;             ///< its port is any free one: not known yet
  const RouteRule* rule = nullptr;  ///< in the Config that the row was made from
};

std::string target_text(const Target& target);

/// What a Config asks for, before anything is bound.
std::vector<BoundAddress> wanted_listeners(const Config& config);
/// "6289"; "<a free port>" for 0, which stands for one in a Config.
std::string shown_port(std::uint16_t port);
/// "127.0.0.1:6289, [::1]:6289"
std::string listeners_text(const std::vector<BoundAddress>& listeners);
std::string address_text(const BoundAddress& address);
/// With brackets around IPv6.
std::string host_text(const std::string& host);

/// At most `limit` rows, in file order. `listeners`: what is bound, or what the Config asks for.
std::vector<UrlRow> url_rows(const Config& config, const std::vector<BoundAddress>& listeners,
                             std::size_t limit);
/// How many rows there would be without a limit.
std::size_t count_rows(const Config& config);

/// A service's stable TCP port, "tcp 127.0.0.1:5432" -> "db" "127.0.0.1:54321": in no route, so its
/// row has no host, path or rule.
std::vector<UrlRow> tcp_rows(const Config& config);

/// Aligned, two spaces of indent, a head line; long columns are cut where that makes `width` fit.
std::string pretty_table(const std::vector<UrlRow>& rows, std::size_t width, bool colour);
/// For logs: "https://shop.localhost:6289/api -> api :4001", one a line.
std::string plain_table(const std::vector<UrlRow>& rows);
/// What stands below the table when one of its URLs would be met by a warning; else empty. Asks at
/// most once, and only when it matters, for every store is looked into; an empty function knows
/// nothing, and nothing is said.
std::string trust_hint(const std::vector<UrlRow>& rows, const std::function<bool()>& ca_is_trusted);

}  // namespace devproxy
