// ControlClient before a proxy that does not do as it should, and the search for proxies.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "control/control_client.h"
#include "control/sockets.h"
#include "tests/support/sockets.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

using std::chrono::milliseconds;

/// Both ends of a connection; what the proxy says is there before the client asks.
struct Pair {
  explicit Pair(std::string_view said) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
    proxy = Descriptor(ends[0]);
    client = ends[1];
    REQUIRE(::send(proxy.fd(), said.data(), said.size(), MSG_DONTWAIT) ==
            static_cast<ssize_t>(said.size()));
  }
  Descriptor proxy;
  int client = -1;
};

TEST_CASE("control client: sees the events, then the answer", "[control]") {
  Pair pair("{\"event\":{\"n\":1}}\n{\"event\":{\"n\":2}}\n{\"answer\":{}}\n{\"answer\":7}\n");
  ControlClient client(pair.client);
  std::string events;
  const auto see = [&](const std::string& event) {
    events += event;
    return true;
  };
  const auto reply = client.ask({"status", {{"a", "b"}}}, patience, see);
  REQUIRE(reply);
  CHECK(reply->json == "{}");
  CHECK(events == R"({"n":1}{"n":2})");
  std::array<char, 100> sent{};
  const ssize_t size = ::recv(pair.proxy.fd(), sent.data(), sent.size(), MSG_DONTWAIT);
  CHECK(std::string(sent.data(), static_cast<std::size_t>(size)) ==
        "{\"devproxy\":1,\"call\":\"status\",\"arguments\":{\"a\":\"b\"}}\n");
  CHECK(client.ask({"status", {}}, patience)->json == "7");
}

TEST_CASE("control client: stops when no more is wanted", "[control]") {
  Pair pair("{\"event\":{}}\n{\"event\":{}}\n");
  ControlClient client(pair.client);
  int seen = 0;
  const auto reply = client.ask({"logs", {}}, patience, [&](const std::string&) {
    ++seen;
    return false;
  });
  CHECK(seen == 1);
  CHECK(reply.error().code == Code::closed);
}

TEST_CASE("control client: silence ends with the limit", "[control]") {
  Pair pair("{\"event\":{}}\n{\"answ");
  ControlClient client(pair.client);
  const auto reply = client.ask({"status", {}}, milliseconds(20));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == Code::timed_out);
}

TEST_CASE("control client: a proxy that leaves is said to have left", "[control]") {
  Pair pair("{\"answ");
  pair.proxy.reset();
  ControlClient client(pair.client);
  const auto reply = client.ask({"status", {}}, patience);
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == Code::closed);
}

TEST_CASE("control client: what is no reply is refused", "[control]") {
  Pair pair("HTTP/1.1 400 Bad Request\r\n");
  ControlClient client(pair.client);
  const auto reply = client.ask({"status", {}}, patience);
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == Code::invalid);
}

Descriptor listen_as(const TempDir& folder, pid_t pid) {
  return listen_on_path(control_socket_path(folder.path(), pid));
}

std::vector<std::string> found_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const ControlSocket& socket : connect_to_proxies(folder)) {
    ::close(socket.descriptor);
    names.push_back(std::filesystem::path(socket.path).filename());
  }
  return names;
}

void set_age(const TempDir& folder, const std::string& name, long seconds) {
  const std::array<timespec, 2> times{timespec{seconds, 0}, timespec{seconds, 0}};
  REQUIRE(::utimensat(AT_FDCWD, folder.file(name).c_str(), times.data(), 0) == 0);
}

TEST_CASE("control sockets: every proxy is found, the oldest first", "[control]") {
  const TempDir folder;
  const Descriptor young = listen_as(folder, 7);
  const Descriptor old = listen_as(folder, 4711);
  set_age(folder, "control-7.sock", 2'000);
  set_age(folder, "control-4711.sock", 1'000);
  CHECK(found_in(folder.path()) == std::vector<std::string>{"control-4711.sock", "control-7.sock"});
}

TEST_CASE("control sockets: what a killed proxy left is removed, what is not ours stays",
          "[control]") {
  const TempDir folder;
  { const Descriptor killed = listen_as(folder, 1); }
  const Descriptor alive = listen_as(folder, 2);
  { const Descriptor other = listen_on_path(folder.file("control-x.sock")); }
  { const Descriptor other = listen_on_path(folder.file("control-.sock")); }
  { const Descriptor other = listen_on_path(folder.file("other.sock")); }
  folder.write("control-3.sock", "a file");
  std::filesystem::create_symlink(folder.file("control-2.sock"), folder.file("control-4.sock"));
  CHECK(found_in(folder.path()) == std::vector<std::string>{"control-2.sock"});
  CHECK_FALSE(std::filesystem::exists(folder.file("control-1.sock")));
  for (const char* name :
       {"control-2.sock", "control-x.sock", "control-.sock", "other.sock", "control-3.sock"})
    CHECK(std::filesystem::exists(folder.file(name)));
}

TEST_CASE("control sockets: a folder that is not there, or only points elsewhere, has none",
          "[control]") {
  const TempDir folder;
  CHECK(found_in(folder.file("none")).empty());
  std::filesystem::create_directory(folder.file("real"));
  const Descriptor alive = listen_on_path(folder.file("real/control-2.sock"));
  std::filesystem::create_symlink(folder.file("real"), folder.file("link"));
  CHECK(found_in(folder.file("real")).size() == 1);
  CHECK(found_in(folder.file("link")).empty());
}

}  // namespace
}  // namespace devproxy
