#include "bench/request_check.h"

#include <fmt/format.h>

#include "base/text.h"
#include "bench/pattern.h"

namespace devproxy {
namespace {

std::size_t count_fields(std::string_view head, std::string_view name) {
  std::size_t count = 0;
  for (auto line : split(head, '\n')) {
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && iequals(line.substr(0, colon), name)) ++count;
  }
  return count;
}

}  // namespace

std::string check_request(std::string_view head) {
  const auto host = find_field(head, "host");
  const auto colon = host.rfind(':');
  const auto port = colon == std::string_view::npos ? "80" : host.substr(colon + 1);
  if (host.starts_with("relay.localhost")) return {};  // the floor changes nothing
  if (!host.substr(0, colon).ends_with("bench.localhost")) return fmt::format("Host is {}", host);
  const bool is_tls = host.starts_with("tls.");
  const std::pair<std::string_view, std::string_view> exact[] = {
      {"x-forwarded-for", "127.0.0.1"},
      {"x-forwarded-proto", is_tls ? "https" : "http"},
      {"x-forwarded-host", host},
      {"x-forwarded-port", port}};
  for (const auto& [name, value] : exact) {
    const auto count = count_fields(head, name);
    if (count != 1) return fmt::format("{} is there {} times", name, count);
    const auto found = find_field(head, name);
    if (found != value) return fmt::format("{} is {}, not {}", name, found, value);
  }
  const std::string_view via = find_field(head, "via");
  if (!via.starts_with("1.1 ") && !(is_tls && via.starts_with("2")))
    return "via is missing or not 1.1";
  if (find_field(head, "x-request-id").size() < 8) return "x-request-id is missing or too short";
  return {};
}

}  // namespace devproxy
