// A datagram socket of the test's own plays systemd.
#include "base/service_notice.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>

#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

class Supervisor final {
 public:
  explicit Supervisor(std::string name) : name_(std::move(name)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(name_.begin(), name_.end(), address.sun_path);
    if (name_.front() == '@') address.sun_path[0] = '\0';
    descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    REQUIRE(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }
  ~Supervisor() { ::close(descriptor_); }
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// What was said; empty when nothing was.
  std::string heard() const {
    std::array<char, 256> text{};
    const ssize_t count = ::recv(descriptor_, text.data(), text.size(), MSG_DONTWAIT);
    return count < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(count));
  }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  int descriptor_ = -1;
};

void tells_everything(const Supervisor& supervisor) {
  const ServiceNotice notice(supervisor.name());
  notice.ready();
  CHECK(supervisor.heard() == "READY=1");
  notice.reloading();
  const std::string reloading = supervisor.heard();
  CHECK_THAT(reloading, ContainsSubstring("RELOADING=1\nMONOTONIC_USEC="));
  CHECK(std::isdigit(static_cast<unsigned char>(reloading.back())) != 0);
  notice.stopping();
  CHECK(supervisor.heard() == "STOPPING=1");
  CHECK(supervisor.heard().empty());
}

}  // namespace

TEST_CASE("service notice: ready, reloading and stopping are told", "[base]") {
  const TempDir folder;
  tells_everything(Supervisor(folder.file("notify")));
}

#if defined(__linux__)
TEST_CASE("service notice: an abstract name is one too", "[base]") {
  tells_everything(Supervisor("@devproxy-test-" + std::to_string(::getpid())));
}
#endif

TEST_CASE("service notice: what cannot be told is no error", "[base]") {
  ServiceNotice().ready();
  for (const char* const socket : {"/nowhere/notify", "vsock:2:1", "relative", "/"})
    ServiceNotice(socket).ready();
  ServiceNotice("/" + std::string(300, 'x')).stopping();
}

TEST_CASE("service notice: the variable is taken, so that children do not speak for us", "[base]") {
  const TempDir folder;
  const Supervisor supervisor(folder.file("notify"));
  ::setenv("NOTIFY_SOCKET", supervisor.name().c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  const ServiceNotice notice = ServiceNotice::take();
  CHECK(std::getenv("NOTIFY_SOCKET") == nullptr);  // NOLINT(concurrency-mt-unsafe)
  notice.ready();
  CHECK(supervisor.heard() == "READY=1");
}

}  // namespace devproxy
