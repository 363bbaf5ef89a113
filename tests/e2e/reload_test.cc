// Reloads: what runs stays, what is invalid changes nothing (product section 1, promise 4; issue 2
// section 5).
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "tests/support/edge.h"
#include "tests/support/websocket.h"

namespace devproxy {
namespace {

FakeUpstream::Script named_service(const std::string& body) {
  return FakeUpstream::always("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                              "\r\n\r\n" + body);
}

std::string service(const std::string& name, const FakeUpstream& upstream) {
  return "[services." + name + "]\nhost = \"" + name + ".localhost\"\n" + upstream.target() + "\n";
}

}  // namespace

TEST_CASE("reload: routes come, change and go, and the lines say so", "[e2e][reload]") {
  FakeUpstream one(named_service("one"));
  FakeUpstream two(named_service("two"));
  TestProxy proxy(service("a", one) + service("old", one));
  CHECK(proxy.ask(get("a.localhost")).body == "one");
  const std::size_t from = proxy.mark();
  proxy.write_config(proxy.config_text("[services.a]\nhost = \"a.localhost\"\n" + two.target() +
                                       "\n" + service("b", two)));
  const auto event = parse_json(proxy.wait_for_reload(from));
  std::string changes;
  for (const auto& change : event["changes"]) changes += change.get<std::string>() + "\n";
  CAPTURE(changes);
  CHECK_THAT(changes, ContainsSubstring("+ b.localhost -> :" + std::to_string(two.port())));
  CHECK_THAT(changes, ContainsSubstring("- old.localhost"));
  CHECK_THAT(changes, ContainsSubstring(":" + std::to_string(one.port()) +
                                        " -> :" + std::to_string(two.port())));
  CHECK(proxy.ask(get("a.localhost")).body == "two");
  CHECK(proxy.ask(get("b.localhost")).body == "two");
  CHECK(proxy.ask(get("old.localhost")).status() == 404);
}

TEST_CASE("reload: a download and a WebSocket live on, even when their route is gone",
          "[e2e][reload]") {
  Gate reloaded;
  FakeUpstream download([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
    peer.wait_for(reloaded);
    peer.send("later");
    peer.receive_to_end();
  });
  FakeUpstream socket(echo_websocket);
  FakeUpstream other(named_service("other"));
  TestProxy proxy(service("d", download) + service("w", socket));
  RawClient client(proxy.port());
  client.send(get("d.localhost"));
  TextMessage response = client.receive_head();
  client.receive_until("first");
  RawClient tunnel(proxy.port());
  tunnel.send(websocket_request("w.localhost"));
  CHECK(tunnel.receive_head().status() == 101);

  proxy.reload(service("o", other));
  CHECK(proxy.ask(get("d.localhost")).status() == 404);
  CHECK(proxy.ask(get("o.localhost")).body == "other");
  reloaded.open();
  CHECK(client.receive_exactly(5) == "later");
  tunnel.send(websocket_frame("still", true));
  CHECK(receive_websocket_frame(tunnel) == "still");
  // The client's connection goes on with the new routes.
  CHECK(client.ask(get("o.localhost")).body == "other");
}

TEST_CASE("reload: connections of clients and to services survive", "[e2e][reload]") {
  FakeUpstream one(named_service("one"));
  FakeUpstream two(named_service("two"));
  TestProxy proxy(service("a", one));
  RawClient client(proxy.port());
  CHECK(client.ask(get("a.localhost")).body == "one");
  for (int i = 0; i < 3; ++i) {
    proxy.reload(service("a", one) + service("b" + std::to_string(i), two));
    CHECK(client.ask(get("a.localhost")).body == "one");
  }
  CHECK(one.connections() == 1);
}

TEST_CASE("reload: a broken file changes nothing and says where it is wrong", "[e2e][reload]") {
  FakeUpstream one(named_service("one"));
  TestProxy proxy(service("a", one));
  std::size_t from = proxy.mark();
  proxy.write_config("name = \"t\"\n[services.a]\nhots = \"a.localhost\"\nport = 1\n");
  const auto refused = parse_json(proxy.wait_for_refused_reload(from));
  CHECK_THAT(json_line(refused), ContainsSubstring("hots"));
  CHECK_THAT(json_line(refused), ContainsSubstring("devproxy.toml"));
  CHECK_THAT(json_line(refused), ContainsSubstring("\"line\":3"));
  CHECK(proxy.ask(get("a.localhost")).body == "one");
  from = proxy.mark();
  proxy.write_config("this is no TOML at all [");
  proxy.wait_for_refused_reload(from);
  CHECK(proxy.ask(get("a.localhost")).body == "one");
  proxy.reload(service("b", one));
  CHECK(proxy.ask(get("b.localhost")).body == "one");
}

TEST_CASE("reload: listeners come and go, the others are not touched", "[e2e][reload]") {
  FakeUpstream one(named_service("one"));
  TestProxy proxy(service("a", one));
  const std::uint16_t port = proxy.port();
  const ReservedPort added;
  RawClient client(port);
  CHECK(client.ask(get("a.localhost")).body == "one");

  TestProxy::Options more;
  more.listen = {"127.0.0.1:" + std::to_string(added.number())};
  proxy.reload(service("a", one), more);
  RawClient over_new(added.number());
  CHECK(over_new.ask(get("a.localhost")).body == "one");
  CHECK(client.ask(get("a.localhost")).body == "one");
  CHECK(RawClient(port).ask(get("a.localhost")).body == "one");

  proxy.reload(service("a", one), TestProxy::Options());
  CHECK_FALSE(is_listening(Family::v4, added.number()));
  CHECK(client.ask(get("a.localhost")).body == "one");
}

TEST_CASE("reload: a listener that cannot be had refuses the whole reload", "[e2e][reload]") {
  FakeUpstream one(named_service("one"));
  FakeUpstream holder(named_service("holder"));
  TestProxy proxy(service("a", one));
  const std::size_t from = proxy.mark();
  const std::string text = proxy.config_text(service("b", one));
  const std::string taken = "127.0.0.1:" + std::to_string(holder.port());
  std::string with_taken = text;
  with_taken.replace(with_taken.find("\"127.0.0.1:0\""), 13, "\"127.0.0.1:0\", \"" + taken + "\"");
  proxy.write_config(with_taken);
  CHECK_THAT(proxy.wait_for_refused_reload(from), ContainsSubstring(std::to_string(holder.port())));
  CHECK(proxy.ask(get("a.localhost")).body == "one");
  CHECK(proxy.ask(get("b.localhost")).status() == 404);
}

TEST_CASE("reload: SIGHUP reloads", "[e2e][reload]") {
  FakeUpstream one(named_service("one"));
  TestProxy proxy(service("a", one));
  const std::size_t from = proxy.mark();
  proxy.process().signal(SIGHUP);
  proxy.wait_for_reload(from);
  CHECK(proxy.ask(get("a.localhost")).body == "one");
  const std::size_t again = proxy.mark();
  proxy.write_config(proxy.config_text(service("b", one)));
  proxy.process().signal(SIGHUP);
  proxy.wait_for_reload(again);
  CHECK(proxy.ask(get("b.localhost")).body == "one");
}

TEST_CASE("reload: every way to save a file is seen", "[e2e][reload]") {
  namespace fs = std::filesystem;
  FakeUpstream one(named_service("one"));
  TestProxy proxy(service("a0", one));
  const std::string path = proxy.folder().file("devproxy.toml");
  int round = 0;
  const auto next = [&] { return proxy.config_text(service("a" + std::to_string(++round), one)); };
  const auto check = [&](const char* way, std::size_t from) {
    CAPTURE(way);
    proxy.wait_for_reload(from);
    CHECK(proxy.ask(get("a" + std::to_string(round) + ".localhost")).body == "one");
  };

  std::size_t from = proxy.mark();
  proxy.folder().write("devproxy.toml", next());
  check("in place", from);

  from = proxy.mark();
  proxy.folder().replace("devproxy.toml", next());
  check("renamed over", from);

  from = proxy.mark();
  fs::rename(path, path + "~");
  proxy.folder().write("devproxy.toml", next());
  check("moved away, then written", from);

  from = proxy.mark();
  fs::remove(path);
  proxy.folder().write("devproxy.toml", next());
  check("removed, then written", from);

  from = proxy.mark();
  const std::string text = next();
  std::ofstream(path, std::ios::trunc).flush();
  std::ofstream(path, std::ios::app) << text;
  check("emptied, then appended to", from);

  from = proxy.mark();
  proxy.folder().write("real/devproxy.toml", next());
  fs::remove(path);
  fs::create_symlink(proxy.folder().file("real/devproxy.toml"), path);
  check("a link to another folder", from);

  from = proxy.mark();
  proxy.folder().write("real/devproxy.toml", next());
  check("behind the link", from);
}

TEST_CASE("reload: devproxy.local.toml is seen when it appears and when it goes", "[e2e][reload]") {
  FakeUpstream one(named_service("one"));
  FakeUpstream two(named_service("two"));
  TestProxy proxy(service("a", one));
  std::size_t from = proxy.mark();
  proxy.folder().write("devproxy.local.toml", "[services.a]\n" + two.target() + "\n");
  proxy.wait_for_reload(from);
  CHECK(proxy.ask(get("a.localhost")).body == "two");
  from = proxy.mark();
  std::filesystem::remove(proxy.folder().file("devproxy.local.toml"));
  proxy.wait_for_reload(from);
  CHECK(proxy.ask(get("a.localhost")).body == "one");
}

}  // namespace devproxy
