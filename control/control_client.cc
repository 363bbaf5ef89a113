#include "control/control_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "control/descriptors.h"

namespace devproxy {
namespace {

tl::unexpected<Error> went_away() {
  return fail(Code::closed, Source::system,
              "the proxy closed its control connection; look at its output");
}

}  // namespace

ControlClient::~ControlClient() {
  if (descriptor_ >= 0) close(descriptor_);
}

ControlClient::ControlClient(ControlClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), received_(std::move(other.received_)) {}

ControlClient& ControlClient::operator=(ControlClient&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(received_, other.received_);
  return *this;
}

ControlClient::Connection ControlClient::release() && {
  return {std::exchange(descriptor_, -1), std::move(received_)};
}

Result<ControlReply> ControlClient::ask(const ControlCall& call, std::chrono::milliseconds limit,
                                        const OnEvent& on_event) {
  if (auto begun = begin(call); !begun) return tl::unexpected<Error>(begun.error());
  return finish(limit, on_event);
}

Result<void> ControlClient::begin(const ControlCall& call) {
  return send(to_line(call) + "\n");
}

Result<ControlReply> ControlClient::finish(std::chrono::milliseconds limit,
                                           const OnEvent& on_event) {
  for (;;) {
    const auto line = read_line(limit);
    if (!line) return tl::unexpected<Error>(line.error());
    auto reply = read_reply(*line);
    if (!reply || reply->kind != ControlReply::Kind::event) return reply;
    if (on_event && !on_event(reply->json))
      return fail(Code::closed, Source::client, "no more was wanted");
  }
}

Result<ControlReply> ControlClient::ask_with_descriptors(const ControlCall& call,
                                                         std::chrono::milliseconds limit,
                                                         std::vector<int>& descriptors) {
  if (auto begun = begin(call); !begun) return tl::unexpected<Error>(begun.error());
  const auto line = read_line(limit, &descriptors);
  if (!line) return tl::unexpected<Error>(line.error());
  return read_reply(*line);
}

Result<void> ControlClient::wait_for_end(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    pollfd waiting{descriptor_, POLLIN, 0};
    const int ready = left.count() <= 0 ? 0 : poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0)
      return fail(Code::timed_out, Source::system, "it was asked to end and is still there");
    std::array<char, 1024> block{};
    const ssize_t size = recv(descriptor_, block.data(), block.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return {};
  }
}

Result<void> ControlClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return went_away();
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<std::string> ControlClient::read_line(std::chrono::milliseconds limit,
                                             std::vector<int>* descriptors) {
  for (;;) {
    if (const std::size_t end = received_.find('\n'); end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    pollfd waiting{descriptor_, POLLIN, 0};
    const int ready = poll(&waiting, 1, limit.count() == 0 ? -1 : static_cast<int>(limit.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0)
      return fail(Code::timed_out, Source::system,
                  "the proxy does not answer on its control socket; look at its output");
    std::array<char, 16 * 1024> block{};
    const ssize_t size = descriptors == nullptr
                             ? recv(descriptor_, block.data(), block.size(), 0)
                             : receive_descriptors(descriptor_, block, *descriptors);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return went_away();
    received_.append(block.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace devproxy
