#include "proxy/net/socket_stream.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/peer_uid.h"

namespace devproxy {
namespace {

/// More than this waiting to leave means that the peer is slow.
constexpr std::size_t high_water = 64 * 1024;

Error peer_error(int status, const char* doing) {
  const Code code = status == UV_ECONNRESET || status == UV_EPIPE ? Code::reset : Code::closed;
  return Error{code, Source::system, std::string(doing) + ": " + uv_strerror(status)};
}

/// UV_EOF when there is none. Asking takes it from the socket.
int pending_error(const uv_stream_t& socket) {
  uv_os_fd_t descriptor = -1;
  int error = 0;
  socklen_t size = sizeof error;
  if (uv_fileno(reinterpret_cast<const uv_handle_t*>(&socket), &descriptor) != 0 ||
      getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error == 0)
    return UV_EOF;
  return uv_translate_sys_error(error);
}

/// How much the kernel takes at once; negative: why it takes none (libuv's numbers). Past libuv,
/// which has nothing queued: its write() takes a longer way through the kernel than send().
ssize_t send_now(const uv_stream_t& socket, Bytes first, Bytes behind) {
  uv_os_fd_t descriptor = -1;
  const int closing = uv_fileno(reinterpret_cast<const uv_handle_t*>(&socket), &descriptor);
  if (closing != 0) return closing;
  ssize_t sent = 0;
  do {
    if (behind.empty()) {
      sent = ::send(descriptor, first.data(), first.size(), MSG_DONTWAIT);
    } else {
      iovec pieces[2] = {{const_cast<char*>(first.data()), first.size()},
                         {const_cast<char*>(behind.data()), behind.size()}};
      msghdr message{};
      message.msg_iov = first.empty() ? pieces + 1 : pieces;
      message.msg_iovlen = first.empty() ? 1 : 2;
      sent = ::sendmsg(descriptor, &message, MSG_DONTWAIT);
    }
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) return sent;
  const bool is_full = errno == EAGAIN || errno == ENOBUFS;
  return is_full ? 0 : uv_translate_sys_error(errno);
}

}  // namespace

/// A write that the kernel did not take at once. Frees itself; its stream may be gone by then.
struct SocketStream::Write {
  uv_write_t request{};
  std::string bytes;
};

SocketStream::SocketStream(Loop& loop, Buffers& buffers, Descriptors& descriptors,
                           Handle<uv_tcp_t> socket)
    : loop_(loop), buffers_(buffers), descriptors_(descriptors), tcp_(std::move(socket)) {
  tcp_->data = this;
  descriptors_.opened();
}

SocketStream::SocketStream(Loop& loop, Buffers& buffers, Descriptors& descriptors,
                           Handle<uv_pipe_t> socket)
    : loop_(loop), buffers_(buffers), descriptors_(descriptors), pipe_(std::move(socket)) {
  pipe_->data = this;
  descriptors_.opened();
}

SocketStream::~SocketStream() {
  if (dirty_) {
    loop_.agenda().forget(*this);
    // What was written last still leaves when the kernel takes it at once.
    events_ = nullptr;
    if (in_flight_ == 0) send({});
  }
  buffers_.give_back(std::move(out_));
  tcp_.reset();
  pipe_.reset();
  descriptors_.closed();
}

uv_stream_t* SocketStream::handle() const {
  return tcp_ ? reinterpret_cast<uv_stream_t*>(tcp_.get())
              : reinterpret_cast<uv_stream_t*>(pipe_.get());
}

void SocketStream::start_reading() {
  if (reading_ || handle() == nullptr) return;
  reading_ = true;
  uv_read_start(
      handle(),
      [](uv_handle_t* socket, std::size_t, uv_buf_t* buffer) {
        auto* self = owner_of<SocketStream>(socket);
        if (self == nullptr) {
          *buffer = uv_buf_init(nullptr, 0);
          return;
        }
        const std::size_t size = self->bulk_ ? Buffers::bulk_read : Buffers::small_read;
        *buffer = uv_buf_init(self->buffers_.read_block(), static_cast<unsigned>(size));
      },
      [](uv_stream_t* socket, ssize_t size, const uv_buf_t* buffer) {
        auto* self = owner_of<SocketStream>(socket);
        if (self == nullptr || size == 0) return;
        const Turn turn = self->loop_.turn();
        self->on_read(size, buffer->base);
      });
}

void SocketStream::pause_reading() {
  bulk_ = false;
  if (!reading_ || handle() == nullptr) return;
  reading_ = false;
  uv_read_stop(handle());
}

void SocketStream::on_read(ssize_t size, const char* data) {
  if (size > 0) {
    const auto bytes = static_cast<std::size_t>(size);
    bulk_ = bytes >= Buffers::small_read;
    if (events_ != nullptr) events_->on_bytes(Bytes(data, bytes));
    return;
  }
  // libuv tells of an end, without looking, when the peer's reset comes together with its last
  // bytes; what was cut off must not look complete.
  if (size == UV_EOF) size = pending_error(*handle());
  pause_reading();
  if (events_ == nullptr) return;
  if (size == UV_EOF) {
    events_->on_end();
  } else {
    events_->on_read_failed(peer_error(static_cast<int>(size), "reading"));
  }
}

std::string& SocketStream::out() {
  if (out_.empty() && out_.capacity() < 32) out_ = buffers_.take();
  if (!dirty_) {
    dirty_ = true;
    // What cannot leave yet is not worth waiting for: its owner learns soon that the peer is slow.
    if (in_flight_ == 0) {
      loop_.agenda().flush_before_wait(*this);
    } else {
      loop_.agenda().flush_later(*this);
    }
  }
  return out_;
}

void SocketStream::write(Bytes bytes) {
  if (bytes.size() < large_piece || in_flight_ > 0 || broken_) {
    out().append(bytes);
    return;
  }
  send(bytes);
  if (in_flight_ == 0) return;
  if (dirty_) loop_.agenda().forget(*this);
  dirty_ = true;
  loop_.agenda().flush_later(*this);
}

void SocketStream::flush() {
  dirty_ = false;
  if (in_flight_ == 0) send({});
  settle();
}

/// Offers out_ and what comes behind it to the kernel; what it does not take is queued.
void SocketStream::send(Bytes behind) {
  std::string first = std::exchange(out_, std::string());
  if (broken_ || handle() == nullptr || (first.empty() && behind.empty())) {
    buffers_.give_back(std::move(first));
    return;
  }
  const ssize_t sent = send_now(*handle(), first, behind);
  if (sent < 0) {
    write_failed(static_cast<int>(sent));
    return;
  }
  const auto taken = static_cast<std::size_t>(sent);
  if (taken == first.size() + behind.size()) {
    buffers_.give_back(std::move(first));
    return;
  }
  if (taken < first.size()) {
    first.erase(0, taken);
    first.append(behind);
  } else {
    first.assign(behind.substr(taken - first.size()));
  }
  queue(std::move(first));
}

void SocketStream::queue(std::string rest) {
  auto* write = new Write;
  write->bytes = std::move(rest);
  write->request.data = write;
  in_flight_ = write->bytes.size();
  uv_buf_t buffer = uv_buf_init(write->bytes.data(), static_cast<unsigned>(write->bytes.size()));
  const int status =
      uv_write(&write->request, handle(), &buffer, 1, [](uv_write_t* request, int result) {
        const std::unique_ptr<Write> done(static_cast<Write*>(request->data));
        auto* self = owner_of<SocketStream>(request->handle);
        if (self == nullptr) return;
        const Turn turn = self->loop_.turn();
        self->buffers_.give_back(std::move(done->bytes));
        self->on_written(result);
      });
  if (status == 0) return;
  in_flight_ = 0;
  delete write;
  write_failed(status);
}

void SocketStream::on_written(int status) {
  in_flight_ = 0;
  if (status < 0) {
    write_failed(status);
    return;
  }
  if (!out_.empty()) send({});
  settle();
}

void SocketStream::write_failed(int status) {
  if (broken_) return;
  broken_ = true;
  out_.clear();
  if (events_ != nullptr) events_->on_write_failed(peer_error(status, "writing"));
}

/// Tells the owner what became of the queue, and does what waited for it to be empty.
void SocketStream::settle() {
  if (queued() > high_water) {
    if (!full_ && events_ != nullptr) {
      full_ = true;
      events_->on_full();
    }
    return;
  }
  if (queued() > 0) return;
  if (finishing_ && handle() != nullptr && !broken_) {
    finishing_ = false;
    auto* request = new uv_shutdown_t;
    const int status =
        uv_shutdown(request, handle(), [](uv_shutdown_t* done, int) { delete done; });
    if (status != 0) delete request;
  }
  if (full_) {
    full_ = false;
    if (events_ != nullptr) events_->on_drained();
  }
}

std::string SocketStream::peer_ip() const {
  sockaddr_storage address{};
  int size = sizeof address;
  char text[INET6_ADDRSTRLEN] = "";
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (!tcp_ || uv_tcp_getpeername(tcp_.get(), generic, &size) != 0) return {};
  if (address.ss_family == AF_INET6) {
    uv_ip6_name(reinterpret_cast<const sockaddr_in6*>(&address), text, sizeof text);
  } else {
    uv_ip4_name(reinterpret_cast<const sockaddr_in*>(&address), text, sizeof text);
  }
  return text;
}

bool SocketStream::peer_is_own_user() const {
  if (!own_user_) own_user_ = ask_whose_peer();
  return *own_user_;
}

bool SocketStream::ask_whose_peer() const {
  sockaddr_storage peer{};
  sockaddr_storage local{};
  int size = sizeof peer;
  if (!tcp_ || uv_tcp_getpeername(tcp_.get(), reinterpret_cast<sockaddr*>(&peer), &size) != 0)
    return false;
  size = sizeof local;
  if (uv_tcp_getsockname(tcp_.get(), reinterpret_cast<sockaddr*>(&local), &size) != 0) return false;
  const auto uid =
      peer_uid(reinterpret_cast<const sockaddr*>(&peer), reinterpret_cast<const sockaddr*>(&local));
  return uid && *uid == getuid();
}

void SocketStream::finish_writing() {
  finishing_ = true;
  out();
}

void SocketStream::tell_when_drained() {
  full_ = true;
  out();
}

void SocketStream::reset() {
  events_ = nullptr;
  // What was written before goes before.
  if (dirty_ && in_flight_ == 0) send({});
  // After a shutdown libuv refuses to reset; a plain close is all that is left then.
  if (tcp_ != nullptr && uv_tcp_close_reset(tcp_.get(), [](uv_handle_t* closed) {
                           delete reinterpret_cast<uv_tcp_t*>(closed);
                         }) == 0) {
    tcp_->data = nullptr;
    static_cast<void>(tcp_.release());
  }
  tcp_.reset();
  pipe_.reset();
}

}  // namespace devproxy
