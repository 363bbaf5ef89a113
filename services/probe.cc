#include "services/probe.h"

#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.h"

namespace devproxy {
namespace {

struct Request {
  uv_write_t write{};
  std::string text;
};

/// 0 when the answer's first line is not whole yet, -1 when it is no HTTP.
int status_of(std::string_view answer) {
  constexpr std::string_view version = "HTTP/1.";
  if (answer.size() < 12) {
    const std::size_t seen = std::min(answer.size(), version.size());
    return answer.substr(0, seen) == version.substr(0, seen) ? 0 : -1;
  }
  if (!answer.starts_with(version)) return -1;
  const auto status = parse_number(answer.substr(9, 3));
  return status ? static_cast<int>(*status) : -1;
}

}  // namespace

Probe::Probe(Loop& loop, std::uint16_t port, std::string path, std::function<void(bool)> done)
    : loop_(loop),
      port_(port),
      path_(std::move(path)),
      done_(std::move(done)),
      limit_(loop.agenda()) {}

void Probe::start() {
  limit_.start(limit_ms, [this] { finish(false); });
  connect();
}

void Probe::connect() {
  socket_.reset(new uv_tcp_t{});
  uv_tcp_init(loop_.uv(), socket_.get());
  socket_->data = this;
  sockaddr_in ipv4{};
  sockaddr_in6 ipv6{};
  uv_ip4_addr("127.0.0.1", port_, &ipv4);
  uv_ip6_addr("::1", port_, &ipv6);
  const auto* const address =
      ipv6_ ? reinterpret_cast<const sockaddr*>(&ipv6) : reinterpret_cast<const sockaddr*>(&ipv4);
  auto request = std::make_unique<uv_connect_t>();
  const int failed =
      uv_tcp_connect(request.get(), socket_.get(), address, [](uv_connect_t* raw, int status) {
        const std::unique_ptr<uv_connect_t> done(raw);
        auto* self = owner_of<Probe>(done->handle);
        if (self == nullptr || status == UV_ECANCELED) return;
        const Turn turn = self->loop_.turn();
        self->on_connect(status);
      });
  if (failed == 0) {
    request.release();  // NOLINT(bugprone-unused-return-value): the callback owns it
    return;
  }
  limit_.start(0, [this] { next_family(); });
}

void Probe::on_connect(int status) {
  if (status != 0) {
    next_family();
  } else if (path_.empty()) {
    finish(true);
  } else {
    ask();
  }
}

void Probe::next_family() {
  if (ipv6_) {
    finish(false);
    return;
  }
  ipv6_ = true;
  answer_.clear();
  limit_.start(limit_ms, [this] { finish(false); });
  connect();
}

void Probe::ask() {
  auto request = std::make_unique<Request>();
  request->text = fmt::format(
      "GET {} HTTP/1.1\r\nHost: localhost:{}\r\nUser-Agent: devproxy\r\nAccept: */*\r\n"
      "Connection: close\r\n\r\n",
      path_, port_);
  request->write.data = request.get();
  uv_buf_t buffer =
      uv_buf_init(request->text.data(), static_cast<unsigned int>(request->text.size()));
  auto* const stream = reinterpret_cast<uv_stream_t*>(socket_.get());
  const int failed = uv_write(&request->write, stream, &buffer, 1, [](uv_write_t* raw, int) {
    const std::unique_ptr<Request> done(static_cast<Request*>(raw->data));
  });
  if (failed == 0) request.release();  // NOLINT(bugprone-unused-return-value): the callback owns it
  uv_read_start(
      stream,
      [](uv_handle_t* handle, std::size_t, uv_buf_t* to) {
        auto* self = owner_of<Probe>(handle);
        *to = self == nullptr ? uv_buf_init(nullptr, 0)
                              : uv_buf_init(self->buffer_.data(),
                                            static_cast<unsigned int>(self->buffer_.size()));
      },
      [](uv_stream_t* handle, ssize_t count, const uv_buf_t*) {
        auto* self = owner_of<Probe>(handle);
        if (self == nullptr || count == 0) return;
        const Turn turn = self->loop_.turn();
        self->on_read(count);
      });
}

void Probe::on_read(ssize_t count) {
  if (count < 0) {
    finish(false);
    return;
  }
  answer_.append(buffer_.data(), static_cast<std::size_t>(count));
  const int status = status_of(answer_);
  if (status != 0) finish(status >= 100 && status < 500);
}

void Probe::finish(bool yes) {
  limit_.cancel();
  socket_.reset();
  const auto done = std::move(done_);
  done_ = nullptr;
  if (done) done(yes);
}

}  // namespace devproxy
