#include "tests/support/wire.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace devproxy {
namespace {

bool would_block() {
  return errno == EAGAIN;
}  // EWOULDBLOCK is the same wherever we build

}  // namespace

Wire::Wire(Descriptor socket, std::string name)
    : socket_(std::move(socket)), name_(std::move(name)) {
  fcntl(socket_.fd(), F_SETFL, fcntl(socket_.fd(), F_GETFL) | O_NONBLOCK);
}

void Wire::send(std::string_view bytes) {
  if (!try_send(bytes)) complain("the other side broke while we sent");
}

void Wire::send_bytewise(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) send(bytes.substr(i, 1));
}

bool Wire::try_send(std::string_view bytes) {
  const WaitLimit deadline(patience_);
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (sent < 0 && would_block()) {
      if (!wait_ready(socket_.fd(), POLLOUT, deadline))
        complain("the other side does not take what we send");
    } else if (sent < 0 && errno != EINTR) {
      return false;
    }
  }
  return true;
}

std::size_t Wire::send_until_stalled(std::string_view bytes, std::chrono::milliseconds stall) {
  std::size_t total = 0;
  while (total < bytes.size()) {
    const std::string_view rest = bytes.substr(total);
    const ssize_t sent = ::send(socket_.fd(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      total += static_cast<std::size_t>(sent);
    } else if (sent < 0 && would_block()) {
      if (!wait_ready(socket_.fd(), POLLOUT, WaitLimit(stall))) break;
    } else if (sent < 0 && errno != EINTR) {
      break;
    }
  }
  return total;
}

bool Wire::read_more(const char* waiting_for) {
  if (end_ != End::open) return false;
  const WaitLimit deadline(patience_);
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = recv(socket_.fd(), buffer.data(), buffer.size(), 0);
    if (got > 0) {
      const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
      pending_ += bytes;
      if (on_bytes) on_bytes(bytes);
      return true;
    }
    if (got == 0) {
      end_ = End::fin;
      return false;
    }
    if (errno == EINTR) continue;
    if (!would_block()) {
      end_ = End::reset;
      return false;
    }
    if (!wait_ready(socket_.fd(), POLLIN, deadline))
      complain(std::string("nothing more came, waiting for ") + waiting_for);
  }
}

std::string Wire::receive_some() {
  if (pending_.empty()) read_more("any byte");
  return std::exchange(pending_, {});
}

std::string Wire::receive_exactly(std::size_t size) {
  while (pending_.size() < size) {
    if (!read_more("more bytes"))
      complain("the end came before " + std::to_string(size) + " bytes");
  }
  std::string result = pending_.substr(0, size);
  pending_.erase(0, size);
  return result;
}

std::string Wire::receive_until(std::string_view mark) {
  std::size_t searched = 0;
  for (;;) {
    const std::size_t found = pending_.find(mark, searched);
    if (found != std::string::npos) return receive_exactly(found + mark.size());
    searched = pending_.size() >= mark.size() ? pending_.size() - mark.size() + 1 : 0;
    if (!read_more(std::string(mark).c_str()))
      complain("the end came before \"" + visible(mark) + "\"");
  }
}

std::string Wire::receive_to_end() {
  while (read_more("the end")) {
  }
  return std::exchange(pending_, {});
}

std::string Wire::receive_now() {
  while (end_ == End::open &&
         wait_ready(socket_.fd(), POLLIN, WaitLimit(std::chrono::milliseconds(0)))) {
    read_more("nothing");
  }
  return std::exchange(pending_, {});
}

bool Wire::has_input_within(std::chrono::milliseconds time) {
  return !pending_.empty() || end_ != End::open ||
         wait_ready(socket_.fd(), POLLIN, WaitLimit(time));
}

TextMessage Wire::receive_head() {
  return parse_head(receive_until("\r\n\r\n"));
}

void Wire::receive_body(TextMessage& message, bool to_head) {
  message.framing = framing_of(message, to_head);
  switch (message.framing) {
    case TextMessage::Framing::none:
      break;
    case TextMessage::Framing::counted:
      message.body = receive_exactly(counted_length(message));
      break;
    case TextMessage::Framing::chunked:
      for (std::string chunk = receive_chunk(); !chunk.empty(); chunk = receive_chunk()) {
        message.chunks.push_back(chunk);
        message.body += chunk;
      }
      for (std::string line = receive_until("\r\n"); line != "\r\n"; line = receive_until("\r\n")) {
        message.trailers.push_back(parse_field(std::string_view(line).substr(0, line.size() - 2)));
      }
      break;
    case TextMessage::Framing::until_close:
      message.body = receive_to_end();
      break;
  }
}

TextMessage Wire::receive_message(bool to_head) {
  TextMessage message = receive_head();
  receive_body(message, to_head);
  return message;
}

std::string Wire::receive_chunk() {
  const std::string line = receive_until("\r\n");
  std::size_t size = 0;
  const char* const last = line.data() + line.size() - 2;
  const auto [parsed, error] = std::from_chars(line.data(), last, size, 16);
  if (error != std::errc() || parsed != last) complain("not a chunk size: " + visible(line));
  if (size == 0) return {};
  std::string chunk = receive_exactly(size);
  if (receive_exactly(2) != "\r\n") complain("a chunk without its end");
  return chunk;
}

Wire::End Wire::await_end() {
  if (!pending_.empty() || read_more("the end")) complain("bytes came instead of the end");
  return end_;
}

void Wire::half_close() {
  shutdown(socket_.fd(), SHUT_WR);
}

void Wire::reset() {
  const linger at_once{1, 0};
  setsockopt(socket_.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void Wire::close() {
  if (on_close) on_close();
  socket_.reset();
}

void Wire::complain(const std::string& what) const {
  static constexpr const char* ends[] = {"is open", "ended in order", "was reset"};
  give_up(name_ + ": " + what + "; the connection " + ends[static_cast<int>(end_)] +
          "; unread: \"" + visible(pending_) + "\"");
}

}  // namespace devproxy
