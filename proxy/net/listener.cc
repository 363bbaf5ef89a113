#include "proxy/net/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "proxy/net/congestion.h"

namespace devproxy {
namespace {

constexpr int backlog = 1024;

tl::unexpected<Error> listen_error(int status, const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  const std::string address = (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
  switch (status) {
    case UV_EADDRINUSE:
      return fail(Code::taken, Source::system, address);
    case UV_EACCES:
      return fail(Code::denied, Source::system, address);
    case UV_EADDRNOTAVAIL:
    case UV_EAFNOSUPPORT:
      return fail(Code::missing, Source::system, address);
    default:
      return fail(Code::invalid, Source::system, address + ": " + uv_strerror(status));
  }
}

}  // namespace

Listener::Listener(Loop& loop, Buffers& buffers, Descriptors& descriptors, Accepted accepted)
    : loop_(loop), buffers_(buffers), descriptors_(descriptors), accepted_(std::move(accepted)) {}

Result<void> Listener::open(const std::string& host, std::uint16_t port,
                            const std::vector<InheritedSocket>& bound) {
  for (const InheritedSocket& socket : bound) {
    if (socket.host == host && socket.port == port) return adopt(socket);
  }
  sockaddr_storage address{};
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool is_v6 = host.find(':') != std::string::npos;
  int status = is_v6 ? uv_ip6_addr(host.c_str(), port, reinterpret_cast<sockaddr_in6*>(&address))
                     : uv_ip4_addr(host.c_str(), port, reinterpret_cast<sockaddr_in*>(&address));
  if (status != 0) return listen_error(status, host, port);

  socket_.reset(new uv_tcp_t);
  uv_tcp_init(loop_.uv(), socket_.get());
  socket_->data = this;
  status = uv_tcp_bind(socket_.get(), generic, is_v6 ? UV_TCP_IPV6ONLY : 0);
  if (status == 0) status = listen();
  if (status != 0) {
    socket_.reset();
    return listen_error(status, host, port);
  }
  int size = sizeof address;
  uv_tcp_getsockname(socket_.get(), generic, &size);
  port_ = ntohs(is_v6 ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                      : reinterpret_cast<sockaddr_in*>(&address)->sin_port);
  return {};
}

Result<void> Listener::adopt(const InheritedSocket& socket) {
  const int descriptor = ::fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 0);
  if (descriptor < 0) return listen_error(uv_translate_sys_error(errno), socket.host, socket.port);
  socket_.reset(new uv_tcp_t);
  uv_tcp_init(loop_.uv(), socket_.get());
  socket_->data = this;
  int status = uv_tcp_open(socket_.get(), descriptor);
  if (status != 0) ::close(descriptor);
  if (status == 0) status = listen();
  if (status != 0) {
    socket_.reset();
    return listen_error(status, socket.host, socket.port);
  }
  port_ = socket.port;
  return {};
}

int Listener::listen() {
  // Accepted sockets inherit both: one system call here instead of one for each.
  uv_tcp_nodelay(socket_.get(), 1);
  sockaddr_storage own{};
  int size = sizeof own;
  if (uv_tcp_getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&own), &size) == 0)
    relax_congestion_control(descriptor(), reinterpret_cast<const sockaddr&>(own));
  return uv_listen(reinterpret_cast<uv_stream_t*>(socket_.get()), backlog,
                   [](uv_stream_t* socket, int result) {
                     auto* self = owner_of<Listener>(socket);
                     if (self == nullptr || result != 0) return;
                     const Turn turn = self->loop_.turn();
                     self->waiting_ = true;
                     self->accept_waiting();
                   });
}

int Listener::descriptor() const {
  uv_os_fd_t descriptor = -1;
  if (socket_) uv_fileno(reinterpret_cast<const uv_handle_t*>(socket_.get()), &descriptor);
  return descriptor;
}

void Listener::close() {
  socket_.reset();
  waiting_ = false;
}

void Listener::accept_waiting() {
  // libuv does not poll this socket while a connection is not accepted: nothing spins.
  if (!waiting_ || !descriptors_.room_for_client()) return;
  waiting_ = false;
  accept();
}

void Listener::accept() {
  Handle<uv_tcp_t> client(new uv_tcp_t);
  uv_tcp_init(loop_.uv(), client.get());
  client->data = nullptr;
  if (uv_accept(reinterpret_cast<uv_stream_t*>(socket_.get()),
                reinterpret_cast<uv_stream_t*>(client.get())) != 0)
    return;
  accepted_(std::make_unique<SocketStream>(loop_, buffers_, descriptors_, std::move(client)),
            port_);
}

}  // namespace devproxy
