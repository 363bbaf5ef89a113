#include "services/assignable_port.h"

#include <algorithm>
#include <array>

namespace devproxy {
namespace {

// https://fetch.spec.whatwg.org/#port-blocking
constexpr std::array<std::uint16_t, 83> bad_ports{
    0,    1,    7,    9,    11,   13,   15,   17,   19,   20,   21,   22,   23,   25,
    37,   42,   43,   53,   69,   77,   79,   87,   95,   101,  102,  103,  104,  109,
    110,  111,  113,  115,  117,  119,  123,  135,  137,  139,  143,  161,  179,  389,
    427,  465,  512,  513,  514,  515,  526,  530,  531,  532,  540,  548,  554,  556,
    563,  587,  601,  636,  989,  990,  993,  995,  1719, 1720, 1723, 2049, 3659, 4045,
    4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080};

std::uint64_t fnv_1a(std::uint64_t hash, std::string_view text) {
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  return hash;
}

}  // namespace

bool is_refused_by_browsers(std::uint16_t port) {
  return std::binary_search(bad_ports.begin(), bad_ports.end(), port);
}

std::uint64_t folder_hash(std::string_view folder) {
  return fnv_1a(0xcbf29ce484222325U, folder);
}

std::uint16_t preferred_port(std::string_view root, std::string_view service) {
  std::uint64_t hash = folder_hash(root);
  hash = fnv_1a(hash, std::string_view("\0", 1));
  hash = fnv_1a(hash, service);
  const std::uint64_t count = assigned_ports.last - assigned_ports.first + 1U;
  return static_cast<std::uint16_t>(assigned_ports.first + hash % count);
}

std::uint16_t port_after(std::uint16_t port) {
  return port >= assigned_ports.last ? assigned_ports.first : static_cast<std::uint16_t>(port + 1);
}

bool may_be_assigned(std::uint16_t port, PortRange ephemeral) {
  const bool covered = ephemeral.has(assigned_ports.first) && ephemeral.has(assigned_ports.last);
  return assigned_ports.has(port) && !is_refused_by_browsers(port) &&
         (covered || !ephemeral.has(port));
}

}  // namespace devproxy
