#include "control/control_server.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <utility>

#include "base/peer_uid.h"
#include "control/descriptors.h"

namespace devproxy {
namespace {

ControlFailure failure_of(const Error& why) {
  return {why.code == Code::bad_version ? 4 : 1,
          why.code == Code::bad_version ? "control.version" : "control.invalid", why.detail,
          why.code == Code::bad_version ? "restart the proxy" : "docs/control.md has every call"};
}

tl::unexpected<Error> cannot_listen(const std::string& path, int status) {
  return fail(status == UV_EACCES ? Code::denied : Code::invalid, Source::system,
              fmt::format("cannot listen on the control socket {}: {}; choose another folder with "
                          "XDG_RUNTIME_DIR",
                          path, uv_strerror(status)));
}

bool is_own_user(const uv_stream_t& socket) {
  uv_os_fd_t descriptor = -1;
  if (uv_fileno(reinterpret_cast<const uv_handle_t*>(&socket), &descriptor) != 0) return false;
  const auto uid = unix_peer_uid(descriptor);
  return uid && *uid == geteuid();
}

}  // namespace

/// One client: lines in, lines out. Buried when either side is done with it.
class ControlServer::Connection final {
 public:
  Connection(ControlServer& owner, Handle<uv_pipe_t> socket)
      : owner_(owner), socket_(std::move(socket)), next_(owner.loop_.agenda()) {
    socket_->data = this;
    uv_read_start(
        stream(),
        [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
          auto* self = owner_of<Connection>(handle);
          *buffer = self == nullptr
                        ? uv_buf_init(nullptr, 0)
                        : uv_buf_init(self->block_.data(), static_cast<unsigned>(block_size));
        },
        [](uv_stream_t* handle, ssize_t size, const uv_buf_t* buffer) {
          auto* self = owner_of<Connection>(handle);
          if (self == nullptr) return;
          const Turn turn = self->owner_.loop_.turn();
          if (size > 0) {
            self->take(std::string_view(buffer->base, static_cast<std::size_t>(size)));
          } else if (size < 0) {
            self->end();
          }
        });
  }
  /// It was asked something that lasts as long as it does.
  bool is_lasting() const { return exchange_ && exchange_->on_call; }

  ~Connection() {
    if (!exchange_) return;
    exchange_->connection = nullptr;
    if (ended_ && exchange_->on_left) exchange_->on_left();
  }

 private:
  static constexpr std::size_t block_size = 16 * 1024;

  struct Exchange final : ControlExchange {
    explicit Exchange(Connection& its_connection) : connection(&its_connection) {}

    void event(const std::string& json) override {
      if (connection != nullptr) connection->send({ControlReply::Kind::event, json, {}});
    }
    void answer(const std::string& json) override {
      finish({ControlReply::Kind::answer, json, {}});
    }
    void fail(const ControlFailure& why) override {
      finish({ControlReply::Kind::failure, {}, why});
    }
    bool event_with(const std::string& json, const std::vector<int>& descriptors) override {
      if (connection == nullptr) return false;
      Connection& its = *connection;
      const bool sent =
          its.send_with(to_line({ControlReply::Kind::event, json, {}}) + "\n", descriptors);
      if (!sent) its.end();
      return sent;
    }
    bool is_over() const override { return connection == nullptr; }
    std::size_t unread() const override {
      return connection == nullptr ? 0 : uv_stream_get_write_queue_size(connection->stream());
    }

    void finish(const ControlReply& reply) {
      if (connection == nullptr) return;
      Connection& its = *std::exchange(connection, nullptr);
      its.send(reply);
      its.exchange_.reset();
      // In a turn of its own: whoever answers may be in the middle of a list of calls.
      if (!its.looking_) its.next_.start(0, [&its] { its.look_for_call(); });
    }

    Connection* connection;  ///< null: over
  };

  struct Write {
    uv_write_t request{};
    std::string bytes;
  };

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(socket_.get()); }

  void take(std::string_view bytes) {
    received_.append(bytes);
    look_for_call();
  }

  /// One call at a time; what comes behind it belongs to it or waits.
  void look_for_call() {
    looking_ = true;
    while (!ended_ && (!exchange_ || exchange_->on_call)) {
      const std::size_t end = received_.find('\n', searched_);
      if (end == std::string::npos) {
        searched_ = received_.size();
        break;
      }
      const auto call = read_call(std::string_view(received_).substr(0, end));
      received_.erase(0, end + 1);
      searched_ = 0;
      if (!call) {
        send({ControlReply::Kind::failure, {}, failure_of(call.error())});
      } else if (const auto running = exchange_) {
        running->on_call(*call);
      } else {
        exchange_ = std::make_shared<Exchange>(*this);
        owner_.handler_(*call, exchange_);
      }
    }
    looking_ = false;
    if (received_.size() > longest_call) end();
  }

  void send(const ControlReply& reply) {
    if (ended_) return;
    auto write = std::make_unique<Write>();
    write->bytes = to_line(reply) + "\n";
    if (uv_stream_get_write_queue_size(stream()) + write->bytes.size() > most_unread) {
      end();  // it does not read what it asked for
      return;
    }
    write->request.data = write.get();
    uv_buf_t buffer = uv_buf_init(write->bytes.data(), static_cast<unsigned>(write->bytes.size()));
    const int status =
        uv_write(&write->request, stream(), &buffer, 1,
                 [](uv_write_t* request, int) { delete static_cast<Write*>(request->data); });
    if (status == 0) {
      static_cast<void>(write.release());
    } else {
      end();
    }
  }

  /// Past libuv, which passes one file at a time and only over pipes made for it.
  bool send_with(const std::string& line, const std::vector<int>& descriptors) {
    uv_os_fd_t socket = -1;
    return !ended_ && uv_stream_get_write_queue_size(stream()) == 0 &&
           uv_fileno(reinterpret_cast<const uv_handle_t*>(stream()), &socket) == 0 &&
           send_descriptors(socket, line, descriptors);
  }

  void end() {
    if (std::exchange(ended_, true)) return;
    if (exchange_) exchange_->connection = nullptr;
    owner_.remove(*this);
  }

  ControlServer& owner_;
  Handle<uv_pipe_t> socket_;
  std::string block_ = std::string(block_size, '\0');
  std::string received_;
  std::size_t searched_ = 0;            ///< no line ends before it
  std::shared_ptr<Exchange> exchange_;  ///< of the call that is not answered yet
  Timer next_;                          ///< the call that waited for it
  bool looking_ = false;
  bool ended_ = false;
};

ControlServer::ControlServer(Loop& loop, Handler handler)
    : loop_(loop), handler_(std::move(handler)) {}

ControlServer::~ControlServer() {
  if (!path_.empty()) unlink(path_.c_str());
}

Result<void> ControlServer::listen(const std::string& path) {
  // It gets its name when it listens: whoever looks before would be refused, and take it for what a
  // killed one left behind.
  const std::string unfinished = path + "~";
  // libuv would cut it, and make another file.
  if (unfinished.size() >= sizeof sockaddr_un::sun_path)
    return cannot_listen(path, UV_ENAMETOOLONG);
  unlink(unfinished.c_str());
  socket_.reset(new uv_pipe_t);
  uv_pipe_init(loop_.uv(), socket_.get(), 0);
  socket_->data = this;
  // Nobody may connect between bind and chmod; the folder is ours alone on top of that.
  const mode_t before = umask(0177);
  int status = uv_pipe_bind(socket_.get(), unfinished.c_str());
  umask(before);
  if (status == 0) {
    status = uv_listen(reinterpret_cast<uv_stream_t*>(socket_.get()), 16,
                       [](uv_stream_t* socket, int result) {
                         auto* self = owner_of<ControlServer>(socket);
                         if (self == nullptr || result != 0) return;
                         const Turn turn = self->loop_.turn();
                         self->accept(*socket);
                       });
  }
  if (status == 0 && rename(unfinished.c_str(), path.c_str()) != 0)
    status = uv_translate_sys_error(errno);
  if (status == 0) {
    path_ = path;
    // Commands that ask are no reason to stay when the proxy is done.
    uv_unref(reinterpret_cast<uv_handle_t*>(socket_.get()));
    return {};
  }
  socket_.reset();
  return cannot_listen(path, status);
}

void ControlServer::accept(uv_stream_t& socket) {
  Handle<uv_pipe_t> client(new uv_pipe_t);
  uv_pipe_init(loop_.uv(), client.get(), 0);
  client->data = nullptr;
  auto* stream = reinterpret_cast<uv_stream_t*>(client.get());
  if (uv_accept(&socket, stream) != 0) return;
  if (!is_own_user(*stream)) return;
  const auto asking = std::count_if(connections_.begin(), connections_.end(),
                                    [](const auto& entry) { return !entry->is_lasting(); });
  if (static_cast<std::size_t>(asking) >= most_connections) return;
  uv_unref(reinterpret_cast<uv_handle_t*>(client.get()));
  connections_.push_back(std::make_unique<Connection>(*this, std::move(client)));
}

void ControlServer::remove(const Connection& connection) {
  const auto found = std::find_if(connections_.begin(), connections_.end(),
                                  [&](const auto& entry) { return entry.get() == &connection; });
  if (found == connections_.end()) return;
  loop_.agenda().bury(std::move(*found));
  connections_.erase(found);
}

}  // namespace devproxy
