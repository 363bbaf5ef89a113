// bench_relay: copies bytes between each client and a connection of its own to the backend, with
// libuv and without a look at them. The floor: what any proxy on libuv costs before its own code.
// One thread.
#include <uv.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string_view>

#include "base/handle.h"
#include "base/text.h"

namespace devproxy {
namespace {

std::array<char, 65'536> read_buffer;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  uv_ip4_addr("127.0.0.1", port, &address);
  return address;
}

class Pair;

/// One half of a pair: what is read here is written to `other`.
struct Side {
  Pair* pair = nullptr;
  Side* other = nullptr;
  Handle<uv_tcp_t> tcp;
  bool ended = false;
};

class Pair final {
 public:
  static void open(uv_stream_t* listener, const sockaddr_in& backend);
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

 private:
  struct Rest {  ///< what uv_try_write left
    uv_write_t request{};
    std::unique_ptr<char[]> bytes;
    Side* from = nullptr;
  };

  explicit Pair(uv_loop_t* loop);
  static void on_connect(uv_connect_t* request, int status);
  static void on_read(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer);
  static void on_written(uv_write_t* request, int status);
  void read(Side& side);
  void forward(Side& from, const char* bytes, std::size_t size);
  void on_end(Side& side);

  Side client_;
  Side backend_;
};

uv_stream_t* stream_of(Side& side) {
  return reinterpret_cast<uv_stream_t*>(side.tcp.get());
}

void Pair::open(uv_stream_t* listener, const sockaddr_in& backend) {
  std::unique_ptr<Pair> pair(new Pair(listener->loop));
  if (uv_accept(listener, stream_of(pair->client_)) != 0) return;
  auto request = std::make_unique<uv_connect_t>();
  request->data = pair.get();
  const int status = uv_tcp_connect(request.get(), pair->backend_.tcp.get(),
                                    reinterpret_cast<const sockaddr*>(&backend), &Pair::on_connect);
  if (status != 0) return;
  static_cast<void>(
      request.release());  // on_connect has both now; after that, the end of either connection
  static_cast<void>(pair.release());
}

Pair::Pair(uv_loop_t* loop) {
  for (auto* side : {&client_, &backend_}) {
    side->pair = this;
    side->other = side == &client_ ? &backend_ : &client_;
    side->tcp.reset(new uv_tcp_t);
    uv_tcp_init(loop, side->tcp.get());
    side->tcp->data = side;
  }
}

void Pair::on_connect(uv_connect_t* request, int status) {
  auto* pair = static_cast<Pair*>(request->data);
  delete request;
  if (status == UV_ECANCELED) return;  // the pair is gone
  if (status != 0) {
    delete pair;
    return;
  }
  uv_tcp_nodelay(pair->client_.tcp.get(), 1);
  uv_tcp_nodelay(pair->backend_.tcp.get(), 1);
  pair->read(pair->client_);
  pair->read(pair->backend_);
}

void Pair::read(Side& side) {
  uv_read_start(
      stream_of(side),
      [](uv_handle_t*, std::size_t, uv_buf_t* buffer) {
        *buffer = uv_buf_init(read_buffer.data(), read_buffer.size());
      },
      &Pair::on_read);
}

void Pair::on_read(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
  auto* side = owner_of<Side>(stream);
  if (size > 0) {
    side->pair->forward(*side, buffer->base, static_cast<std::size_t>(size));
  } else if (size == UV_EOF) {
    side->pair->on_end(*side);
  } else if (size < 0) {
    delete side->pair;
  }
}

void Pair::forward(Side& from, const char* bytes, std::size_t size) {
  auto buffer = uv_buf_init(const_cast<char*>(bytes), static_cast<unsigned>(size));
  const int written = uv_try_write(stream_of(*from.other), &buffer, 1);
  if (written == static_cast<int>(size)) return;
  if (written < 0 && written != UV_EAGAIN) {
    delete this;
    return;
  }
  const auto done = written < 0 ? 0 : static_cast<std::size_t>(written);
  auto rest = std::make_unique<Rest>();
  rest->bytes.reset(new char[size - done]);
  std::copy(bytes + done, bytes + size, rest->bytes.get());
  rest->from = &from;
  rest->request.data = rest.get();
  buffer = uv_buf_init(rest->bytes.get(), static_cast<unsigned>(size - done));
  uv_read_stop(stream_of(from));
  uv_write(&rest.release()->request, stream_of(*from.other), &buffer, 1, &Pair::on_written);
}

void Pair::on_written(uv_write_t* request, int status) {
  const std::unique_ptr<Rest> rest(static_cast<Rest*>(request->data));
  if (status == UV_ECANCELED) return;  // the pair is gone
  if (status != 0) {
    delete rest->from->pair;
  } else {
    rest->from->pair->read(*rest->from);
  }
}

void Pair::on_end(Side& side) {
  side.ended = true;
  if (side.other->ended) {
    delete this;
    return;
  }
  auto request = std::make_unique<uv_shutdown_t>();
  const int status = uv_shutdown(request.get(), stream_of(*side.other),
                                 [](uv_shutdown_t* done, int) { delete done; });
  if (status == 0) static_cast<void>(request.release());
}

struct Relay {
  sockaddr_in backend;
};

int run(int port, int backend_port) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  Relay relay{loopback(backend_port)};
  uv_tcp_t listener;
  uv_tcp_init(&loop, &listener);
  listener.data = &relay;
  const auto address = loopback(port);
  int status = uv_tcp_bind(&listener, reinterpret_cast<const sockaddr*>(&address), 0);
  if (status == 0) {
    status = uv_listen(reinterpret_cast<uv_stream_t*>(&listener), 4096,
                       [](uv_stream_t* stream, int error) {
                         if (error == 0) Pair::open(stream, owner_of<Relay>(stream)->backend);
                       });
  }
  if (status != 0) {
    std::fprintf(stderr, "bench_relay: 127.0.0.1:%d: %s; choose another port\n", port,
                 uv_strerror(status));
    return 1;
  }
  uv_run(&loop, UV_RUN_DEFAULT);
  return 0;
}

}  // namespace
}  // namespace devproxy

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version") {
    std::printf("libuv %s\n", uv_version_string());
    return 0;
  }
  const auto port = devproxy::parse_number(argc == 3 ? argv[1] : "");
  const auto backend = devproxy::parse_number(argc == 3 ? argv[2] : "");
  if (!port || !backend) {
    std::fputs("usage: bench_relay PORT BACKEND_PORT | --version\n", stderr);
    return 2;
  }
  return devproxy::run(static_cast<int>(*port), static_cast<int>(*backend));
}
