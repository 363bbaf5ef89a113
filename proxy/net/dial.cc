#include "proxy/net/dial.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/tcp_sockets.h"
#include "proxy/net/congestion.h"

namespace devproxy {
namespace {

Code code_of(int status) {
  switch (status) {
    case UV_ECONNREFUSED:
    case UV_ENOENT:
      return Code::refused;
    case UV_EMFILE:
    case UV_ENFILE:
      return Code::no_descriptors;
    case UV_ETIMEDOUT:
      return Code::timed_out;
    default:
      return Code::unreachable;
  }
}

/// Nobody listens there, and the socket has got the very port that it dials (base/tcp_sockets.h).
/// True: it will be closed with a reset, so that the port is free at once for the service.
bool close_own_end(const uv_tcp_t* socket) {
  uv_os_fd_t descriptor = -1;
  if (uv_fileno(reinterpret_cast<const uv_handle_t*>(socket), &descriptor) != 0 ||
      !is_own_peer(descriptor))
    return false;
  const linger at_once{1, 0};
  setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  return true;
}

}  // namespace

/// libuv's request. Frees itself in its callback, which comes even when the dial is gone.
struct Dial::Connect {
  uv_connect_t request{};
  Dial* dial = nullptr;

  static void on_done(uv_connect_t* request, int status) {
    const std::unique_ptr<Connect> self(static_cast<Connect*>(request->data));
    if (self->dial == nullptr) return;
    const Turn turn = self->dial->loop_.turn();
    self->dial->connect_ = nullptr;
    self->dial->on_connected(status);
  }
};

Dial::Dial(Loop& loop, Buffers& buffers, Descriptors& descriptors)
    : loop_(loop), buffers_(buffers), descriptors_(descriptors), timer_(loop.agenda()) {}

Dial::~Dial() {
  drop_socket();
}

void Dial::drop_socket() {
  if (connect_ != nullptr) connect_->dial = nullptr;
  connect_ = nullptr;
  if (tcp_ || pipe_) descriptors_.closed();
  tcp_.reset();
  pipe_.reset();
}

void Dial::start(DialTarget target, std::uint64_t timeout, Done done) {
  target_ = std::move(target);
  done_ = std::move(done);
  next_ = 0;
  refused_ = 0;
  timer_.start(timeout, [this] {
    give_up(Error{Code::timed_out, Source::upstream, "no answer to the connection attempt"});
  });
  try_next();
}

void Dial::try_next() {
  drop_socket();
  if (!descriptors_.room_for_service()) {
    timer_.start(0, [this] {
      give_up(Error{Code::no_descriptors, Source::ourselves,
                    "all file descriptors are in use; raise ulimit -n"});
    });
    return;
  }
  connect_ = new Connect;
  connect_->dial = this;
  connect_->request.data = connect_;
  descriptors_.opened();
  begin(*connect_);
}

void Dial::begin(Connect& connect) {
  if (!target_.unix_path.empty()) {
    ++next_;
    pipe_.reset(new uv_pipe_t);
    uv_pipe_init(loop_.uv(), pipe_.get(), 0);
    pipe_->data = nullptr;
    uv_pipe_connect(&connect.request, pipe_.get(), target_.unix_path.c_str(), Connect::on_done);
    return;
  }
  const auto* address = reinterpret_cast<const sockaddr*>(&target_.addresses[next_++]);
  tcp_.reset(new uv_tcp_t);
  uv_tcp_init(loop_.uv(), tcp_.get());
  tcp_->data = nullptr;
  const int status = uv_tcp_connect(&connect.request, tcp_.get(), address, Connect::on_done);
  if (status == 0) {
    uv_tcp_nodelay(tcp_.get(), 1);
    uv_os_fd_t descriptor = -1;
    if (uv_fileno(reinterpret_cast<const uv_handle_t*>(tcp_.get()), &descriptor) == 0)
      relax_congestion_control(descriptor, *address);
    return;
  }
  // Failed at once: no callback comes. Told from the next turn, as start() promises.
  delete std::exchange(connect_, nullptr);
  timer_.start(0, [this, status] { on_connected(status); });
}

void Dial::on_connected(int status) {
  if (status == 0 && tcp_ && close_own_end(tcp_.get())) status = UV_ECONNREFUSED;
  if (status == 0) {
    timer_.cancel();
    std::unique_ptr<SocketStream> stream;
    descriptors_.closed();
    if (tcp_) {
      stream = std::make_unique<SocketStream>(loop_, buffers_, descriptors_, std::move(tcp_));
    } else {
      stream = std::make_unique<SocketStream>(loop_, buffers_, descriptors_, std::move(pipe_));
    }
    const Done done = std::move(done_);
    const sockaddr_storage answered =
        next_ <= target_.addresses.size() ? target_.addresses[next_ - 1] : sockaddr_storage{};
    done(std::move(stream), answered);
    return;
  }
  if (refused_ == 0 || code_of(refused_) != Code::refused) refused_ = status;
  if (target_.unix_path.empty() && next_ < target_.addresses.size()) {
    try_next();
    return;
  }
  give_up(Error{code_of(refused_), Source::upstream, uv_strerror(refused_)});
}

void Dial::give_up(Error why) {
  timer_.cancel();
  drop_socket();
  const Done done = std::move(done_);
  done(tl::unexpected<Error>(std::move(why)), {});
}

sockaddr_storage loopback_address(int family, std::uint16_t port) {
  sockaddr_storage storage{};
  if (family == AF_INET) {
    sockaddr_in address{};
    uv_ip4_addr("127.0.0.1", port, &address);
    std::memcpy(&storage, &address, sizeof address);
  } else {
    sockaddr_in6 address{};
    uv_ip6_addr("::1", port, &address);
    std::memcpy(&storage, &address, sizeof address);
  }
  return storage;
}

void prefer(std::vector<sockaddr_storage>& addresses, const sockaddr_storage& answered) {
  const auto at = std::find_if(addresses.begin(), addresses.end(), [&](const auto& address) {
    return std::memcmp(&address, &answered, sizeof answered) == 0;
  });
  if (at != addresses.end()) std::rotate(addresses.begin(), at, at + 1);
}

}  // namespace devproxy
