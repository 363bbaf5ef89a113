// FieldId: the header fields that a proxy has to know by name; every other one is `other`. Pure;
// any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace devproxy {

enum class FieldId : std::uint8_t {
  other,
  accept,
  connection,
  content_length,
  date,
  expect,
  forwarded,
  host,
  keep_alive,
  max_forwards,
  proxy_connection,
  te,
  trailer,
  transfer_encoding,
  transport_pin,  ///< Strict-Transport-Security, Alt-Svc
  upgrade,
  via,
  x_forwarded,  ///< X-Forwarded-For, -Proto, -Host, -Port, -Prefix and every other of that family
  x_forwarded_for,
  x_forwarded_host,
  x_forwarded_port,
  x_forwarded_proto,
  x_request_id,
};

/// The id of a field name, whatever its case.
FieldId field_id(std::string_view name);

/// What servers take a field for that read '_' as '-' (RFC 3875 4.1.18); `other` for a name without
/// '_'.
FieldId id_with_underscores(std::string_view name);

/// RFC 9110 6.5.1: what frames, routes or governs the connection has no place in trailers.
bool may_be_trailer(std::string_view name, FieldId id);

}  // namespace devproxy
