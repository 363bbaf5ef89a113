// Several projects and one proxy: a second `up` is attached to whoever listens already, for as long
// as both live.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "tests/services/program.h"
#include "tests/support/fake_upstream.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A second project of the same user: `up` with a file of its own that wants the same listener.
class SecondProject {
 public:
  SecondProject(const ServicesProxy& first, const std::string& name, const std::string& services)
      : first_(first), name_(name) {
    write(services);
  }

  void write(const std::string& services) {
    folder_.write("devproxy.toml", "name = \"" + name_ + "\"\n[proxy]\nlisten = \"127.0.0.1:" +
                                       std::to_string(first_.port()) + "\"\n" + services);
  }
  Command command(std::vector<std::string> words) const {
    Command command = first_.command(std::move(words));
    command.folder = folder_.path();
    return command;
  }
  Process& up() {
    process_ = std::make_unique<Process>(command({"up", "--json"}));
    return *process_;
  }
  Process& process() { return *process_; }
  std::string wait_for(const std::string& part, std::size_t from = 0) {
    return process_->wait_for_line(
        [&](const std::string& line) { return line.find(part) != std::string::npos; }, from);
  }
  Finished run(std::vector<std::string> words) const { return devproxy::run(command(words)); }
  Json status() const { return parse_json(run({"status", "--json"}).output); }

 private:
  const ServicesProxy& first_;
  std::string name_;
  TempDir folder_;
  std::unique_ptr<Process> process_;
};

int status_of(const ServicesProxy& proxy, const std::string& host) {
  return proxy.ask("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n").status();
}

std::string target_of(FakeUpstream& upstream) {
  return upstream.target() + "\n";
}

TEST_CASE("attach: a second up is carried by the proxy that listens already", "[services]") {
  FakeUpstream shop(FakeUpstream::always(ok));
  FakeUpstream blog(FakeUpstream::always(ok));
  ServicesProxy first("[services.web]\nhost = \"shop.localhost\"\n" + target_of(shop));
  SecondProject second(first, "blog",
                       "[services.site]\nhost = \"blog.localhost\"\n" + target_of(blog));
  CHECK(status_of(first, "blog.localhost") == 404);
  second.up();
  second.wait_for(R"("event":"listening")");
  CHECK(status_of(first, "shop.localhost") == 200);
  CHECK(status_of(first, "blog.localhost") == 200);

  // Each says what it is.
  const Json proxies = second.status()["proxies"];
  REQUIRE(proxies.size() == 2);
  CHECK(proxies[0]["attached_to"] == 0);
  CHECK(proxies[1]["project"] == "blog");
  CHECK(proxies[1]["attached_to"] == first.process().pid());
  CHECK(proxies[1]["listeners"][0]["port"] == first.port());

  // Its own file changes its own routes.
  second.write("[services.site]\nhost = \"other.localhost\"\n" + target_of(blog));
  second.wait_for(R"("event":"reload")");
  wait_until([&] { return status_of(first, "other.localhost") == 200; });
  CHECK(status_of(first, "blog.localhost") == 404);
  // A reload of the first one leaves it alone.
  first.reload("[services.web]\nhost = \"new.localhost\"\n" + target_of(shop));
  CHECK(status_of(first, "other.localhost") == 200);
  CHECK(status_of(first, "new.localhost") == 200);

  second.process().signal(SIGTERM);
  CHECK(second.process().wait().code == 0);
  wait_until([&] { return status_of(first, "other.localhost") == 404; });
  CHECK(status_of(first, "new.localhost") == 200);
}

TEST_CASE("attach: what is killed leaves nothing behind", "[services]") {
  FakeUpstream blog(FakeUpstream::always(ok));
  ServicesProxy first(
      "[services.web]\nhost = \"shop.localhost\"\nredirect = \"https://x.example\"\n");
  for (int round = 0; round < 5; ++round) {
    SecondProject second(first, "blog",
                         "[services.site]\nhost = \"blog.localhost\"\n" + target_of(blog));
    second.up();
    second.wait_for(R"("event":"listening")");
    REQUIRE(status_of(first, "blog.localhost") == 200);
    second.process().signal(SIGKILL);
    second.process().wait();
    wait_until([&] { return status_of(first, "blog.localhost") == 404; });
  }
}

TEST_CASE("attach: when the one that listens is killed, the others have a proxy again",
          "[services]") {
  FakeUpstream upstream(FakeUpstream::always(ok));
  ServicesProxy first(
      "[services.web]\nhost = \"shop.localhost\"\nredirect = \"https://x.example\"\n");
  SecondProject second(first, "blog",
                       "[services.site]\nhost = \"blog.localhost\"\n" + target_of(upstream));
  SecondProject third(first, "wiki",
                      "[services.site]\nhost = \"wiki.localhost\"\n" + target_of(upstream));
  second.up();
  second.wait_for(R"("event":"listening")");
  third.up();
  third.wait_for(R"("event":"listening")");
  first.process().signal(SIGKILL);
  first.process().wait();
  const auto served = [&](const std::string& host) {
    try {
      return status_of(first, host) == 200;
    } catch (const std::exception&) {
      return false;  // nobody listens just now
    }
  };
  wait_until([&] { return served("blog.localhost") && served("wiki.localhost"); });
  const Json proxies = second.status()["proxies"];
  REQUIRE(proxies.size() == 3);
  const auto shared = std::find_if(proxies.begin(), proxies.end(),
                                   [](const Json& proxy) { return proxy["shared"] == true; });
  REQUIRE(shared != proxies.end());
  CHECK((*shared)["attached"].size() == 2);
  for (const Json& proxy : proxies) {
    if (proxy["shared"] == false) CHECK(proxy["attached_to"] == (*shared)["pid"]);
  }
}

TEST_CASE("attach: a host that is claimed already is refused with both places", "[services]") {
  ServicesProxy first(
      "[services.web]\nhost = \"shop.localhost\"\nredirect = \"https://x.example\"\n");
  SecondProject second(
      first, "blog",
      "[services.site]\nhost = \"shop.localhost\"\nredirect = \"https://y.example\"\n");
  const Finished refused = second.run({"up"});
  CHECK(refused.exit.code == 4);
  CHECK_THAT(refused.errors, ContainsSubstring("devproxy.toml:4) is claimed "
                                               "by the project t"));
  CHECK(status_of(first, "shop.localhost") == 308);

  // By a reload too: what was in force stays so.
  second.write("[services.site]\nhost = \"blog.localhost\"\nredirect = \"https://y.example\"\n");
  second.up();
  second.wait_for(R"("event":"listening")");
  second.write("[services.site]\nhost = \"shop.localhost\"\nredirect = \"https://y.example\"\n");
  second.wait_for("is claimed by the project t");
  CHECK(status_of(first, "blog.localhost") == 308);
  const std::size_t from = first.mark();
  first.write_config(first.config_text(
      "[services.web]\nhost = \"blog.localhost\"\nredirect = \"https://x.example\"\n"));
  CHECK_THAT(first.wait_for_refused_reload(from),
             ContainsSubstring("is claimed by the project blog"));
}

TEST_CASE("attach: services of a second project start behind the first one's proxy", "[services]") {
  ServicesProxy::Options options;
  options.access_log = true;
  ServicesProxy first(
      "[services.web]\nhost = \"shop.localhost\"\nredirect = \"https://x.example\"\n", options);
  SecondProject second(first, "blog",
                       "[services.site]\nhost = \"blog.localhost\"\n"
                       "command = \"echo about to listen; read line < go; "
                       "exec python3 -m http.server {port} --bind 127.0.0.1\"\n"
                       "[services.bad]\nhost = \"bad.localhost\"\n"
                       "command = \"echo the reason; exit 3\"\nrestart = \"never\"\n");
  REQUIRE(run(second.command({"version"})).exit.code == 0);
  const std::string folder = second.command({}).folder;
  REQUIRE(::mkfifo((folder + "/go").c_str(), 0600) == 0);
  second.up();
  second.wait_for("about to listen");
  second.wait_for("exited with code 3");
  // It is about to come: the request waits for it.
  RawClient client(first.port());
  client.send("GET / HTTP/1.1\r\nHost: blog.localhost\r\n\r\n");
  // It will not: the answer comes at once, and says why.
  const TextMessage down = first.ask(
      "GET / HTTP/1.1\r\nHost: bad.localhost\r\nAccept: application/json\r\nConnection: "
      "close\r\n\r\n");
  CHECK(down.status() == 503);
  CHECK_THAT(down.body, ContainsSubstring("exited with code 3"));
  CHECK_THAT(down.body, ContainsSubstring("the reason"));
  {
    const Descriptor go(::open((folder + "/go").c_str(), O_WRONLY));
    CHECK(::write(go.fd(), "x\n", 2) == 2);
  }
  CHECK(client.receive_final().status() == 200);
  // The request is told where the service runs.
  second.wait_for(R"("event":"request")");
}

TEST_CASE("attach: a second up of the same file follows the first", "[services]") {
  ServicesProxy first(
      "[services.web]\ncommand = \"echo web is up; exec sleep 1000\"\n"
      "ready = { port = false }\n");
  first.wait_for_output("web", "web is up");
  Process viewer(first.command({"up", "--json"}));
  viewer.wait_for_line(
      [](const std::string& line) { return line.find("web is up") != std::string::npos; });
  viewer.signal(SIGINT);
  viewer.wait();
  CHECK(first.process().is_running());
}

}  // namespace
}  // namespace devproxy
