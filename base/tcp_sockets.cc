#include "base/tcp_sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/text.h"

namespace devproxy {
namespace {

constexpr IpAddress any_ipv6{};
constexpr std::string_view listen_state = "0A";

template <class Number>
bool parse_whole(std::string_view text, int base, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  return error == std::errc() && stop == end;
}

/// The kernel prints each 32 bits of an address as a number of this machine.
std::optional<IpAddress> parse_address_words(std::string_view hex) {
  std::array<std::uint32_t, 4> words{};
  const std::size_t count = hex.size() / 8;
  if (hex.size() % 8 != 0 || (count != 1 && count != 4)) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) {
    if (!parse_whole(hex.substr(i * 8, 8), 16, words[i])) return std::nullopt;
  }
  IpAddress address;
  std::memcpy(address.data(), words.data(), sizeof address);
  if (count == 4) return address;
  return mapped({address[0], address[1], address[2], address[3]});
}

/// "0100007F:1EE1".
bool parse_end(std::string_view text, TcpEnd& end) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const auto address = parse_address_words(text.substr(0, colon));
  if (!address || !parse_whole(text.substr(colon + 1), 16, end.port)) return false;
  end.address = *address;
  return true;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split(line, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

/// sl local rem st tx:rx tr:when retrnsmt uid timeout inode ...
std::optional<TcpSocket> parse_line(std::string_view line) {
  const std::vector<std::string_view> words = words_of(line);
  TcpSocket socket;
  if (words.size() < 10 || !parse_end(words[1], socket.local) ||
      !parse_end(words[2], socket.remote) || !parse_whole(words[7], 10, socket.uid) ||
      !parse_whole(words[9], 10, socket.inode)) {
    return std::nullopt;
  }
  socket.listening = words[3] == listen_state;
  return socket;
}

/// How near a listener is to an address: 0 is not in its way at all.
int nearness(const IpAddress& listener, const IpAddress& address) {
  const IpAddress any_ipv4 = mapped({0, 0, 0, 0});
  if (listener == address) return 4;
  if (listener == (is_ipv4(address) ? any_ipv4 : any_ipv6)) return 3;
  if (listener == any_ipv6) return 2;
  const bool wants_all = address == any_ipv6 || (address == any_ipv4 && is_ipv4(listener));
  return wants_all ? 1 : 0;
}

}  // namespace

IpAddress mapped(const std::array<unsigned char, 4>& ipv4) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ipv4[0], ipv4[1], ipv4[2], ipv4[3]};
}

bool is_ipv4(const IpAddress& address) {
  const IpAddress prefix = mapped({0, 0, 0, 0});
  return std::equal(prefix.begin(), prefix.end() - 4, address.begin());
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  const std::string terminated(text);
  std::array<unsigned char, 4> ipv4{};
  if (inet_pton(AF_INET, terminated.c_str(), ipv4.data()) == 1) return mapped(ipv4);
  IpAddress ipv6{};
  if (inet_pton(AF_INET6, terminated.c_str(), ipv6.data()) == 1) return ipv6;
  return std::nullopt;
}

std::string to_text(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (is_ipv4(address)) {
    inet_ntop(AF_INET, address.data() + 12, text, sizeof text);
  } else {
    inet_ntop(AF_INET6, address.data(), text, sizeof text);
  }
  return text;
}

std::optional<TcpEnd> to_tcp_end(const sockaddr* address) {
  TcpEnd end;
  if (address->sa_family == AF_INET) {
    const auto* ipv4 = reinterpret_cast<const sockaddr_in*>(address);
    std::array<unsigned char, 4> octets{};
    std::memcpy(octets.data(), &ipv4->sin_addr, octets.size());
    end.address = mapped(octets);
    end.port = ntohs(ipv4->sin_port);
    return end;
  }
  if (address->sa_family == AF_INET6) {
    const auto* ipv6 = reinterpret_cast<const sockaddr_in6*>(address);
    std::memcpy(end.address.data(), &ipv6->sin6_addr, end.address.size());
    end.port = ntohs(ipv6->sin6_port);
    return end;
  }
  return std::nullopt;
}

bool is_own_peer(int descriptor) {
  sockaddr_storage local{};
  sockaddr_storage peer{};
  auto* const near = reinterpret_cast<sockaddr*>(&local);
  auto* const far = reinterpret_cast<sockaddr*>(&peer);
  socklen_t size = sizeof local;
  if (getsockname(descriptor, near, &size) != 0) return false;
  size = sizeof peer;
  if (getpeername(descriptor, far, &size) != 0) return false;
  const auto end = to_tcp_end(near);
  return end && end == to_tcp_end(far);
}

std::vector<TcpSocket> parse_proc_net_tcp(std::string_view text) {
  std::vector<TcpSocket> sockets;
  for (const std::string_view line : split(text, '\n')) {
    if (auto socket = parse_line(line)) sockets.push_back(*socket);
  }
  return sockets;
}

const TcpSocket* find_listener(const std::vector<TcpSocket>& sockets, const IpAddress& address,
                               std::uint16_t port) {
  const TcpSocket* nearest_socket = nullptr;
  int best = 0;
  for (const TcpSocket& socket : sockets) {
    if (!socket.listening || socket.local.port != port) continue;
    const int near = nearness(socket.local.address, address);
    if (near <= best) continue;
    best = near;
    nearest_socket = &socket;
  }
  return nearest_socket;
}

std::vector<TcpSocket> listening_sockets() {
  return ListenerTable().read();
}

}  // namespace devproxy
