// Builder: routes, and the words of their messages.
#include <algorithm>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <variant>

#include "base/text.h"
#include "config/builder.h"
#include "config/files.h"

namespace devproxy {
namespace {

/// Whether one of the keys that say what a route matches has no usable value.
bool failed_condition(const Fields& fields) {
  return std::any_of(fields.failed.begin(), fields.failed.end(), [](const KeyInfo* key) {
    return key->key == Key::host || key->key == Key::path || key->key == Key::methods ||
           key->key == Key::headers;
  });
}

}  // namespace

void Builder::build_route(const Node& table) {
  const Fields fields = reader_.fields(table, Place::route, "");
  const auto name = reader_.text(fields[Key::service]);
  ReadRoute read = read_route(fields, name ? name->value : std::string_view());
  if (table.find("service") == nullptr) {
    report_.add("config.value", table.where, "this route has no service",
                "say who answers: service = \"web\"");
  }
  if (!name) return;
  const auto found = by_name_.find(name->value);
  if (found == by_name_.end()) {
    if (!layers_.incomplete()) {
      report_.add("config.unknown_service", name->where,
                  "unknown service " + in_quotes(name->value), hint_for_service(name->value));
    }
    return;
  }
  const ServiceDraft& service = services_[found->second];
  if (read.rule.hosts.empty()) {
    read.rule.hosts = service.hosts;
    read.whole = read.whole && service.hosts_known;
    if (read.rule.hosts.empty()) {
      report_.add("config.value", table.where,
                  "this route has no host, and its service " + in_quotes(name->value) +
                      " has a TCP port (listen) and none either",
                  "say which requests are meant: host = \"" + std::string(name->value) + "." +
                      draft_.config.project + ".localhost\"");
      return;
    }
  }
  if (!service.enabled || !service.target) return;
  finish_route(std::move(read), service, fields, table.where);
}

ReadRoute Builder::read_route(const Fields& fields, std::string_view service) {
  ReadRoute read;
  RouteRule& rule = read.rule;
  const std::size_t problems = report_.size();
  rule.service = service;
  read_hosts(fields[Key::host], service, rule);
  if (const auto path = filled(reader_.text(fields[Key::path]), service)) {
    rule.path = reader_.accept(parse_path(path->value), path->where).value_or("/");
  }
  read_methods(fields[Key::methods], rule);
  read_headers(fields[Key::headers], rule);
  read_service_when(fields[Key::service_when], rule);
  read.whole = report_.size() == problems && !failed_condition(fields);
  rule.strip_prefix = reader_.boolean(fields[Key::strip_prefix]).value_or(false);
  rule.timeout = reader_.duration(fields[Key::timeout]);
  if (rule.timeout && rule.timeout->count() == 0) {
    report_.add("config.value", fields[Key::timeout]->value.where,
                "a timeout of 0 fails every request", "leave timeout out to wait for ever");
  }
  if (const auto hold = reader_.duration(fields[Key::hold])) rule.hold = *hold;
  return read;
}

void Builder::read_hosts(const Member* member, std::string_view service, RouteRule& rule) {
  if (member == nullptr) return;
  const std::vector<Text> texts = reader_.texts(member);
  std::unordered_set<std::string> seen;
  rule.hosts.reserve(texts.size());
  for (const Text& raw : texts) {
    const auto text = filled(raw, service);
    if (!text) continue;
    auto host = reader_.accept(parse_host(text->value), text->where);
    if (!host) continue;
    // Whoever wrote {worktree} has said where the label belongs.
    if (raw.value.find("{worktree}") == std::string_view::npos)
      host = host_here(std::move(*host), text->where);
    if (texts.size() == 1 || seen.insert(*host).second) {
      rule.hosts.push_back(std::move(*host));
    } else {
      report_twice(in_quotes(*host), "host", text->where);
    }
  }
}

void Builder::read_methods(const Member* member, RouteRule& rule) {
  for (const Text& text : reader_.texts(member)) {
    const auto method = reader_.accept(parse_method(text.value), text.where);
    if (!method) continue;
    if (std::find(rule.methods.begin(), rule.methods.end(), *method) != rule.methods.end()) {
      report_twice(in_quotes(*method), "methods", text.where);
    } else {
      rule.methods.push_back(*method);
    }
  }
}

void Builder::read_headers(const Member* member, RouteRule& rule) {
  if (member == nullptr) return;
  for (const Member& header : member->value.members) {
    const std::string name = lower(header.key);
    if (!is_token(name)) {
      report_.add("config.value", header.where, in_quotes(header.key) + " is not a header's name",
                  "write one like \"x-tenant\"");
      continue;
    }
    if (header.value.kind != NodeKind::string) {
      report_.add("config.type", header.value.where,
                  "headers: expected a string for " + std::string(header.key) + ", found " +
                      std::string(describe(header.value.kind)),
                  "write the exact value in quotes");
      continue;
    }
    const auto text = strings_.expand(header.value);
    if (!text) continue;
    const bool again = std::any_of(rule.headers.begin(), rule.headers.end(),
                                   [&](const auto& other) { return other.first == name; });
    if (again) {
      report_twice(in_quotes(name), "headers", header.where);
    } else if (trim(text->value) != text->value ||
               std::any_of(text->value.begin(), text->value.end(), [](char c) {
                 return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
               })) {
      report_.add("config.value", text->where,
                  "the value of " + in_quotes(name) + " can never be that of a header",
                  "write it without control characters and outer spaces");
    } else {
      rule.headers.emplace_back(name, text->value);
    }
  }
}

void Builder::finish_route(ReadRoute&& read, const ServiceDraft& service, const Fields& fields,
                           Where where) {
  const Target& target = *service.target;
  RouteRule& rule = read.rule;
  rule.host_header = default_host_header(target);
  if (const auto text = reader_.text(fields[Key::host_header])) {
    if (text->value == "preserve" || text->value == "upstream") {
      rule.host_header = text->value == "preserve" ? HostHeader::preserve : HostHeader::upstream;
    } else {
      report_.add(
          "config.value", text->where,
          "host_header: expected \"preserve\" or \"upstream\", found " + in_quotes(text->value),
          "\"preserve\" sends the client's Host, \"upstream\" that of the url");
    }
    if (text->value == "upstream" && std::holds_alternative<UnixTarget>(target)) {
      report_.add("config.value", text->where, "a unix socket has no host of its own to send",
                  "leave host_header out");
    }
  }
  if (std::holds_alternative<RedirectTarget>(target)) {
    for (const Member* const member : fields.members) {
      if (member == nullptr || find_key(Place::service, member->key) == nullptr ||
          find_key(Place::service, member->key)->role != KindRole::forwarding) {
        continue;
      }
      report_.add("config.value", member->where,
                  std::string(member->key) + " has no meaning for a redirect",
                  "take it out: nothing is forwarded");
    }
  }
  rule.at = sources_.position(where.spot);
  if (!read.whole) return;
  if (!rule.service_when.empty() && fields[Key::host_header] == nullptr)
    open_host_headers_.push_back(draft_.config.routes.size());
  draft_.config.routes.push_back(std::move(rule));
  draft_.route_at.push_back(where);
}

void Builder::put_in_order() {
  const auto key = [this](std::size_t route) {
    const Spot& spot = draft_.route_at[route].spot;
    return std::tuple(UINT32_MAX - layers_.rank(spot.file), spot.line, spot.column);
  };
  const auto before = [&](std::size_t a, std::size_t b) { return key(a) < key(b); };
  std::vector<std::size_t> order(draft_.route_at.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Most files have their services first and their routes behind: nothing to move.
  if (std::is_sorted(order.begin(), order.end(), before)) return;
  std::stable_sort(order.begin(), order.end(), before);
  std::vector<RouteRule> routes;
  std::vector<Where> places;
  routes.reserve(order.size());
  places.reserve(order.size());
  for (const std::size_t route : order) {
    routes.push_back(std::move(draft_.config.routes[route]));
    places.push_back(draft_.route_at[route]);
  }
  draft_.config.routes = std::move(routes);
  draft_.route_at = std::move(places);
}

std::optional<Text> Builder::filled(const std::optional<Text>& text, std::string_view service) {
  if (!text) return std::nullopt;
  return strings_.fill(*text, [&](std::string_view name) { return placeholder(name, service); });
}

tl::expected<std::string, std::string> Builder::placeholder(std::string_view name,
                                                            std::string_view service) {
  if (name == "project") return draft_.config.project;
  if (name == "service") return std::string(service);
  if (name == "worktree") return draft_.config.worktree.name;
  std::string_view wanted = service;
  if (name != "port") {
    if (!name.starts_with("services.") || !name.ends_with(".port") || name.size() < 15) {
      return tl::unexpected("unknown placeholder {" + std::string(name) + "}");
    }
    wanted = name.substr(9, name.size() - 14);
  }
  const auto found = by_name_.find(wanted);
  const auto port = found == by_name_.end() ? std::nullopt : port_of(services_[found->second]);
  if (port) return std::to_string(*port);
  return tl::unexpected("{" + std::string(name) + "} has no value: the service " +
                        in_quotes(wanted) +
                        (found == by_name_.end() ? " does not exist" : " has no port"));
}

void Builder::report_twice(const std::string& what, std::string_view list, Where where) {
  report_.add("config.duplicate", where, what + " stands twice in " + std::string(list),
              "take one out");
}

std::string Builder::hint_for_service(std::string_view name) {
  std::vector<std::string_view> known;
  for (const ServiceDraft& service : services_) {
    if (service.member->key != name) known.push_back(service.member->key);
  }
  if (known.empty()) return "there is no other service: add [services." + std::string(name) + "]";
  // Words are compared letter by letter: not for thousands of mistakes among thousands of names.
  if (hints_left_ > 0) {
    --hints_left_;
    if (const auto near = nearest(name, known)) return "did you mean " + in_quotes(*near) + "?";
  }
  constexpr std::size_t shown = 8;
  std::string hint = "there are: ";
  for (std::size_t i = 0; i < std::min(known.size(), shown); ++i) {
    hint += (i == 0 ? "" : ", ") + std::string(known[i]);
  }
  return known.size() > shown ? hint + ", …" : hint;
}

}  // namespace devproxy
