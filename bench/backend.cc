// bench_backend: answers what the bench asks for, on 127.0.0.1 and one thread, and checks on every
// 64th request that the proxy did its header job. Prints "port N" once it listens.
//   /<n>, /<n>k, /<n>m, /<n>g  so many bytes of the pattern      POST /upload  checks the pattern,
//   answers 2 bytes /ws     WebSocket echo                                       /sse          a
//   head at once, an event 20 ms later /head   the request's head as the body /stats counters as
//   JSON, then cleared
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "bench/pattern.h"
#include "bench/request_check.h"

namespace devproxy {
namespace {

constexpr std::uint64_t event_delay_ns = 20'000'000;
constexpr std::size_t max_head = 65'536;
constexpr std::uint64_t small_body = 65'536;  ///< goes out in one write with its head

std::array<char, 524'288> read_buffer;

struct Stats {
  std::uint64_t requests = 0;
  std::uint64_t sampled = 0;
  std::uint64_t violations = 0;
  std::string last;  ///< the last violation in words
};

class Peer;

/// An event stream that still has to send its event.
struct PendingEvent {
  std::uint64_t at = 0;
  int fd = -1;
  std::uint64_t serial = 0;
};

/// What all connections share.
struct Shared {
  Stats stats;
  std::deque<PendingEvent> events;  ///< in order of time: the delay is the same for all
  std::unordered_map<int, std::unique_ptr<Peer>> peers;
  std::uint64_t serial = 0;
  int epoll = -1;
};

class Peer final {
 public:
  Peer(Shared& shared, int fd) : shared_(shared), serial_(++shared.serial), fd_(fd) {}
  ~Peer() { ::close(fd_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// False when the connection is over.
  bool on_event(std::uint32_t events);
  bool send_event();
  std::uint64_t serial() const { return serial_; }

 private:
  bool read_some();
  bool take_requests();
  bool take_request(std::string_view head);
  bool take_upload(std::string_view& bytes);
  void take_frames();
  void answer(std::string_view body);
  bool send_rest();
  void watch(std::uint32_t events);

  Shared& shared_;
  std::string in_;
  std::string out_;
  std::uint64_t body_sent_ = 0;  ///< of a pattern body that follows out_
  std::uint64_t body_size_ = 0;
  std::uint64_t upload_read_ = 0;
  std::uint64_t upload_size_ = 0;
  std::uint64_t serial_;
  std::uint32_t watched_ = EPOLLIN;
  int fd_;
  bool tunnel_ = false;
  bool last_ = false;  ///< close after this answer
};

bool Peer::on_event(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0 && !send_rest()) return false;
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) return read_some();
  return true;
}

bool Peer::read_some() {
  const auto size = read(fd_, read_buffer.data(), read_buffer.size());
  if (size < 0) return errno == EAGAIN;
  if (size == 0) return false;
  std::string_view bytes(read_buffer.data(), static_cast<std::size_t>(size));
  if (upload_read_ < upload_size_ && !take_upload(bytes)) return false;
  if (in_.empty() && bytes.ends_with("\r\n\r\n") && !tunnel_ && out_.empty() &&
      bytes.find("\r\n\r\n") + 4 == bytes.size()) {  // the usual case: one whole request
    return take_request(bytes.substr(0, bytes.size() - 2)) && send_rest();
  }
  in_ += bytes;
  if (tunnel_) {
    take_frames();
    return send_rest();
  }
  return take_requests();
}

bool Peer::take_requests() {
  while (upload_read_ == upload_size_ && out_.empty() && body_sent_ == body_size_) {
    const auto end = in_.find("\r\n\r\n");
    if (end == std::string::npos) return in_.size() < max_head;
    const auto head = in_.substr(0, end + 2);
    in_.erase(0, end + 4);
    if (!take_request(head)) return false;
    if (upload_read_ < upload_size_) {
      const auto rest = std::exchange(in_, {});
      std::string_view bytes(rest);
      if (!take_upload(bytes)) return false;
      in_ = bytes;
    }
    if (!send_rest()) return false;
  }
  return true;
}

/// The number of bytes that "/16k" asks for; nothing for other paths.
std::optional<std::uint64_t> size_asked(std::string_view path) {
  if (path.size() < 2) return {};
  path.remove_prefix(1);
  const auto unit = path.back();
  const int shift = unit == 'k' ? 10 : unit == 'm' ? 20 : unit == 'g' ? 30 : 0;
  if (shift != 0) path.remove_suffix(1);
  const auto number = parse_number(path);
  if (!number || *number > 1U << 20U) return {};
  return *number << shift;
}

bool Peer::take_request(std::string_view head) {
  const auto path_begin = head.find(' ') + 1;
  const auto path = head.substr(path_begin, head.find(' ', path_begin) - path_begin);
  if (path == "/stats") {
    auto& stats = shared_.stats;
    answer(fmt::format(R"({{"requests":{},"sampled":{},"violations":{},"last":"{}"}})",
                       stats.requests, stats.sampled, stats.violations, escape_json(stats.last)));
    stats = {};
    return true;
  }
  if (shared_.stats.requests++ % 64 == 0) {
    ++shared_.stats.sampled;
    if (auto wrong = check_request(head); !wrong.empty()) {
      ++shared_.stats.violations;
      shared_.stats.last = std::move(wrong);
    }
  }
  last_ = iequals(find_field(head, "connection"), "close");
  if (const auto size = size_asked(path)) {
    out_ += "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ";
    out_ += std::to_string(*size);
    out_ += "\r\n\r\n";
    body_sent_ = 0;
    body_size_ = *size;
    if (body_size_ <= small_body) {
      out_ += pattern_at(0, body_size_);
      body_size_ = 0;
    }
  } else if (path == "/upload" && parse_number(find_field(head, "content-length"))) {
    upload_read_ = 0;
    upload_size_ = *parse_number(find_field(head, "content-length"));
  } else if (path == "/ws" && find_field(head, "sec-websocket-key") == "dGhlIHNhbXBsZSBub25jZQ==") {
    tunnel_ = true;
    out_ +=
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
  } else if (path == "/sse") {
    const auto now = now_ns();
    shared_.events.push_back({now + event_delay_ns, fd_, serial_});
    out_ += fmt::format(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
        "X-Sent-Ns: {}\r\nTransfer-Encoding: chunked\r\n\r\n",
        now);
  } else if (path == "/head") {
    answer(head);
  } else {
    out_ += "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
  }
  return true;
}

bool Peer::take_upload(std::string_view& bytes) {
  const auto part = bytes.substr(0, upload_size_ - upload_read_);
  if (!is_pattern(upload_read_, part)) return false;
  upload_read_ += part.size();
  bytes.remove_prefix(part.size());
  if (upload_read_ < upload_size_) return true;
  answer(pattern_at(0, 2));
  return send_rest();
}

/// Unmasks text frames of at most 125 bytes and sends them back.
void Peer::take_frames() {
  while (in_.size() >= 6) {
    const std::size_t size = static_cast<unsigned char>(in_[1]) & 0x7FU;
    if (in_.size() < 6 + size) return;
    out_ += in_[0];
    out_ += static_cast<char>(size);
    for (std::size_t i = 0; i < size; ++i) out_ += static_cast<char>(in_[6 + i] ^ in_[2 + i % 4]);
    in_.erase(0, 6 + size);
  }
}

void Peer::answer(std::string_view body) {
  out_ += fmt::format("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{}",
                      body.size(), body);
}

bool Peer::send_event() {
  const auto event = fmt::format("data: {}\n\n", now_ns());
  out_ += fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", event.size(), event);
  return send_rest();
}

bool Peer::send_rest() {
  while (!out_.empty() || body_sent_ < body_size_) {
    const auto next =
        out_.empty() ? pattern_at(body_sent_, body_size_ - body_sent_) : std::string_view(out_);
    const auto written = send(fd_, next.data(), next.size(), MSG_NOSIGNAL);
    if (written < 0) {
      watch(EPOLLIN | EPOLLOUT);
      return errno == EAGAIN;
    }
    if (out_.empty()) {
      body_sent_ += static_cast<std::uint64_t>(written);
    } else {
      out_.erase(0, static_cast<std::size_t>(written));
    }
  }
  watch(EPOLLIN);
  return !last_ || upload_read_ < upload_size_;
}

void Peer::watch(std::uint32_t events) {
  if (events == watched_) return;
  epoll_event event{events, {.fd = fd_}};
  epoll_ctl(shared_.epoll, EPOLL_CTL_MOD, fd_, &event);
  watched_ = events;
}

int listen_on_any_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted sockets inherit it
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 || listen(fd, 4096) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return -1;
  }
  std::printf("port %d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return fd;
}

void accept_all(Shared& shared, int listener) {
  for (int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC); fd >= 0;
       fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) {
    epoll_event event{EPOLLIN, {.fd = fd}};
    epoll_ctl(shared.epoll, EPOLL_CTL_ADD, fd, &event);
    shared.peers[fd] = std::make_unique<Peer>(shared, fd);
  }
}

/// Sends what is due; returns how long epoll may wait, in milliseconds.
int send_due_events(Shared& shared) {
  while (!shared.events.empty()) {
    const auto next = shared.events.front();
    const auto now = now_ns();
    if (next.at > now) return static_cast<int>((next.at - now) / 1'000'000) + 1;
    shared.events.pop_front();
    const auto peer = shared.peers.find(next.fd);
    if (peer == shared.peers.end() || peer->second->serial() != next.serial) continue;
    if (!peer->second->send_event()) shared.peers.erase(peer);
  }
  return -1;
}

int serve() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  Shared shared;
  shared.epoll = epoll_create1(EPOLL_CLOEXEC);
  const int listener = listen_on_any_port();
  epoll_event event{EPOLLIN, {.fd = listener}};
  if (listener < 0 || epoll_ctl(shared.epoll, EPOLL_CTL_ADD, listener, &event) != 0) {
    std::perror("bench_backend: cannot listen on 127.0.0.1");
    return 1;
  }
  std::array<epoll_event, 256> events;
  for (;;) {  // until a signal ends the process
    const int ready = epoll_wait(shared.epoll, events.data(), static_cast<int>(events.size()),
                                 send_due_events(shared));
    for (int i = 0; i < ready; ++i) {
      const auto& happened = events[static_cast<std::size_t>(i)];
      if (happened.data.fd == listener) {
        accept_all(shared, listener);
        continue;
      }
      const auto peer = shared.peers.find(happened.data.fd);
      if (peer == shared.peers.end()) continue;
      if (!peer->second->on_event(happened.events)) shared.peers.erase(peer);
    }
  }
}

}  // namespace
}  // namespace devproxy

int main(int argc, char**) {
  if (argc == 1) return devproxy::serve();
  std::fputs("usage: bench_backend (no arguments: it listens on a free port and prints which)\n",
             stderr);
  return 2;
}
