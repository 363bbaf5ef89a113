// What the DNS responder says to a question: bytes in, bytes out (RFC 1035, EDNS of RFC 6891).
// Every name below our domains is this machine; there is no zone, no cache and nobody else to ask.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace devproxy {

/// The longest question that is looked at: what every path carries in one datagram.
inline constexpr std::size_t dns_message_max = 1232;
/// Seconds. Resolvers ask again soon: what is here today may be somewhere else tomorrow.
inline constexpr std::uint32_t dns_ttl = 5;

/// The answer to a message, or nothing where silence is the right answer: to what is no question,
/// or too long to be one. `domains`: lower-case, each stands for itself and all names below it. No
/// answer is longer than its question by more than one record of each family and EDNS's own.
std::string dns_answer(std::string_view message, const std::vector<std::string>& domains);

}  // namespace devproxy
