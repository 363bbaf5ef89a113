// The URL table: one row per host of every route, as `up`, `serve` and `routes` show it. Pure
// functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/config.h"
#include "proxy/server.h"

namespace devproxy {

struct UrlRow {
  std::string url;   ///< "http://shop.localhost:6289/api"; the port is dropped when it is 80
  std::string host;  ///< the pattern: "shop.localhost", "*.shop.localhost", "*"
  std::string path;
  std::string service;
  std::string target;  ///< ":4001", "unix:/x", "http://host:port", "-> https://…"
  std::string only;  ///< further conditions, in words: "GET, HEAD", "x-tenant: acme"; mostly empty
  const RouteRule* rule = nullptr;  ///< in the Config that the row was made from
};

std::string target_text(const Target& target);

/// The port that printed URLs carry: 80 if it is among them, else that of the first loopback
/// listener, else of the first.
std::uint16_t public_port(const std::vector<BoundAddress>& listeners);
/// What a Config asks for, before anything is bound.
std::vector<BoundAddress> wanted_listeners(const Config& config);
/// "127.0.0.1:6289, [::1]:6289"
std::string listeners_text(const std::vector<BoundAddress>& listeners);
std::string address_text(const BoundAddress& address);
bool is_loopback(const std::string& host);

/// At most `limit` rows, in file order.
std::vector<UrlRow> url_rows(const Config& config, std::uint16_t port, std::size_t limit);
/// How many rows there would be without a limit.
std::size_t count_rows(const Config& config);

/// Aligned, two spaces of indent, a head line; long columns are cut where that makes `width` fit.
std::string pretty_table(const std::vector<UrlRow>& rows, std::size_t width, bool colour);
/// For logs: "http://shop.localhost:6289/api -> api :4001", one a line.
std::string plain_table(const std::vector<UrlRow>& rows);

}  // namespace devproxy
