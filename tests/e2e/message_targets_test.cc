// Where requests go and with which target: the forms of RFC 9112 3.2, Host, paths, prefixes,
// redirects, unknown hosts.
#include <vector>

#include "tests/support/edge.h"

namespace devproxy {
namespace {

/// A service that answers with its name and the target that it got.
class Echo {
 public:
  explicit Echo(std::string name)
      : upstream_(FakeUpstream::answering([name](const TextMessage& request) {
          const std::string body = name + " " + request.method() + " " + request.target() +
                                   " prefix=" + request.field("x-forwarded-prefix") +
                                   " host=" + request.field("host");
          return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                 body;
        })) {}
  FakeUpstream& upstream() { return upstream_; }
  std::string target() const { return upstream_.target() + "\n"; }

 private:
  FakeUpstream upstream_;
};

/// What the echo said about method, target and prefix; or the status when it was not asked.
std::string outcome(const TestProxy& proxy, const std::string& request) {
  const TextMessage response = proxy.ask(request);
  if (response.status() != 200) return std::to_string(response.status());
  return response.body.substr(0, response.body.find(" host="));
}

std::string outcome_of_path(const TestProxy& proxy, const std::string& target) {
  return outcome(proxy, get("a.localhost", target));
}

}  // namespace

TEST_CASE("targets: absolute-form is routed by its own authority", "[e2e][message]") {
  Echo a("a");
  Echo b("b");
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + a.target() +
                  "[services.b]\nhost = \"b.localhost\"\n" + b.target());
  // RFC 9112 3.2.2: the Host that came with it is ignored, and a new one is generated from the
  // target.
  const TextMessage response =
      proxy.ask("GET http://b.localhost:99/x?y HTTP/1.1\r\nHost: a.localhost\r\n\r\n");
  CHECK(response.body == "b GET /x?y prefix= host=b.localhost:99");
  CHECK(outcome(proxy, "GET HTTP://B.localhost HTTP/1.1\r\nHost: b.localhost\r\n\r\n") ==
        "b GET / prefix=");
  CHECK(outcome(proxy, "GET http://a.localhost?q HTTP/1.1\r\nHost: a.localhost\r\n\r\n") ==
        "a GET /?q prefix=");
  CHECK(outcome(proxy, "GET http://a.localhost/x HTTP/1.0\r\n\r\n") == "a GET /x prefix=");
}

TEST_CASE("targets: absolute-form of other schemes and with odd authorities is refused",
          "[e2e][message]") {
  Echo a("a");
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + a.target());
  for (const char* target :
       {"ftp://a.localhost/", "http:///x", "http://user@a.localhost/", "http://", "foo",
        "a.localhost/x", "//", "http://a.localhost:x/", "http://a.localhost:99999/"}) {
    CAPTURE(target);
    const std::string answer = outcome_of_path(proxy, target);
    if (std::string(target) == "//") {
      CHECK(answer == "a GET // prefix=");
    } else {
      CHECK((answer == "400" || answer == "421" || answer == "501"));
    }
  }
  CHECK(a.upstream().requests() == 1);
}

TEST_CASE("targets: asterisk-form is for OPTIONS and names the whole server", "[e2e][message]") {
  Echo a("a");
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + a.target());
  CHECK(outcome(proxy, "OPTIONS * HTTP/1.1\r\nHost: a.localhost\r\n\r\n") == "a OPTIONS * prefix=");
  // RFC 9110 7.1: an absolute-form OPTIONS without a path is sent on as asterisk-form.
  CHECK(outcome(proxy, "OPTIONS http://a.localhost HTTP/1.1\r\nHost: a.localhost\r\n\r\n") ==
        "a OPTIONS * prefix=");
  CHECK(outcome(proxy, "OPTIONS / HTTP/1.1\r\nHost: a.localhost\r\n\r\n") == "a OPTIONS / prefix=");
  CHECK(outcome(proxy, "GET * HTTP/1.1\r\nHost: a.localhost\r\n\r\n") == "400");
}

TEST_CASE("targets: CONNECT is refused and its connection closed", "[e2e][message]") {
  Echo a("a");
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + a.target());
  for (const char* target : {"a.localhost:80", "/", "127.0.0.1:22"}) {
    CAPTURE(target);
    RawClient client(proxy.port());
    const TextMessage response =
        client.ask("CONNECT " + std::string(target) + " HTTP/1.1\r\nHost: a.localhost\r\n\r\n");
    CHECK((response.status() == 400 || response.status() == 405 || response.status() == 501));
  }
  CHECK(a.upstream().connections() == 0);
}

TEST_CASE("targets: Host is compared without case, trailing dot and port", "[e2e][message]") {
  Echo a("a");
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + a.target());
  for (const char* host : {"a.localhost", "A.LocalHost", "a.localhost.", "a.localhost:1",
                           "A.LOCALHOST.:65535", "a.localhost:"}) {
    CAPTURE(host);
    CHECK(outcome(proxy, get(host)) == "a GET / prefix=");
  }
}

TEST_CASE("targets: wildcards match any depth but not their own name, and exact hosts win",
          "[e2e][message]") {
  Echo wild("wild");
  Echo deep("deep");
  Echo exact("exact");
  TestProxy proxy("[services.wild]\nhost = \"*.w.localhost\"\n" + wild.target() +
                  "[services.deep]\nhost = \"*.d.w.localhost\"\n" + deep.target() +
                  "[services.exact]\nhost = \"x.d.w.localhost\"\n" + exact.target());
  CHECK(outcome(proxy, get("q.w.localhost")) == "wild GET / prefix=");
  CHECK(outcome(proxy, get("y.d.w.localhost")) == "deep GET / prefix=");
  CHECK(outcome(proxy, get("x.d.w.localhost")) == "exact GET / prefix=");
  CHECK(outcome(proxy, get("w.localhost")) == "404");
}

TEST_CASE(
    "targets: the longest prefix wins on whole segments, and the original bytes are forwarded",
    "[e2e][message]") {
  Echo root("root");
  Echo api("api");
  Echo v2("v2");
  TestProxy proxy("[services.root]\nhost = \"a.localhost\"\n" + root.target() +
                  "[services.api]\nhost = \"a.localhost\"\npath = \"/api\"\n" + api.target() +
                  "[services.v2]\nhost = \"a.localhost\"\npath = \"/api/v2\"\n" + v2.target());
  CHECK(outcome_of_path(proxy, "/") == "root GET / prefix=");
  CHECK(outcome_of_path(proxy, "/api") == "api GET /api prefix=");
  CHECK(outcome_of_path(proxy, "/api?x=/api/v2") == "api GET /api?x=/api/v2 prefix=");
  CHECK(outcome_of_path(proxy, "/api/") == "api GET /api/ prefix=");
  CHECK(outcome_of_path(proxy, "/apix") == "root GET /apix prefix=");
  CHECK(outcome_of_path(proxy, "/api/v2/x") == "v2 GET /api/v2/x prefix=");
  CHECK(outcome_of_path(proxy, "/api/v20") == "api GET /api/v20 prefix=");
  CHECK(outcome_of_path(proxy, "/API") == "root GET /API prefix=");
}

TEST_CASE("targets: tricks with the path cannot step around a route", "[e2e][message]") {
  Echo root("root");
  Echo admin("admin");
  TestProxy proxy("[services.root]\nhost = \"a.localhost\"\n" + root.target() +
                  "[services.admin]\nhost = \"a.localhost\"\npath = \"/admin\"\n" + admin.target());
  for (const char* target :
       {"/%61dmin", "//admin", "/./admin", "/x/../admin", "/x/%2e%2e/admin", "/x/.%2E/admin",
        "/%2e/admin", "/admin/../admin/x", "///x//..//admin", "/admin/%2e", "/adm%69n/y?z=1"}) {
    CAPTURE(target);
    CHECK(outcome_of_path(proxy, target) == "admin GET " + std::string(target) + " prefix=");
  }
  for (const char* target : {"/admin/../x", "/admin/%2e%2e/x", "/admin%2Fx", "/admin%5cx",
                             "/admin\\x", "/admin;x", "/x?/../admin", "/%2561dmin", "/admin/.."}) {
    CAPTURE(target);
    CHECK(outcome_of_path(proxy, target) == "root GET " + std::string(target) + " prefix=");
  }
  for (const char* target : {"/..", "/../admin", "/%2e%2e/admin", "/a/../../admin",
                             "///x//..//../admin", "/%", "/%4", "/%zz", "/a%2"}) {
    CAPTURE(target);
    CHECK(outcome_of_path(proxy, target) == "400");
  }
}

TEST_CASE("targets: strip_prefix removes the route's path and says so", "[e2e][message]") {
  Echo a("a");
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\npath = \"/api\"\nstrip_prefix = true\n" +
                  a.target());
  const std::vector<std::pair<std::string, std::string>> cases{
      {"/api", "/"},
      {"/api/", "/"},
      {"/api?q=1", "/?q=1"},
      {"/api/users", "/users"},
      {"/api/users?q=/api", "/users?q=/api"},
      {"/api/%7Eme/a%2Fb", "/%7Eme/a%2Fb"},  // the rest of a literal prefix keeps its bytes
      {"/%61pi/users", "/users"},            // else it is the normalised remainder
      {"//api/users", "/users"},
      {"/x/../api/a", "/a"},
      {"/api/./b", "/./b"},
      {"/api//b", "/b"},  // begins with exactly one slash
      {"/api//evil.example/x", "/evil.example/x"},
  };
  for (const auto& [target, expected] : cases) {
    CAPTURE(target);
    CHECK(outcome_of_path(proxy, target) == "a GET " + expected + " prefix=/api");
  }
}

TEST_CASE("targets: a redirect is a 308 to the other origin", "[e2e][message]") {
  TestProxy proxy(
      "[services.r]\nhost = \"r.localhost\"\nredirect = \"https://shop.localhost:6289\"\n");
  RawClient client(proxy.port());
  const TextMessage response = client.ask(get("r.localhost", "/a/b?c=d%20e"));
  CHECK(response.status() == 308);
  CHECK(response.field("location") == "https://shop.localhost:6289/a/b?c=d%20e");
  CHECK(client.ask(get("r.localhost", "//evil.example/")).field("location") ==
        "https://shop.localhost:6289//evil.example/");
  // A body that nobody wants may cost the connection, but then the answer says so.
  const TextMessage post =
      client.ask("POST /p HTTP/1.1\r\nHost: r.localhost\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(post.status() == 308);
  if (post.field("connection") == "close") {
    CHECK(client.await_end() == Wire::End::fin);
  } else {
    CHECK(client.ask(get("r.localhost")).status() == 308);
  }
}

TEST_CASE("targets: an unknown name below our domains gets a page with this user's routes",
          "[e2e][message]") {
  Echo a("a");
  TestProxy proxy("[services.shop]\nhost = \"shop.localhost\"\n" + a.target());
  const std::string port = std::to_string(proxy.port());
  for (const std::string host :
       {"nobody.localhost", "localhost", "127.0.0.1", "[::1]", "x.y.test", "127.0.0.2:80"}) {
    CAPTURE(host);
    const TextMessage response =
        proxy.ask("GET / HTTP/1.1\r\nHost: " + host + "\r\nAccept: text/html\r\n\r\n");
    CHECK(response.status() == 404);
    CHECK_THAT(response.body, ContainsSubstring("shop.localhost"));
    CHECK_THAT(response.field("content-type"), ContainsSubstring("text/html"));
    CHECK(response.body.find("://cdn") == std::string::npos);
  }
  CHECK(a.upstream().connections() == 0);
}

TEST_CASE("targets: any other unknown Host gets an empty 421 and learns nothing",
          "[e2e][message]") {
  Echo a("a");
  TestProxy proxy("[services.shop]\nhost = \"shop.localhost\"\n" + a.target());
  for (const std::string host : {"evil.example", "shop.localhost.evil.example", "notlocalhost",
                                 "10.0.0.1", "shop.localhosts", "[2001:db8::1]", "x"}) {
    CAPTURE(host);
    const TextMessage response =
        proxy.ask("GET / HTTP/1.1\r\nHost: " + host + "\r\nAccept: text/html\r\n\r\n");
    CHECK(response.status() == 421);
    CHECK(response.body.empty());
    CHECK_THAT(response.head(), !ContainsSubstring("shop"));
  }
  CHECK(a.upstream().connections() == 0);
}

TEST_CASE("targets: methods and header conditions choose a route", "[e2e][message]") {
  Echo any("any");
  Echo reads("reads");
  Echo tenant("tenant");
  TestProxy proxy(
      "[services.any]\nhost = \"a.localhost\"\n" + any.target() +
      "[services.reads]\nhost = \"r.localhost\"\n" + reads.target() +
      "[services.tenant]\nhost = \"t.localhost\"\n" + tenant.target() +
      "[[routes]]\nhost = \"a.localhost\"\nservice = \"reads\"\nmethods = [\"GET\", \"HEAD\"]\n"
      "[[routes]]\nhost = \"a.localhost\"\nservice = \"tenant\"\nmethods = [\"GET\"]\nheaders = { "
      "\"x-tenant\" = "
      "\"acme\" }\n");
  CHECK(outcome(proxy, get("a.localhost")) == "reads GET / prefix=");
  CHECK(outcome(proxy, "POST / HTTP/1.1\r\nHost: a.localhost\r\n\r\n") == "any POST / prefix=");
  CHECK(outcome(proxy, "GET / HTTP/1.1\r\nHost: a.localhost\r\nX-Tenant: acme\r\n\r\n") ==
        "tenant GET / prefix=");
  CHECK(outcome(proxy, "GET / HTTP/1.1\r\nHost: a.localhost\r\nX-Tenant: Acme\r\n\r\n") ==
        "reads GET / prefix=");
}

TEST_CASE("targets: an unknown Host is logged once, with what would make it a route",
          "[e2e][message]") {
  TestProxy proxy("[services.r]\nhost = \"r.localhost\"\nredirect = \"https://x.example\"\n");
  for (int i = 0; i < 3; ++i) CHECK(proxy.ask(get("shop.example")).status() == 421);
  CHECK(proxy.ask(get("other.example")).status() == 421);
  const auto names = [](const char* host) {
    return [host](const std::string& line) { return line.find(host) != std::string::npos; };
  };
  proxy.process().wait_for_error_line(names("other.example"));
  const std::string errors = proxy.process().errors();
  CAPTURE(errors);
  const std::string line = proxy.process().wait_for_error_line(names("shop.example"));
  CHECK_THAT(line, ContainsSubstring("host"));
  const std::size_t first = errors.find("shop.example");
  const std::size_t end_of_line = errors.find('\n', first);
  CHECK(errors.find("shop.example", end_of_line) == std::string::npos);
}

TEST_CASE("targets: an unknown Host that no route could name is logged without advice",
          "[e2e][message]") {
  TestProxy proxy("[services.r]\nhost = \"r.localhost\"\nredirect = \"https://x.example\"\n");
  const std::string long_host(5000, 'h');
  for (const std::string host : {"a.example;b", "[fe80::1]", "-x.example", long_host.c_str()}) {
    CAPTURE(host);
    CHECK(proxy.ask(get(host)).status() == 421);
    const std::string shown = host == long_host ? host.substr(0, 253) : host;
    const std::string name = shown.front() == '[' ? shown.substr(1, shown.size() - 2) : shown;
    const std::string line = proxy.process().wait_for_error_line([&](const std::string& each) {
      return each.find("unknown host") != std::string::npos && each.find(name) != std::string::npos;
    });
    CHECK_THAT(line, !ContainsSubstring("give a service"));
  }
}

TEST_CASE("targets: HTTP/1.0 without a Host reaches no service", "[e2e][message]") {
  Echo a("a");
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + a.target());
  const TextMessage response = proxy.ask("GET / HTTP/1.0\r\n\r\n");
  CHECK((response.status() == 400 || response.status() == 404 || response.status() == 421));
  CHECK(a.upstream().connections() == 0);
}

}  // namespace devproxy
