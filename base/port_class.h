// What a port number means before anybody listens on it: IANA's three classes (RFC 6335), the range
// that the kernel hands out to outgoing connections, the ports that browsers refuse. One table;
// only kernel_ports() asks the system. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace devproxy {

enum class PortClass : std::uint8_t { well_known, registered, dynamic };

struct PortSpan {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  bool contains(std::uint16_t port) const { return port >= first && port <= last; }
  friend bool operator==(const PortSpan&, const PortSpan&) = default;
};

PortClass class_of(std::uint16_t port);
PortSpan range_of(PortClass port_class);
/// "well-known", "registered", "dynamic".
std::string_view name_of(PortClass port_class);
/// Half a sentence: who may listen there.
std::string_view meaning_of(PortClass port_class);

/// The "bad ports" of https://fetch.spec.whatwg.org: a URL with one of them is never asked for.
bool browsers_refuse(std::uint16_t port);

/// What usually listens there on a developer's machine; empty: nothing in particular.
std::string_view usual_program(std::uint16_t port);

/// How this machine's kernel deals with ports.
struct KernelPorts {
  PortSpan ephemeral{49'152, 65'535};  ///< for outgoing connections
  std::vector<PortSpan> reserved;      ///< of those the ones that it never hands out by itself
  std::uint16_t first_unprivileged = 1024;

  /// Whether an outgoing connection may take it away.
  bool hands_out(std::uint16_t port) const;
};
KernelPorts kernel_ports();

/// Whether a server that devproxy or a person chooses a port for may get this one: outside the
/// ephemeral range, needs no privilege, no browser refuses it, and it is not our own.
bool is_assignable(std::uint16_t port, const KernelPorts& kernel);

/// "32768\t60999\n", as ip_local_port_range has it.
std::optional<PortSpan> parse_port_range(std::string_view text);
/// "8080,9148,30000-30010\n", as ip_local_reserved_ports has it. What cannot be read is left out.
std::vector<PortSpan> parse_port_list(std::string_view text);

}  // namespace devproxy
