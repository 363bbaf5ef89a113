#include "proxy/rules.h"

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

/// RFC 9110 7.6.1: fields that Connection nominates go no further. Host and Via are ours to keep right.
void drop_nominated(Headers& headers) {
  for (std::size_t i = 0; i < headers.fields().size(); ++i) {
    const Field field = headers.fields()[i];
    if (field.id != FieldId::connection) continue;
    for_each_element(headers.value(field), [&](std::string_view option) {
      if (iequals(option, "close") || iequals(option, "keep-alive") || iequals(option, "upgrade")) return;
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

/// An address as RFC 7239 section 6 writes a node.
void append_node(std::string& out, std::string_view ip) {
  if (ip.find(':') == std::string_view::npos) {
    out.append(ip);
  } else {
    out.append("\"[").append(ip).append("]\"");
  }
}

void append_forwarded(std::string& out, std::string_view host, const ForwardFacts& facts) {
  out.append("for=");
  append_node(out, facts.client_ip);
  // A valid authority holds neither quotes nor backslashes.
  if (!host.empty()) out.append(";host=\"").append(host).append("\"");
  out.append(";proto=").append(facts.scheme);
}

/// One field with all earlier values of `id` and `value` behind them.
void extend(Headers& headers, FieldId id, std::string_view name, std::string_view value) {
  std::string joined;
  for (const Field& field : headers.fields()) {
    if (field.id != id || field.dropped) continue;
    if (!joined.empty()) joined.append(", ");
    joined.append(headers.value(field));
  }
  headers.drop(id);
  if (!joined.empty()) joined.append(", ");
  joined.append(value);
  headers.add(name, joined, id);
}

void add_unless_kept(Headers& headers, FieldId id, std::string_view name, std::string_view value) {
  if (headers.find(id) == nullptr) headers.add(name, value, id);
}

void write_forwarding_fields(Request& request, const RouteRule& rule, const ForwardFacts& facts) {
  Headers& headers = request.headers;
  // A copy: adding fields moves the block that the authority stands in.
  const std::string authority(request.authority_text());
  char digits[8];
  std::string_view port = port_text(authority);
  if (port.empty()) {
    std::size_t size = sizeof digits;
    for (std::uint32_t rest = facts.listener_port; size > 0 && (rest > 0 || size == sizeof digits); rest /= 10) {
      digits[--size] = static_cast<char>('0' + rest % 10);
    }
    port = std::string_view(digits + size, sizeof digits - size);
  }
  std::string forwarded;
  append_forwarded(forwarded, authority, facts);
  if (facts.trusted) {
    extend(headers, FieldId::x_forwarded_for, "X-Forwarded-For", facts.client_ip);
    extend(headers, FieldId::forwarded, "Forwarded", forwarded);
    add_unless_kept(headers, FieldId::x_forwarded_proto, "X-Forwarded-Proto", facts.scheme);
    add_unless_kept(headers, FieldId::x_forwarded_host, "X-Forwarded-Host", authority);
    add_unless_kept(headers, FieldId::x_forwarded_port, "X-Forwarded-Port", port);
  } else {
    headers.add("X-Forwarded-For", facts.client_ip, FieldId::x_forwarded_for);
    headers.add("X-Forwarded-Proto", facts.scheme, FieldId::x_forwarded_proto);
    if (!authority.empty()) headers.add("X-Forwarded-Host", authority, FieldId::x_forwarded_host);
    headers.add("X-Forwarded-Port", port, FieldId::x_forwarded_port);
    headers.add("Forwarded", forwarded, FieldId::forwarded);
  }
  if (rule.strip_prefix && rule.path != "/") headers.add("X-Forwarded-Prefix", rule.path, FieldId::x_forwarded);
}

void set_forward_target(Request& request, const RouteRule& rule, std::string_view normal_path) {
  if (!rule.strip_prefix || rule.path == "/") return;
  const std::string_view target = request.target_text();
  if (target == "*") return;
  const std::size_t query = std::min(target.find('?'), target.size());
  request.forward_target = strip_path_prefix(target.substr(0, query), normal_path, rule.path);
  request.forward_target.append(target.substr(query));
}

void set_forward_host(Request& request, const RouteRule& rule, std::string_view upstream_authority) {
  if (rule.host_header == HostHeader::upstream) {
    request.forward_host.assign(upstream_authority);
  } else if (request.host_is_in_target || request.headers.find(FieldId::host) == nullptr) {
    // RFC 9112 3.2.2: the target's host wins. Without any (HTTP/1.0) the service's own name must do.
    request.forward_host.assign(request.authority.size > 0 ? request.authority_text() : upstream_authority);
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
                     std::string_view normal_path, const ForwardFacts& facts) {
  Headers& headers = request.headers;
  set_forward_target(request, rule, normal_path);
  set_forward_host(request, rule, upstream_authority);
  drop_hop_by_hop(headers);
  if (!facts.trusted) {
    for (const Field& field : headers.fields()) {
      if (tells_of_forwarding(field.id)) headers.drop(field);
    }
  }
  if (request.minor_version == 0) headers.drop(FieldId::expect);
  if (request.body.kind != BodyLength::Kind::unknown) headers.drop(FieldId::trailer);
  write_forwarding_fields(request, rule, facts);
  if (headers.find(FieldId::x_request_id) == nullptr) {
    headers.add("X-Request-Id", facts.request_id, FieldId::x_request_id);
  }
  headers.add("Via", request.minor_version > 0 ? facts.via : std::string("1.0").append(facts.via.substr(3)), FieldId::via);
}

void prepare_response(Response& response, std::string_view date) {
  drop_hop_by_hop(response.headers);
  if (!response.chunked) response.headers.drop(FieldId::trailer);
  if (response.status >= 200 && response.headers.find(FieldId::date) == nullptr) {
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
