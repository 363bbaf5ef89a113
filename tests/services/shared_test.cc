// One proxy for all projects of a user: `up` finds it or starts it, its routes live as long as its
// connection, and whoever is killed takes nothing of the others along.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>

#include "tests/services/program.h"
#include "tests/services/projects.h"
#include "tests/support/sockets.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

TEST_CASE("shared: projects share one proxy, and each takes exactly its own away", "[services]") {
  const User user;
  const ReservedPort port;
  Project shop(user, "shop", port.number());
  Project blog(user, "blog", port.number());
  shop.up();
  blog.up();  // in the same instant
  shop.wait_until_up();
  blog.wait_until_up();
  CHECK(shop.status() == 308);
  CHECK(blog.status() == 308);
  const Json proxies = user.status();
  REQUIRE(proxies.size() == 3);
  const pid_t shared = user.shared();
  REQUIRE(shared != 0);
  for (const Json& proxy : proxies) {
    if (proxy["shared"] == true) {
      CHECK(proxy["attached"].size() == 2);
    } else {
      CHECK(proxy["attached_to"] == shared);
    }
  }
  CHECK(shop.process().pid() != shared);
  shop.stop();
  wait_until([&] { return blog.status("shop") == 404; });
  CHECK(blog.status() == 308);
  blog.kill();
  wait_until([&] { return blog.status() == 0; });
  wait_until_gone(user.home());
}

TEST_CASE("shared: each project listens where it wants, and is shown no more", "[services]") {
  const User user;
  const ReservedPort first;
  const ReservedPort second;
  Project shop(user, "shop", first.number());
  Project blog(user, "blog", second.number());
  shop.up();
  shop.wait_until_up();
  blog.up();
  const Json listening = parse_json(blog.wait_for(R"("event":"listening")"));
  CHECK(listening["listeners"] == Json{"127.0.0.1:" + std::to_string(second.number())});
  CHECK(blog.status("shop") == 308);
  blog.stop();
  wait_until([&] { return blog.status("shop") == 0; });
  CHECK(shop.status() == 308);
}

TEST_CASE("shared: a killed proxy is there again, with every living project", "[services]") {
  const User user;
  const ReservedPort port;
  Project shop(user, "shop", port.number());
  Project blog(user, "blog", port.number());
  shop.up();
  shop.wait_until_up();
  blog.up();
  blog.wait_until_up();
  const pid_t before = user.shared();
  REQUIRE(before != 0);
  ::kill(before, SIGKILL);
  wait_until([&] { return shop.status() == 308 && blog.status() == 308; });
  wait_until([&] {
    const pid_t now = user.shared();
    return now != 0 && now != before;
  });
}

TEST_CASE("shared: up -d goes on in the background, down ends it", "[services]") {
  const User user;
  const ReservedPort port;
  Project shop(user, "shop", port.number(),
               "[services.worker]\ncommand = \"echo at work; exec sleep 1000\"\n"
               "ready = { log = \"at work\" }\n");
  const Finished started = shop.run({"up", "-d"});
  INFO(started.output << started.errors);
  REQUIRE(started.exit.code == 0);
  CHECK_THAT(started.output, ContainsSubstring("shop.localhost"));
  CHECK_THAT(started.output, ContainsSubstring("devproxy down"));
  CHECK(shop.status() == 308);
  CHECK(shop.run({"wait", "worker"}).exit.code == 0);
  CHECK_THAT(shop.run({"logs"}).output, ContainsSubstring("at work"));
  CHECK_THAT(shop.run({"up", "-d"}).output, ContainsSubstring("It runs already."));

  const Finished down = shop.run({"down"});
  CHECK(down.exit.code == 0);
  CHECK_THAT(down.output, ContainsSubstring("stopped shop (pid ") && ContainsSubstring("worker"));
  wait_until_gone(user.home());
  const Finished again = shop.run({"down"});
  CHECK(again.exit.code == 3);
  CHECK_THAT(again.errors, ContainsSubstring("no devproxy is running with"));
}

TEST_CASE("shared: up -d says why it could not", "[services]") {
  const User user;
  const ReservedPort port;
  const Descriptor taken = listen_on(Family::v4, port.number());
  Project shop(user, "shop", port.number());
  const Finished refused = shop.run({"up", "-d"});
  CHECK(refused.exit.code == 4);
  CHECK_THAT(refused.errors, ContainsSubstring(":" + std::to_string(port.number()) + " is taken"));
}

TEST_CASE("shared: stop ends the proxy and all that it carries", "[services]") {
  const User user;
  const ReservedPort port;
  Project shop(user, "shop", port.number());
  Project blog(user, "blog", port.number());
  CHECK(shop.run({"stop"}).exit.code == 3);
  shop.up();
  shop.wait_until_up();
  REQUIRE(blog.run({"up", "-d"}).exit.code == 0);
  const Finished stopped = shop.run({"stop", "--json"});
  INFO(stopped.output << stopped.errors);
  REQUIRE(stopped.exit.code == 0);
  const Json answer = parse_json(stopped.output);
  CHECK(answer["schema"] == "devproxy.stop/v1");
  CHECK(answer["attached"].size() == 2);
  CHECK(shop.process().wait().code == 0);
  CHECK(shop.status() == 0);
  wait_until_gone(user.home());
}

TEST_CASE("shared: what is claimed is refused with both places, and taken with --force",
          "[services]") {
  const User user;
  const ReservedPort port;
  Project shop(user, "shop", port.number());
  Project thief(user, "thief", port.number(),
                "[[routes]]\nhost = \"shop.localhost\"\nservice = \"web\"\n");
  shop.up();
  shop.wait_until_up();
  const Finished refused = thief.run({"up"});
  CHECK(refused.exit.code == 4);
  CHECK_THAT(refused.errors, ContainsSubstring(thief.folder().path() + "/devproxy.toml:7") &&
                                 ContainsSubstring(shop.folder().path() + "/devproxy.toml:4") &&
                                 ContainsSubstring("--force"));
  const auto location = [&] {
    return RawClient(port.number()).ask(get("shop.localhost", "/")).field("Location");
  };
  CHECK(location() == "https://shop.example/");
  thief.up({"up", "--force", "--json"});
  thief.wait_until_up();
  CHECK(location() == "https://thief.example/");
  shop.wait_for("goes to the project thief");
  thief.stop();
  wait_until([&] { return location() == "https://shop.example/"; });
}

TEST_CASE("shared: who lost a host to --force keeps the rest, and reloads, also after a crash",
          "[services]") {
  const User user;
  const ReservedPort port;
  const std::string more = "[[routes]]\nhost = \"more.localhost\"\nservice = \"web\"\n";
  Project shop(user, "shop", port.number(), more);
  Project thief(user, "thief", port.number(),
                "[[routes]]\nhost = \"shop.localhost\"\nservice = \"web\"\n");
  const auto location = [&](const std::string& host) -> std::string {
    try {
      return RawClient(port.number()).ask(get(host, "/")).field("Location");
    } catch (const std::exception&) {
      return "";
    }
  };
  shop.up();
  shop.wait_until_up();
  thief.up({"up", "--force", "--json"});
  thief.wait_until_up();
  thief.wait_for("takes shop.localhost");
  shop.wait_for("goes to the project thief");
  const auto taken_by = [&user](const std::string& project) {
    for (const Json& proxy : user.status()) {
      if (proxy["project"] == project) return proxy["services"].at(0)["taken_by"];
    }
    return Json();
  };
  CHECK(taken_by("shop") == "thief");
  CHECK(taken_by("thief") == "");

  // The stronger one may be the first to find the next proxy.
  for (int i = 0; i < 3; ++i) {
    const pid_t before = user.shared();
    REQUIRE(before != 0);
    ::kill(before, SIGKILL);
    wait_until([&] {
      const pid_t now = user.shared();
      return now != 0 && now != before && location("more.localhost") == "https://shop.example/" &&
             location("shop.localhost") == "https://thief.example/";
    });
  }
  const std::string file = shop.folder().path() + "/devproxy.toml";
  std::ofstream(file, std::ios::app) << "[[routes]]\nhost = \"new.localhost\"\nservice = \"web\"\n";
  const Finished reloaded = shop.run({"reload"});
  INFO(reloaded.output << reloaded.errors);
  CHECK(reloaded.exit.code == 0);
  CHECK(location("new.localhost") == "https://shop.example/");
  CHECK(location("shop.localhost") == "https://thief.example/");
  thief.stop();
  shop.wait_for("has shop.localhost");
  wait_until([&] { return location("shop.localhost") == "https://shop.example/"; });
}

/// What an older program sends, or something else entirely.
TEST_CASE("shared: a project that cannot be read is refused, and harms nobody", "[services]") {
  const User user;
  const ReservedPort port;
  Project shop(user, "shop", port.number());
  shop.up();
  shop.wait_until_up();
  const std::string path =
      user.home().file("devproxy/control-" + std::to_string(user.shared()) + ".sock");
  const Finished answered = devproxy::run(Command{
      {"/usr/bin/env", "python3", "-c",
       "import socket, sys\n"
       "s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
       "s.sendall(b'{\"devproxy\":1,\"call\":\"attach\",\"arguments\":{\"project\":\"{}\"}}\\n')\n"
       "print(s.makefile().readline())",
       path},
      "",
      {},
      {}});
  CHECK_THAT(answered.output, ContainsSubstring("control.version"));
  CHECK(shop.status() == 308);
}

TEST_CASE("shared: kill -9 of either side, again and again, loses nothing of the living",
          "[services][soak]") {
  const User user;
  const ReservedPort port;
  constexpr int rounds = 200;
  const auto seed = static_cast<unsigned>(GENERATE(take(1, random(0, 1'000'000))));
  INFO("seed " << seed);
  std::mt19937 dice(seed);
  Project lasting(user, "lasting", port.number());
  lasting.up();
  lasting.wait_until_up();
  for (int round = 0; round < rounds; ++round) {
    Project other(user, "other", port.number());
    other.up();
    if (dice() % 4 != 0) other.wait_until_up();
    if (dice() % 2 == 0) {
      other.kill();
      wait_until([&] { return lasting.status("other") == 404 && lasting.status() == 308; });
    } else {
      if (const pid_t shared = user.shared(); shared != 0) ::kill(shared, SIGKILL);
      wait_until([&] { return other.status() == 308 && lasting.status() == 308; });
      other.kill();
    }
  }
  wait_until([&] { return lasting.status("other") == 404; });
  CHECK(lasting.process().is_running());
  lasting.stop();
  wait_until_gone(user.home());
}

}  // namespace
}  // namespace devproxy
