#include "proxy/rules.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "proxy/http/host.h"
#include "router/path.h"

namespace devproxy {
namespace {

bool belongs_to_connection(FieldId id) {
  switch (id) {
    case FieldId::connection:
    case FieldId::keep_alive:
    case FieldId::proxy_connection:
    case FieldId::te:
    case FieldId::transfer_encoding:
    case FieldId::content_length:  // framing: written anew
    case FieldId::upgrade:
      return true;
    default:
      return false;
  }
}

bool tells_of_forwarding(FieldId id) {
  switch (id) {
    case FieldId::forwarded:
    case FieldId::x_forwarded:
    case FieldId::x_forwarded_for:
    case FieldId::x_forwarded_host:
    case FieldId::x_forwarded_port:
    case FieldId::x_forwarded_proto:
      return true;
    default:
      return false;
  }
}

/// Under a name with '_' a client could say what only we may.
void drop_forged_names(Headers& headers, bool has_own_id) {
  for (const Field& field : headers.fields()) {
    if (field.id != FieldId::other) continue;
    const FieldId id = id_with_underscores(headers.name(field));
    if (tells_of_forwarding(id) || (id == FieldId::x_request_id && !has_own_id))
      headers.drop(field);
  }
}

/// RFC 9110 7.6.1: fields that Connection nominates go no further. Host and Via are ours to keep
/// right.
void drop_nominated(Headers& headers) {
  for (std::size_t i = 0; i < headers.fields().size(); ++i) {
    const Field field = headers.fields()[i];
    if (field.id != FieldId::connection) continue;
    for_each_element(headers.value(field), [&](std::string_view option) {
      if (iequals(option, "close") || iequals(option, "keep-alive") || iequals(option, "upgrade"))
        return;
      if (iequals(option, "host") || iequals(option, "via")) return;
      headers.drop(option);
    });
  }
}

void drop_hop_by_hop(Headers& headers) {
  drop_nominated(headers);
  for (const Field& field : headers.fields()) {
    if (belongs_to_connection(field.id)) headers.drop(field);
  }
}

std::string joined_values(const Headers& headers, FieldId id) {
  std::string joined;
  for (const Field& field : headers.fields()) {
    if (field.id != id || field.dropped) continue;
    if (!joined.empty()) joined.append(", ");
    joined.append(headers.value(field));
  }
  return joined;
}

/// One request, one id: the first that says something. Whether there is one.
bool keep_one_request_id(Headers& headers) {
  bool has_id = false;
  for (const Field& field : headers.fields()) {
    if (field.id != FieldId::x_request_id || field.dropped) continue;
    if (has_id || field.value.size == 0) {
      headers.drop(field);
    } else {
      has_id = true;
    }
  }
  return has_id;
}

void add_unless_kept(Headers& headers, FieldId id, std::string_view name, std::string_view value) {
  if (headers.find(id) == nullptr) headers.add(name, value, id);
}

/// An element behind an open quote would be a part of what is quoted (RFC 9110 5.6.4).
bool has_open_quote(std::string_view list) {
  bool quoted = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '"') quoted = !quoted;
    if (quoted && list[i] == '\\') ++i;
  }
  return quoted;
}

void extend_forwarding_fields(Headers& headers, const std::string& authority,
                              const ForwardFacts& facts) {
  const std::string earlier_for = joined_values(headers, FieldId::x_forwarded_for);
  std::string earlier = joined_values(headers, FieldId::forwarded);
  if (has_open_quote(earlier)) earlier.clear();
  headers.drop(FieldId::x_forwarded_for);
  headers.drop(FieldId::forwarded);
  headers.add("X-Forwarded-For", FieldId::x_forwarded_for,
              {earlier_for, earlier_for.empty() ? "" : ", ", facts.client_ip});
  add_unless_kept(headers, FieldId::x_forwarded_proto, "X-Forwarded-Proto", facts.scheme);
  add_unless_kept(headers, FieldId::x_forwarded_host, "X-Forwarded-Host", authority);
  add_unless_kept(headers, FieldId::x_forwarded_port, "X-Forwarded-Port",
                  forwarded_port(authority, facts.listener_port));
  add_forwarded(headers, earlier, facts.client_ip, facts.scheme, authority);
}

void write_forwarding_fields(Request& request, const RouteRule& rule, const ForwardFacts& facts,
                             ForwardingLines& lines) {
  Headers& headers = request.headers;
  if (facts.trusted) {
    extend_forwarding_fields(headers, std::string(request.authority_text()), facts);
  } else {
    headers.append(
        lines.of(facts.client_ip, facts.scheme, facts.listener_port, request.authority_text()));
  }
  if (rule.strip_prefix && rule.path != "/")
    headers.add("X-Forwarded-Prefix", rule.path, FieldId::x_forwarded);
}

void set_forward_target(Request& request, const RouteRule& rule, std::string_view normal_path) {
  if (!rule.strip_prefix || rule.path == "/") return;
  const std::string_view target = request.target_text();
  if (target == "*") return;
  const std::size_t query = std::min(target.find('?'), target.size());
  request.forward_target = strip_path_prefix(target.substr(0, query), normal_path, rule.path);
  request.forward_target.append(target.substr(query));
}

void set_forward_host(Request& request, HostHeader host_header,
                      std::string_view upstream_authority) {
  if (host_header == HostHeader::upstream) {
    request.forward_host.assign(upstream_authority);
  } else if (request.host_is_in_target || request.headers.find(FieldId::host) == nullptr) {
    // RFC 9112 3.2.2: the target's host wins. Without any (HTTP/1.0) the service's own name must
    // do.
    request.forward_host.assign(request.authority.size > 0 ? request.authority_text()
                                                           : upstream_authority);
  }
  if (!request.forward_host.empty()) request.headers.drop(FieldId::host);
}

}  // namespace

int times_passed(const Headers& headers, std::string_view via) {
  const std::string_view name = via.substr(via.find(' ') + 1);
  int count = 0;
  for (const Field& field : headers.fields()) {
    if (field.id != FieldId::via) continue;
    for_each_element(headers.value(field), [&](std::string_view member) {
      const std::size_t space = member.find_first_of(" \t");
      if (space == std::string_view::npos) return;
      const std::string_view by = trim(member.substr(space));
      if (by.substr(0, by.find_first_of(" \t")) == name) ++count;
    });
  }
  return count;
}

void prepare_request(Request& request, const RouteRule& rule, std::string_view upstream_authority,
                     std::string_view normal_path, const ForwardFacts& facts,
                     ForwardingLines& lines) {
  Headers& headers = request.headers;
  set_forward_target(request, rule, normal_path);
  set_forward_host(request, facts.host_header, upstream_authority);
  drop_hop_by_hop(headers);
  if (!facts.trusted) {
    for (const Field& field : headers.fields()) {
      if (tells_of_forwarding(field.id)) headers.drop(field);
    }
  }
  const bool has_id = keep_one_request_id(headers);
  drop_forged_names(headers, has_id);
  if (request.minor_version == 0) headers.drop(FieldId::expect);
  if (request.body.kind != BodyLength::Kind::unknown) headers.drop(FieldId::trailer);
  write_forwarding_fields(request, rule, facts, lines);
  if (!has_id) headers.add("X-Request-Id", facts.request_id, FieldId::x_request_id);
  // RFC 9110 7.6.3: the version that was received, "1.1 name".
  headers.add("Via", FieldId::via, {request.protocol.substr(5), facts.via.substr(3)});
}

void prepare_response(Response& response, std::string_view date) {
  drop_hop_by_hop(response.headers);
  if (!response.has_own_end) response.headers.drop(FieldId::trailer);
  // A 101 too: to an HTTP/2 client it is a 200.
  if ((response.status >= 200 || response.upgraded) &&
      response.headers.find(FieldId::date) == nullptr) {
    response.headers.add("Date", date, FieldId::date);
  }
}

bool is_idempotent(std::string_view method) {
  for (const std::string_view name : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"}) {
    if (method == name) return true;
  }
  return false;
}

bool count_down_max_forwards(Request& request) {
  const std::string_view method = request.method_text();
  if (method != "OPTIONS" && method != "TRACE") return true;
  const Field* field = request.headers.find(FieldId::max_forwards);
  if (field == nullptr) return true;
  const auto left = parse_number(request.headers.value(*field));
  if (!left) return true;
  if (*left == 0) return false;
  request.headers.drop(*field);
  request.headers.add("Max-Forwards", std::to_string(*left - 1), FieldId::max_forwards);
  return true;
}

}  // namespace devproxy
