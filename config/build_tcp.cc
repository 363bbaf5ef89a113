// Builder: the stable TCP ports of services.
#include <algorithm>
#include <array>
#include <optional>
#include <variant>

#include "config/builder.h"

namespace devproxy {

bool Builder::has_route(const ServiceDraft& service) {
  const Fields& fields = service.fields;
  const bool redirects = service.target && std::holds_alternative<RedirectTarget>(*service.target);
  const bool meant_host = std::any_of(fields.failed.begin(), fields.failed.end(),
                                      [](const KeyInfo* key) { return key->key == Key::host; });
  if (fields[Key::host] != nullptr || meant_host || redirects) return true;
  if (fields[Key::tcp_listen] != nullptr) return false;
  // What listens nowhere has no URL, unless the file asks for one.
  const auto* const command =
      service.target ? std::get_if<CommandTarget>(&*service.target) : nullptr;
  return command == nullptr || command->ready.when != ReadyWhen::started ||
         fields[Key::path] != nullptr;
}

void Builder::build_tcp(const ServiceDraft& service, Milliseconds hold) {
  const Member* const listen = service.fields[Key::tcp_listen];
  if (listen != nullptr && !has_route(service)) refuse_keys_of_routes(service);
  const auto port = port_at(listen);
  if (!port || !service.enabled || !service.target) return;
  // finish_route() says that it has no meaning for a redirect.
  if (std::holds_alternative<RedirectTarget>(*service.target)) return;
  const auto* const url = std::get_if<UrlTarget>(&*service.target);
  if (url != nullptr && url->scheme == UrlScheme::https) {
    report_.add("config.value", listen->where,
                "listen passes bytes on as they are, and " + in_quotes(service.member->key) +
                    " expects TLS (" + sources_.place(service.target_at.spot) + ")",
                "take it out: requests reach the service by its host");
    return;
  }
  const Where where = listen->value.where;
  if (leave_port(*port, where)) return;
  draft_.config.tcp.push_back(
      {*port, std::string(service.member->key), hold, sources_.position(where.spot)});
  draft_.tcp_at.push_back(where);
}

void Builder::refuse_keys_of_routes(const ServiceDraft& service) {
  static constexpr std::array of_routes = {Key::path,    Key::strip_prefix, Key::methods,
                                           Key::headers, Key::service_when, Key::host_header,
                                           Key::timeout, Key::tls};
  for (const Key key : of_routes) {
    const Member* const member = service.fields[key];
    if (member == nullptr) continue;
    report_.add("config.value", member->where,
                std::string(member->key) + " has no meaning without a host: " +
                    in_quotes(service.member->key) + " is reached by its TCP port alone (" +
                    sources_.place(service.fields[Key::tcp_listen]->where.spot) + ")",
                "take it out, or give the service a host for requests as well");
  }
}

}  // namespace devproxy
