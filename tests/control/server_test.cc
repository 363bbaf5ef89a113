// The control socket before clients of every kind.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "control/control_server.h"
#include "control/sockets.h"
#include "tests/control/stage.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

using ExchangePtr = ControlStage::Exchange;

constexpr std::string_view status = "{\"devproxy\":1,\"call\":\"status\"}\n";

std::string call_of(const std::string& name) {
  return to_line(ControlCall{name, {}}) + "\n";
}

bool is_failure(const std::string& line, const std::string& code) {
  const auto reply = read_reply(line);
  return reply && reply->kind == ControlReply::Kind::failure && reply->failure.code == code &&
         !reply->failure.message.empty() && !reply->failure.hint.empty();
}

TEST_CASE("control server: events come before the answer", "[control]") {
  ControlStage stage([](const ControlCall&, const ExchangePtr& exchange) {
    exchange->event(R"({"n":1})");
    exchange->event(R"({"n":2})");
    exchange->answer(R"({"n":3})");
    exchange->answer("late");
    exchange->event("late");
    exchange->fail({});
  });
  RawControl client(stage);
  client.send(status);
  CHECK(client.line() == R"({"event":{"n":1}})");
  CHECK(client.line() == R"({"event":{"n":2}})");
  CHECK(client.line() == R"({"answer":{"n":3}})");
  client.send(status);
  CHECK(client.line() == R"({"event":{"n":1}})");
}

TEST_CASE("control server: whoever looks while it begins to listen takes nothing away",
          "[control]") {
  const TempDir folder;
  std::atomic<bool> over{false};
  std::thread looking([&] {
    while (!over) {
      for (const ControlSocket& socket : connect_to_proxies(folder.path()))
        ::close(socket.descriptor);
    }
  });
  int lost = 0;
  for (pid_t pid = 1; pid <= 300; ++pid) {
    const std::string path = control_socket_path(folder.path(), pid);
    Loop loop;
    ControlServer server(loop, [](const ControlCall&, const ExchangePtr&) {});
    if (!server.listen(path) || !std::filesystem::exists(path)) ++lost;
  }
  over = true;
  looking.join();
  CHECK(lost == 0);
}

TEST_CASE("control server: a broken line gets a failure, and the next call its answer",
          "[control]") {
  ControlStage stage;
  RawControl client(stage);
  for (const char* line : {"", "x", "[]", "{\"devproxy\":1}", "GET / HTTP/1.1\r", "\xFF\xFE"}) {
    client.send(std::string(line) + "\n");
    CHECK(is_failure(client.line(), "control.invalid"));
  }
  client.send("{\"devproxy\":2,\"call\":\"status\"}\n");
  CHECK(is_failure(client.line(), "control.version"));
  CHECK(stage.calls.empty());
  client.send(status);
  CHECK(client.line() == R"({"answer":"status"})");
}

TEST_CASE("control server: a call that arrives byte by byte is one call", "[control]") {
  ControlStage stage;
  RawControl client(stage);
  RawControl other(stage);
  for (const char byte : status) {
    client.send(std::string_view(&byte, 1));
    other.send(status);
    CHECK(other.line() == R"({"answer":"status"})");
  }
  CHECK(client.line() == R"({"answer":"status"})");
}

TEST_CASE("control server: a line may be as long as longest_call, and no longer", "[control]") {
  ControlStage stage;
  RawControl client(stage);
  const auto line_of = [](std::size_t size) {
    const std::string begin = R"({"devproxy":1,"call":"x","arguments":{"a":")";
    const std::string end = "\"}}";
    return begin + std::string(size - begin.size() - end.size(), 'y') + end;
  };
  client.send(line_of(longest_call) + "\n");
  CHECK(client.line() == R"({"answer":"x"})");
  // Without an end it is never going to be a call.
  const std::string endless(2 * longest_call, 'x');
  CHECK_FALSE(client.send(endless));
  CHECK(client.is_closed());
  RawControl next(stage);
  next.send(status);
  CHECK(next.line() == R"({"answer":"status"})");
}

TEST_CASE("control server: half a call and an end is nothing", "[control]") {
  ControlStage stage;
  for (int i = 0; i < 100; ++i) {
    RawControl client(stage);
    client.send(status.substr(0, static_cast<std::size_t>(i) % status.size()));
    if (i % 2 == 0) {
      client.close();
    } else {
      client.end_output();
      CHECK(client.is_closed());
    }
  }
  CHECK(stage.calls.empty());
  RawControl client(stage);
  client.send(status);
  CHECK(client.line() == R"({"answer":"status"})");
}

TEST_CASE("control server: calls of one client are handled one after another", "[control]") {
  std::vector<ExchangePtr> open;
  ControlStage stage(
      [&](const ControlCall&, const ExchangePtr& exchange) { open.push_back(exchange); });
  RawControl client(stage);
  client.send(call_of("one") + call_of("two") + call_of("three"));
  for (const char* name : {"one", "two", "three"}) {
    stage.run_until("a call", [&] { return open.size() == 1; });
    CHECK(stage.calls.back().name == name);
    const ExchangePtr now = std::move(open.front());
    open.clear();
    now->answer("{}");
    CHECK(now->is_over());
    CHECK(client.line() == R"({"answer":{}})");
  }
  CHECK(stage.calls.size() == 3);
}

// Whoever answers may be in the middle of its own list of calls.
TEST_CASE("control server: no call is handled inside the answer to another", "[control]") {
  int inside = 0;
  int deepest = 0;
  ControlStage stage([&](const ControlCall&, const ExchangePtr& exchange) {
    deepest = std::max(deepest, ++inside);
    exchange->answer("{}");
    --inside;
  });
  RawControl client(stage);
  std::string many;
  for (int i = 0; i < 2'000; ++i) many += status;
  client.send(many);
  stage.run_until("all calls", [&] { return stage.calls.size() == 2'000; });
  CHECK(deepest == 1);
  for (int i = 0; i < 2'000; ++i) REQUIRE(client.line() == R"({"answer":{}})");

  std::vector<ExchangePtr> open;
  bool answering = false;
  bool handled_inside = false;
  ControlStage later([&](const ControlCall&, const ExchangePtr& exchange) {
    handled_inside = handled_inside || answering;
    open.push_back(exchange);
  });
  RawControl second(later);
  second.send(call_of("one") + call_of("two"));
  later.run_until("a call", [&] { return open.size() == 1; });
  answering = true;
  open.front()->answer("{}");
  answering = false;
  later.run_until("the next call", [&] { return open.size() == 2; });
  CHECK_FALSE(handled_inside);
}

TEST_CASE("control server: who never reads is closed, and nobody else notices", "[control]") {
  std::vector<ExchangePtr> followers;
  ControlStage stage([&](const ControlCall& call, const ExchangePtr& exchange) {
    if (call.name == "follow") {
      followers.push_back(exchange);
    } else {
      exchange->answer("{}");
    }
  });
  RawControl deaf(stage);
  deaf.send(call_of("follow"));
  stage.run_until("the follower", [&] { return followers.size() == 1; });
  RawControl other(stage);
  const std::string event = "\"" + std::string(64 * 1024, 'x') + "\"";
  std::size_t sent = 0;
  while (!followers.front()->is_over()) {
    followers.front()->event(event);
    sent += event.size();
    REQUIRE(sent < 4 * ControlServer::most_unread);
    other.send(status);
    CHECK(other.line() == R"({"answer":{}})");
  }
  CHECK(sent > ControlServer::most_unread / 2);
  followers.front()->event(event);
  followers.front()->answer("{}");
  CHECK(deaf.is_closed());
}

TEST_CASE("control server: the sixty-fifth client is refused until another leaves", "[control]") {
  ControlStage stage;
  std::vector<std::unique_ptr<RawControl>> clients;
  for (std::size_t i = 0; i < ControlServer::most_connections; ++i) {
    clients.push_back(std::make_unique<RawControl>(stage));
    clients.back()->send(status);
    CHECK(clients.back()->line() == R"({"answer":"status"})");
  }
  for (int i = 0; i < 50; ++i) {
    RawControl extra(stage);
    CHECK(extra.is_closed());
  }
  clients.front()->send(status);
  CHECK(clients.front()->line() == R"({"answer":"status"})");
  clients.pop_back();
  stage.run_until("a free place", [&] {
    RawControl again(stage);
    if (!again.send(status)) return false;
    try {
      return again.line() == R"({"answer":"status"})";
    } catch (const TestFailure&) {
      return false;  // the one that left was not noticed yet
    }
  });
}

TEST_CASE("control server: a client that leaves in the middle of its call is known to be gone",
          "[control]") {
  std::vector<ExchangePtr> open;
  ControlStage stage(
      [&](const ControlCall&, const ExchangePtr& exchange) { open.push_back(exchange); });
  {
    RawControl client(stage);
    client.send(status);
    stage.run_until("the call", [&] { return open.size() == 1; });
    CHECK_FALSE(open.front()->is_over());
  }
  stage.run_until("its end", [&] { return open.front()->is_over(); });
  open.front()->event("{}");
  open.front()->answer("{}");
  RawControl client(stage);
  client.send(status);
  stage.run_until("another call", [&] { return open.size() == 2; });
  // The same when the server is gone before the answer is there.
  stage.server.reset();
  CHECK(open.back()->is_over());
  open.back()->fail({1, "a", "b", "c"});
  CHECK(client.is_closed());
}

TEST_CASE("control server: its file is for this user alone, replaces an old one, and goes with it",
          "[control]") {
  ControlStage stage;
  struct stat there {};
  REQUIRE(::stat(stage.path().c_str(), &there) == 0);
  CHECK((there.st_mode & 07777U) == 0600);
  stage.server.reset();
  CHECK_FALSE(std::filesystem::exists(stage.path()));
  stage.folder.write("control-1.sock", "left behind");
  stage.begin();
  REQUIRE(stage.server->listen(stage.path()));
  RawControl client(stage);
  client.send(status);
  CHECK(client.line() == R"({"answer":"status"})");
}

TEST_CASE("control server: a place where no socket can be is an error that says so", "[control]") {
  ControlStage stage;
  const std::string deep = stage.folder.file(std::string(120, 'd'));
  std::filesystem::create_directory(deep);
  for (const std::string& path :
       {stage.folder.file("none/control-1.sock"), deep + "/control-1.sock"}) {
    ControlServer server(stage.loop, ControlStage::answer_with_name);
    const auto made = server.listen(path);
    REQUIRE_FALSE(made);
    CHECK_THAT(made.error().detail, ContainsSubstring(path));
    CHECK_THAT(made.error().detail, ContainsSubstring("XDG_RUNTIME_DIR"));
  }
  // A name that was cut would be another file.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(stage.folder.path()))
    CHECK((entry.is_directory() || entry.path() == stage.path()));
}

TEST_CASE("control server: another user's process is not answered, even where it may connect",
          "[control]") {
  ControlStage stage;
  // Only root can become somebody else.
  if (::geteuid() != 0) return;
  constexpr uid_t nobody = 65534;
  std::filesystem::permissions(stage.folder.path(), std::filesystem::perms(0755));
  REQUIRE(::seteuid(nobody) == 0);
  RawControl refused(stage);
  REQUIRE(::seteuid(0) == 0);
  CHECK(refused.is_closed());
  REQUIRE(::chmod(stage.path().c_str(), 0666) == 0);
  REQUIRE(::seteuid(nobody) == 0);
  RawControl stranger(stage);
  REQUIRE(::seteuid(0) == 0);
  stranger.send(status);
  CHECK(stranger.is_closed());
  CHECK(stranger.received() == 0);
  CHECK(stage.calls.empty());
}

}  // namespace
}  // namespace devproxy
