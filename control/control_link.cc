#include "control/control_link.h"

#include <unistd.h>

#include <memory>
#include <utility>

namespace devproxy {
namespace {

constexpr std::size_t block_size = std::size_t{16} * 1024;

struct Write {
  uv_write_t request{};
  std::string bytes;
};

}  // namespace

ControlLink::ControlLink(Loop& loop, ControlClient::Connection connection, Events events)
    : loop_(loop),
      events_(std::move(events)),
      block_(block_size, '\0'),
      received_(std::move(connection.received)),
      later_(loop.agenda()) {
  socket_.reset(new uv_pipe_t);
  uv_pipe_init(loop_.uv(), socket_.get(), 0);
  socket_->data = this;
  if (uv_pipe_open(socket_.get(), connection.descriptor) != 0) {
    ::close(connection.descriptor);
    close();
    return;
  }
  uv_read_start(
      reinterpret_cast<uv_stream_t*>(socket_.get()),
      [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
        auto* self = owner_of<ControlLink>(handle);
        *buffer = self == nullptr
                      ? uv_buf_init(nullptr, 0)
                      : uv_buf_init(self->block_.data(), static_cast<unsigned>(block_size));
      },
      [](uv_stream_t* handle, ssize_t size, const uv_buf_t* buffer) {
        auto* self = owner_of<ControlLink>(handle);
        if (self == nullptr || size == 0) return;
        const Turn turn = self->loop_.turn();
        if (size > 0) {
          self->take(std::string_view(buffer->base, static_cast<std::size_t>(size)));
        } else {
          self->close();
        }
      });
  if (!received_.empty()) later_.start(0, [this] { look_for_replies(); });
}

ControlLink::~ControlLink() = default;

void ControlLink::send(const ControlCall& call) {
  if (closed_) return;
  auto write = std::make_unique<Write>();
  write->bytes = to_line(call) + "\n";
  write->request.data = write.get();
  uv_buf_t buffer = uv_buf_init(write->bytes.data(), static_cast<unsigned>(write->bytes.size()));
  const int status =
      uv_write(&write->request, reinterpret_cast<uv_stream_t*>(socket_.get()), &buffer, 1,
               [](uv_write_t* request, int) { delete static_cast<Write*>(request->data); });
  if (status == 0) {
    static_cast<void>(write.release());
  } else {
    close();
  }
}

void ControlLink::take(std::string_view bytes) {
  received_.append(bytes);
  look_for_replies();
}

void ControlLink::look_for_replies() {
  std::size_t begin = 0;
  while (!closed_) {
    const std::size_t end = received_.find('\n', begin);
    if (end == std::string::npos) break;
    const auto reply = read_reply(std::string_view(received_).substr(begin, end - begin));
    begin = end + 1;
    // What an older or newer proxy says besides is not for us.
    if (reply) events_.reply(*reply);
  }
  received_.erase(0, begin);
}

void ControlLink::close() {
  if (std::exchange(closed_, true)) return;
  socket_.reset();
  later_.start(0, [this] { events_.closed(); });
}

}  // namespace devproxy
