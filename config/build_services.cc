// Builder: services.
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

bool meant_a_kind(const Fields& fields) {
  return std::any_of(fields.failed.begin(), fields.failed.end(),
                     [](const KeyInfo* key) { return key->role == KindRole::kind; });
}

}  // namespace

void Builder::find_services(const Node& table) {
  for (const Member& member : table.members) {
    if (member.value.kind != NodeKind::table) {
      report_.add("config.type", member.value.where,
                  "services." + std::string(member.key) + ": expected a table, found " +
                      std::string(describe(member.value.kind)),
                  "write [services." + std::string(member.key) + "] and its keys below");
      continue;
    }
    if (!is_label(member.key)) {
      report_.add("config.value", member.where,
                  "the service's name " + in_quotes(member.key) + " is not a DNS label",
                  "write lower-case letters, digits and inner hyphens: [services." +
                      make_label(member.key, "web") + "]");
    }
    ServiceDraft candidate;
    candidate.member = &member;
    candidate.fields = reader_.fields(member.value, Place::service, member.key);
    candidate.enabled = reader_.boolean(candidate.fields[Key::enabled]).value_or(true);
    by_name_.emplace(member.key, services_.size());
    services_.push_back(std::move(candidate));
  }
}

void Builder::build_service(ServiceDraft& service) {
  const Member& member = *service.member;
  check_kinds(service);
  set_target(service);
  set_trust(service);
  set_follow(service);
  set_command(service);
  const Member* const tls = service.fields[Key::tls];
  auto certificate = files_.certificate(tls);
  ReadRoute read = read_route(service.fields, member.key);
  service.hosts_known = read.whole;
  const bool has_route = this->has_route(service);
  if (has_route && read.rule.hosts.empty()) {
    read.rule.hosts.push_back(host_here(
        std::string(member.key) + "." + draft_.config.project + ".localhost", member.where));
  }
  service.hosts = read.rule.hosts;
  build_tcp(service, read.rule.hold);
  if (!service.enabled || !service.target) return;
  if (has_route) {
    read.rule.own = true;
    finish_route(std::move(read), service, service.fields, member.value.where);
  }
  draft_.config.services.push_back(Service{std::string(member.key), *service.target,
                                           std::move(certificate),
                                           sources_.position(service.target_at.spot)});
  draft_.target_at.push_back(service.target_at);
  draft_.tls_at.push_back(tls == nullptr ? Where{} : tls->value.where);
}

void Builder::check_kinds(const ServiceDraft& service) {
  const Member* const kind = service.fields.kind;
  const std::string_view key = service.member->key;
  const bool alone = service.member->value.members.size() == 1;
  if (kind == nullptr && !layers_.incomplete()) {
    if (!service.enabled && alone) {
      report_.add("config.unknown_service", service.member->value.where,
                  "there is no service " + in_quotes(key) + " to switch off",
                  hint_for_service(key));
    } else if (service.enabled && !meant_a_kind(service.fields)) {
      report_.add(
          "config.no_kind", service.member->value.where,
          "the service " + in_quotes(key) + " has no port, command, follow, url or redirect",
          "say what answers: port = 3000, or command = \"npm run dev\"");
    }
  }
  if (kind == nullptr) return;
  for (const Member* const other : service.fields.other_kinds) {
    report_.add("config.two_kinds", other->where,
                "the service " + in_quotes(key) + " has both " + std::string(kind->key) + " (" +
                    sources_.place(kind->where.spot) + ") and " + std::string(other->key),
                "keep one: exactly one kind makes a service");
  }
}

void Builder::set_target(ServiceDraft& service) {
  const Fields& fields = service.fields;
  if (const auto port = port_of(service)) {
    service.target = PortTarget{*port};
    service.target_at = fields[Key::port]->value.where;
  }
  if (const auto url = filled(reader_.text(fields[Key::url]), service.member->key)) {
    if (auto target = reader_.accept(parse_url(url->value), url->where)) service.target = *target;
    service.target_at = url->where;
  }
  if (const auto to = filled(reader_.text(fields[Key::redirect]), service.member->key)) {
    if (auto address = reader_.accept(parse_redirect(to->value), to->where)) {
      service.target = RedirectTarget{std::move(*address)};
    }
    service.target_at = to->where;
  }
}

void Builder::set_trust(ServiceDraft& service) {
  const Fields& fields = service.fields;
  const bool known = service.target.has_value();
  auto* const url = known ? std::get_if<UrlTarget>(&*service.target) : nullptr;
  const bool is_https = url != nullptr && url->scheme == UrlScheme::https;
  for (const Key key : {Key::insecure, Key::ca}) {
    if (fields[key] == nullptr || !known || is_https) continue;
    report_.add("config.value", fields[key]->where,
                std::string(fields[key]->key) + " has no meaning here: no TLS is spoken to " +
                    in_quotes(service.member->key),
                "take it out, or write url = \"https://…\"");
  }
  const bool insecure = reader_.boolean(fields[Key::insecure]).value_or(false);
  const auto ca = files_.path(fields[Key::ca]);
  if (!is_https) return;
  url->insecure = insecure;
  url->ca = ca.value_or("");
}

std::optional<std::uint16_t> Builder::port_of(const ServiceDraft& service) {
  return port_at(service.fields[Key::port]);
}

std::optional<std::uint16_t> Builder::port_at(const Member* member) {
  const auto port = reader_.integer(member);
  if (!port) return std::nullopt;
  if (*port >= 1 && *port <= 65535) return static_cast<std::uint16_t>(*port);
  report_.add("config.value", member->value.where, std::to_string(*port) + " is not a port",
              "a port is a number from 1 to 65535");
  return std::nullopt;
}

}  // namespace devproxy
