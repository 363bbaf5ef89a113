#include "bench/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "bench/pattern.h"

namespace devproxy {
namespace {

std::array<char, 524'288> read_buffer;

}  // namespace

bool Connection::open(int epoll) {
  epoll_ = epoll;
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return false;
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(job_.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ = upgraded_ = false;
  const auto now = now_ns();
  const int status = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (status != 0 && errno != EINPROGRESS) {
    fail(Failure::connect);
    return true;
  }
  epoll_event event{EPOLLIN, {.ptr = this}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd_, &event) != 0) return false;
  watched_ = EPOLLIN;
  response_.expect(job_.work == Work::websocket ? 101 : 200, job_.answer_size);
  begin_request(now);
  return true;
}

void Connection::begin_request(std::uint64_t now) {
  began_ = last_progress_ = now;
  sent_ = echoed_ = 0;
  if (!upgraded_) response_.expect(job_.work == Work::websocket ? 101 : 200, job_.answer_size);
  if (!send_rest()) fail(connected_ ? Failure::lost : Failure::connect);
}

bool Connection::send_rest() {
  const std::string_view head = upgraded_ ? job_.frame : job_.head;
  const auto size = head.size() + (upgraded_ ? 0 : job_.upload_size);
  while (sent_ < size) {
    const auto next =
        sent_ < head.size() ? head.substr(sent_) : pattern_at(sent_ - head.size(), size - sent_);
    const auto written = send(fd_, next.data(), next.size(), MSG_NOSIGNAL);
    if (written < 0) {
      if (errno != EAGAIN && errno != ENOTCONN) return false;
      watch(EPOLLIN | EPOLLOUT);
      return true;
    }
    connected_ = true;
    sent_ += static_cast<std::uint64_t>(written);
    totals_.bytes_out += static_cast<std::uint64_t>(written);
  }
  watch(EPOLLIN);
  return true;
}

std::uint64_t Connection::on_event(std::uint32_t events, std::uint64_t now) {
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) {
    const auto took = read_answer(now);
    if (took != 0 || !is_open()) return took;
  }
  if ((events & EPOLLOUT) != 0 && !send_rest()) {
    fail(connected_ ? Failure::reset : Failure::connect);
  }
  return 0;
}

std::uint64_t Connection::read_answer(std::uint64_t now) {
  const auto size = read(fd_, read_buffer.data(), read_buffer.size());
  if (size == 0) return on_end();
  if (size < 0) {
    if (errno == EAGAIN) return 0;
    if (!connected_) {
      fail(Failure::connect);
    } else {
      fail(response_.begun() && !response_.complete() ? Failure::cut : Failure::reset);
    }
    return 0;
  }
  last_progress_ = now;
  totals_.bytes_in += static_cast<std::uint64_t>(size);
  const std::string_view bytes(read_buffer.data(), static_cast<std::size_t>(size));
  if (upgraded_) return read_echo(bytes, now);
  auto failure = response_.feed(bytes);
  const bool all_sent = sent_ == job_.head.size() + job_.upload_size;
  if (failure == Failure::none && response_.complete() && !all_sent) failure = Failure::framing;
  if (failure != Failure::none) {
    fail(failure);
    return 0;
  }
  return response_.complete() ? complete(now) : 0;
}

std::uint64_t Connection::read_echo(std::string_view bytes, std::uint64_t now) {
  if (bytes.size() > job_.echo.size() - echoed_ ||
      bytes != std::string_view(job_.echo).substr(echoed_, bytes.size())) {
    fail(Failure::body);
    return 0;
  }
  echoed_ += bytes.size();
  return echoed_ == job_.echo.size() ? complete(now) : 0;
}

std::uint64_t Connection::complete(std::uint64_t now) {
  const auto took = now - began_;
  const bool upgrade = job_.work == Work::websocket && !upgraded_;
  upgraded_ = upgraded_ || upgrade;
  if (!upgrade) ++totals_.done;
  if (job_.fresh) return took;  // the proxy was asked to close, and has to
  if (!upgraded_ && response_.closes()) {
    close();
  } else {
    begin_request(now);
  }
  return upgrade ? 0 : took;
}

std::uint64_t Connection::on_end() {
  if (job_.fresh && response_.complete()) {
    close();
  } else {
    fail(response_.begun() ? Failure::cut : Failure::lost);
  }
  return 0;
}

void Connection::watch(std::uint32_t events) {
  if (events == watched_) return;
  epoll_event event{events, {.ptr = this}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, fd_, &event);
  watched_ = events;
}

void Connection::fail(Failure failure) {
  ++totals_.failures[static_cast<std::size_t>(failure)];
  close();
}

void Connection::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace devproxy
