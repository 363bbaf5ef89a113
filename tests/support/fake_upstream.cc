#include "tests/support/fake_upstream.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <utility>

namespace devproxy {

Peer::Peer(Descriptor socket, FakeUpstream& owner, std::size_t number)
    : Wire(std::move(socket), "upstream connection " + std::to_string(number)),
      owner_(owner),
      number_(number) {
  on_bytes = [this](std::string_view bytes) { owner_.note_bytes(number_, bytes); };
  on_close = [this] { owner_.note_close(number_); };
}

bool Peer::receive_request_head(TextMessage& request) {
  if (end() == End::open && !has_input_within(patience)) give_up(name() + ": no request came");
  const std::string first = receive_some();
  if (first.empty()) {
    if (end() == End::reset) give_up(name() + ": reset instead of a request");
    return false;
  }
  put_back(first);
  request = receive_head();
  owner_.note_request();
  return true;
}

bool Peer::receive_request(TextMessage& request) {
  if (!receive_request_head(request)) return false;
  receive_body(request);
  return true;
}

void Peer::wait_for(const Gate& gate) {
  const WaitLimit deadline(patience * 2);
  while (!gate.wait(WaitLimit(std::chrono::milliseconds(20)))) {
    if (owner_.is_ending() || deadline.is_over()) give_up(name() + ": the gate was never opened");
  }
}

FakeUpstream::FakeUpstream(Script script, Place place, bool listening)
    : place_(place), script_(std::move(script)) {
  if (place_ == Place::unix_socket) {
    folder_ = std::make_unique<TempDir>();
  } else {
    reserved_ = std::make_unique<ReservedPort>(place_ == Place::v6 ? Family::v6 : Family::v4);
  }
  if (listening) start_listening();
}

FakeUpstream::~FakeUpstream() {
  stop_listening();
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (const Served& served : served_) {
      if (served.fd >= 0) shutdown(served.fd, SHUT_RDWR);
    }
  }
  for (std::thread& thread : threads_) thread.join();
}

FakeUpstream::Script FakeUpstream::answering(Answer answer) {
  return [answer = std::move(answer)](Peer& peer) {
    TextMessage request;
    while (peer.receive_request(request)) peer.send(answer(request));
  };
}

FakeUpstream::Script FakeUpstream::always(std::string bytes) {
  return answering([bytes = std::move(bytes)](const TextMessage&) { return bytes; });
}

std::uint16_t FakeUpstream::port() const {
  return reserved_->number();
}

std::string FakeUpstream::target() const {
  if (place_ == Place::unix_socket) return "url = \"unix:" + folder_->file("s") + "\"";
  return "port = " + std::to_string(port());
}

void FakeUpstream::set_script(Script script) {
  const std::lock_guard lock(mutex_);
  script_ = std::move(script);
}

void FakeUpstream::start_listening() {
  if (place_ == Place::unix_socket) {
    listener_ = listen_on_path(folder_->file("s"));
  } else {
    listener_ = listen_on(place_ == Place::v6 ? Family::v6 : Family::v4, port());
  }
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) give_up("cannot make a pipe");
  wake_read_ = Descriptor(ends[0]);
  wake_write_ = Descriptor(ends[1]);
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  acceptor_ = std::thread(
      [this, listener = listener_.fd(), wake = ends[0]] { accept_all(listener, wake); });
}

void FakeUpstream::stop_listening() {
  if (!acceptor_.joinable()) return;
  wake_write_.reset();
  acceptor_.join();
  listener_.reset();
  if (place_ == Place::unix_socket) unlink(folder_->file("s").c_str());
}

void FakeUpstream::listen_again() {
  stop_listening();
  start_listening();
}

void FakeUpstream::drop_connections() {
  const std::lock_guard lock(mutex_);
  for (const Served& served : served_) {
    if (served.fd >= 0) shutdown(served.fd, SHUT_RDWR);
  }
}

void FakeUpstream::accept_all(int listener, int wake) {
  std::array<pollfd, 2> polled{pollfd{listener, POLLIN, 0}, pollfd{wake, POLLIN, 0}};
  for (;;) {
    if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return;
    if (polled[1].revents != 0) return;
    if (polled[0].revents == 0) continue;
    Descriptor socket(accept(listener, nullptr, nullptr));
    if (!socket) continue;
    fcntl(socket.fd(), F_SETFD, FD_CLOEXEC);
    const int on = 1;
    setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    const std::size_t number = served_.size();
    served_.push_back({socket.fd(), {}});
    threads_.emplace_back(
        [this, number, held = std::move(socket)]() mutable { serve(std::move(held), number); });
    changed_.notify_all();
  }
}

void FakeUpstream::serve(Descriptor socket, std::size_t number) {
  Script script;
  {
    const std::lock_guard lock(mutex_);
    script = script_;
  }
  Peer peer(std::move(socket), *this, number);
  std::string problem;
  try {
    script(peer);
  } catch (const std::exception& error) {
    problem = error.what();
  }
  {
    const std::lock_guard lock(mutex_);
    if (failure_.empty() && !ending_) failure_ = problem;
  }
  peer.close();
}

void FakeUpstream::note_close(std::size_t number) {
  const std::lock_guard lock(mutex_);
  served_[number].fd = -1;
  changed_.notify_all();
}

void FakeUpstream::note_bytes(std::size_t number, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  served_[number].received += bytes;
}

void FakeUpstream::note_request() {
  const std::lock_guard lock(mutex_);
  ++requests_;
  changed_.notify_all();
}

bool FakeUpstream::is_ending() const {
  const std::lock_guard lock(mutex_);
  return ending_;
}

std::size_t FakeUpstream::connections() const {
  const std::lock_guard lock(mutex_);
  return served_.size();
}

std::size_t FakeUpstream::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t FakeUpstream::open_connections() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      served_.begin(), served_.end(), [](const Served& served) { return served.fd >= 0; }));
}

std::vector<std::string> FakeUpstream::received() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> result;
  for (const Served& served : served_) result.push_back(served.received);
  return result;
}

void FakeUpstream::wait_for_connections(std::size_t count, WaitLimit deadline) const {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_until(lock, deadline.at(), [&] { return served_.size() >= count; })) {
    give_up("waited for " + std::to_string(count) + " upstream connections; " + counts());
  }
}

void FakeUpstream::wait_for_requests(std::size_t count, WaitLimit deadline) const {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_until(lock, deadline.at(), [&] { return requests_ >= count; })) {
    give_up("waited for " + std::to_string(count) + " upstream requests; " + counts());
  }
}

void FakeUpstream::wait_until_idle(WaitLimit deadline) const {
  std::unique_lock lock(mutex_);
  const auto idle = [&] {
    return std::all_of(served_.begin(), served_.end(),
                       [](const Served& served) { return served.fd < 0; });
  };
  if (!changed_.wait_until(lock, deadline.at(), idle))
    give_up("upstream connections stay open; " + counts());
}

std::string FakeUpstream::counts() const {
  std::string text = "there were " + std::to_string(served_.size()) + " connections and " +
                     std::to_string(requests_) + " requests";
  if (!failure_.empty()) text += "; a script gave up: " + failure_;
  return text;
}

std::string FakeUpstream::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace devproxy
