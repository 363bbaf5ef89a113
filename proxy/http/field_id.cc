#include "proxy/http/field_id.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace devproxy {
namespace {

FieldId when(std::string_view name, std::string_view known, FieldId id) {
  return iequals(name, known) ? id : FieldId::other;
}

FieldId x_forwarded_id(std::string_view name) {
  if (iequals(name, "x-forwarded-for")) return FieldId::x_forwarded_for;
  if (iequals(name, "x-forwarded-host")) return FieldId::x_forwarded_host;
  if (iequals(name, "x-forwarded-port")) return FieldId::x_forwarded_port;
  if (iequals(name, "x-forwarded-proto")) return FieldId::x_forwarded_proto;
  return FieldId::x_forwarded;
}

}  // namespace

FieldId field_id(std::string_view name) {
  // Length and first letter leave at most one or two names to compare.
  const char first = name.empty() ? '\0' : to_lower(name.front());
  if (first == 'x') {
    if (name.size() > 12 && iequals(name.substr(0, 12), "x-forwarded-"))
      return x_forwarded_id(name);
    return when(name, "x-request-id", FieldId::x_request_id);
  }
  switch (name.size()) {
    case 2:
      return when(name, "te", FieldId::te);
    case 3:
      return when(name, "via", FieldId::via);
    case 4:
      if (first == 'h') return when(name, "host", FieldId::host);
      return when(name, "date", FieldId::date);
    case 6:
      if (first == 'a') return when(name, "accept", FieldId::accept);
      return when(name, "expect", FieldId::expect);
    case 7:
      if (first == 't') return when(name, "trailer", FieldId::trailer);
      if (first == 'a') return when(name, "alt-svc", FieldId::transport_pin);
      return when(name, "upgrade", FieldId::upgrade);
    case 9:
      return when(name, "forwarded", FieldId::forwarded);
    case 10:
      if (first == 'k') return when(name, "keep-alive", FieldId::keep_alive);
      return when(name, "connection", FieldId::connection);
    case 12:
      return when(name, "max-forwards", FieldId::max_forwards);
    case 14:
      return when(name, "content-length", FieldId::content_length);
    case 16:
      return when(name, "proxy-connection", FieldId::proxy_connection);
    case 17:
      return when(name, "transfer-encoding", FieldId::transfer_encoding);
    case 25:
      return when(name, "strict-transport-security", FieldId::transport_pin);
    default:
      return FieldId::other;
  }
}

FieldId id_with_underscores(std::string_view name) {
  if (name.find('_') == std::string_view::npos) return FieldId::other;
  std::string read(name);
  std::replace(read.begin(), read.end(), '_', '-');
  return field_id(read);
}

bool may_be_trailer(std::string_view name, FieldId id) {
  return (id == FieldId::other || id == FieldId::date) &&
         id_with_underscores(name) == FieldId::other;
}

}  // namespace devproxy
