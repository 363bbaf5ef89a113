// Servers of CGI and WSGI read '_' in a field's name as '-': X_Forwarded_For stood beside the field
// that we write, or in its place.
#include <string>
#include <vector>

#include "base/text.h"
#include "tests/support/edge.h"
#include "tests/support/http2_edge.h"

namespace devproxy {
namespace {

/// Read as ours; each value is "forged".
const std::vector<std::string> ours = {"X_Forwarded_For",  "x_forwarded_proto",  "X-Forwarded_Host",
                                       "X_FORWARDED-PORT", "X_Forwarded_Prefix", "X_Request_Id"};

}  // namespace

TEST_CASE("underscore names: what is read as a field of ours does not pass", "[issues]") {
  FakeUpstream upstream(FakeUpstream::always("HTTP/1.1 204 No Content\r\n\r\n"));
  SECTION("HTTP/1") {
    TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
    std::string request = "GET / HTTP/1.1\r\nHost: a.localhost\r\nX_Api_Key: kept\r\n";
    for (const std::string& name : ours) request.append(name).append(": forged\r\n");
    CHECK(proxy.ask(request + "\r\n").status() == 204);
  }
  SECTION("HTTP/2") {
    Http2Edge edge(upstream.port());
    edge.greet();
    h2::Fields fields = {{"x_api_key", "kept"}};
    for (const std::string& name : ours) fields.emplace_back(lower(name), "forged");
    edge.feed(Http2Edge::request(1, fields));
    edge.until_ended(1);
    CHECK(edge.answers[1].status() == "204");
  }
  const std::string received = upstream.received().at(0);
  CAPTURE(received);
  CHECK(received.find("forged") == std::string::npos);
  const TextMessage request = parse_head(received);
  CHECK(request.field("x_api_key") == "kept");
  CHECK(request.field("x-forwarded-for") == "127.0.0.1");
}

TEST_CASE("underscore names: a client's own X-Request-Id has the client's X_Request_Id beside it",
          "[issues]") {
  FakeUpstream upstream(FakeUpstream::always("HTTP/1.1 204 No Content\r\n\r\n"));
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  proxy.ask("GET / HTTP/1.1\r\nHost: a.localhost\r\nX-Request-Id: 1\r\nX_Request_Id: 2\r\n\r\n");
  const TextMessage request = parse_head(upstream.received().at(0));
  CHECK(request.field("x-request-id") == "1");
  CHECK(request.field("x_request_id") == "2");
}

}  // namespace devproxy
