// Builder: service_when, the choice among services for requests of one route.
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "config/builder.h"

namespace devproxy {
namespace {

struct Condition {
  Key key;
  WhenIn in;
};
constexpr std::array conditions{Condition{Key::when_cookie, WhenIn::cookie},
                                Condition{Key::when_header, WhenIn::header},
                                Condition{Key::when_query, WhenIn::query}};

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// RFC 6265 4.1.1, RFC 9110 5.5; of a query the decoded text counts, which may be anything.
bool can_be_sent(WhenIn in, std::string_view value) {
  if (has_control(value)) return false;
  if (in == WhenIn::query) return true;
  return trim(value) == value &&
         (in == WhenIn::header || value.find_first_of(";\"") == std::string_view::npos);
}

/// Whoever meets `later` has met `earlier`.
bool hides(const ServiceWhen& earlier, const ServiceWhen& later) {
  return earlier.in == later.in && earlier.name == later.name &&
         (!earlier.value || earlier.value == later.value);
}

}  // namespace

void Builder::read_service_when(const Member* member, RouteRule& rule) {
  if (member == nullptr) return;
  const auto add = [&](const Node& table) {
    auto when = read_when(table);
    if (!when) return;
    const auto earlier = std::find_if(rule.service_when.begin(), rule.service_when.end(),
                                      [&](const ServiceWhen& each) { return hides(each, *when); });
    if (earlier != rule.service_when.end()) {
      report_.add("config.unreachable", table.where,
                  "service_when: " + when_text(*when) + " can never choose " +
                      in_quotes(when->service) + ": " + when_text(*earlier) +
                      " before it takes the same requests",
                  "put it first, or take it out");
      return;
    }
    rule.service_when.push_back(*std::move(when));
  };
  if (member->value.kind == NodeKind::table) {
    add(member->value);
    return;
  }
  for (const Member& table : member->value.members) add(table.value);
}

std::optional<ServiceWhen> Builder::read_when(const Node& table) {
  const Fields fields = reader_.fields(table, Place::when, "");
  ServiceWhen when;
  when.at = sources_.position(table.where.spot);
  std::size_t named = 0;
  const Member* condition = nullptr;
  for (const Condition& each : conditions) {
    if (table.find(info_of(each.key).name) == nullptr) continue;
    ++named;
    if (fields[each.key] == nullptr) continue;
    condition = fields[each.key];
    when.in = each.in;
  }
  if (named != 1 && fields.failed.empty()) {
    report_.add("config.value", table.where,
                named == 0 ? "service_when names no cookie, header or query"
                           : "service_when names more than one of cookie, header and query",
                named == 0 ? "say what is looked at: cookie = \"branch=next\""
                           : "keep one; for several write a list: service_when = [{ … }, { … }]");
    return std::nullopt;
  }
  const bool is_good = condition != nullptr && read_condition(*condition, when);
  if (table.find("service") == nullptr) {
    report_.add("config.value", table.where, "service_when names no service",
                "say who answers then: service = \"web-next\"");
  }
  const auto service = reader_.text(fields[Key::service]);
  if (!service) return std::nullopt;
  const auto found = by_name_.find(service->value);
  if (found == by_name_.end()) {
    if (!layers_.incomplete()) {
      report_.add("config.unknown_service", service->where,
                  "unknown service " + in_quotes(service->value), hint_for_service(service->value));
    }
    return std::nullopt;
  }
  when.service = service->value;
  // As with routes: what leads to a service that is switched off is gone.
  if (!is_good || !services_[found->second].enabled) return std::nullopt;
  return when;
}

bool Builder::read_condition(const Member& member, ServiceWhen& when) {
  const auto text = reader_.text(&member);
  if (!text) return false;
  const std::size_t equals = text->value.find('=');
  const std::string_view name = text->value.substr(0, equals);
  when.name = when.in == WhenIn::header ? lower(name) : std::string(name);
  if (equals != std::string_view::npos) when.value = text->value.substr(equals + 1);
  const bool is_name =
      when.in == WhenIn::query ? !name.empty() && !has_control(name) : is_token(name);
  const std::string key(member.key);
  if (!is_name) {
    report_.add("config.value", text->where,
                in_quotes(name) + " is not the name of a " +
                    (when.in == WhenIn::query ? "query parameter" : key),
                "write its name, then \"=\" and its value: " + key + " = \"" +
                    (when.in == WhenIn::header ? "x-branch=next" : "branch=next") + "\"");
    return false;
  }
  if (when.value && !can_be_sent(when.in, *when.value)) {
    report_.add("config.value", text->where,
                in_quotes(*when.value) + " can never be the value of a " +
                    (when.in == WhenIn::query ? "query parameter" : key),
                when.in == WhenIn::cookie
                    ? "write it without quotes, semicolons, control characters and outer spaces"
                    : "write it without control characters and outer spaces");
    return false;
  }
  return true;
}

void Builder::resolve_host_headers() {
  for (const std::size_t index : open_host_headers_) {
    for (ServiceWhen& when : draft_.config.routes[index].service_when) {
      const auto found = by_name_.find(when.service);
      if (found == by_name_.end() || !services_[found->second].target) continue;
      when.host_header = default_host_header(*services_[found->second].target);
    }
  }
}

}  // namespace devproxy
