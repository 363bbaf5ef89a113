// Requests that must not go any further: smuggling vectors and malformed heads (RFC 9112, product
// section 5). Each is answered with its status, its connection is closed, and nothing of it reaches
// a service.
#include <vector>

#include "tests/support/edge.h"
#include "tests/support/message_table.h"

namespace devproxy {
namespace {

struct Refusal {
  const char* name;
  std::string request;
  int status;
};

const std::string line = "GET / HTTP/1.1\r\n";
const std::string host = "Host: a.localhost\r\n";
const std::string post = "POST / HTTP/1.1\r\n" + host;

/// Sends a refused request and says what went wrong; empty when all is well.
std::string refuse(TestProxy& proxy, MessageTable& table, const Refusal& row, bool bytewise) {
  const std::string label = std::string(row.name) + (bytewise ? " (one byte at a time): " : ": ");
  const std::size_t before = table.upstream().requests();
  try {
    RawClient client(proxy.port());
    client.set_patience(std::chrono::milliseconds(8000));
    // The proxy may answer, and stop reading, before it has seen all.
    if (bytewise) {
      for (std::size_t i = 0; i < row.request.size(); ++i) {
        if (!client.try_send(std::string_view(row.request).substr(i, 1))) break;
      }
    } else {
      client.try_send(row.request);
    }
    const TextMessage response = client.receive_message(row.request.substr(0, 5) == "HEAD ");
    if (response.status() != row.status) return label + "answered with " + response.start;
    if (response.field("connection") != "close")
      return label + "the answer does not say Connection: close";
    client.half_close();
    if (!client.receive_to_end().empty()) return label + "something came behind the answer";
    if (client.end() != Wire::End::fin) return label + "the connection was reset behind the answer";
    if (!is_probe_answer(proxy.ask(probe_request(proxy))))
      return label + "the next request was answered wrongly";
  } catch (const std::exception& error) {
    return label + error.what();
  }
  if (table.upstream().requests() != before + 1) return label + "it reached the service";
  for (const std::string& bytes : table.upstream().received()) {
    if (bytes.find("smuggled") != std::string::npos) return label + "its bytes reached the service";
  }
  return {};
}

void check_refusals(const std::vector<Refusal>& rows) {
  MessageTable table;
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + table.upstream().target() + "\n");
  for (const Refusal& row : rows) {
    CHECK(refuse(proxy, table, row, false) == "");
    CHECK(refuse(proxy, table, row, true) == "");
  }
}

std::string nul(std::string text) {
  return replaced(std::move(text), "@", std::string_view("\0", 1));
}

}  // namespace

TEST_CASE("refused: ambiguous framing", "[e2e][refused]") {
  const std::string chunks =
      "\r\n1\r\na\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a.localhost\r\n\r\n";
  check_refusals({
      {"CL and TE", post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n" + chunks, 400},
      {"TE and CL", post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n" + chunks, 400},
      {"two different CL", post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
      {"two equal CL", post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nab", 400},
      {"CL list", post + "Content-Length: 2, 2\r\n\r\nab", 400},
      {"CL with a sign", post + "Content-Length: +2\r\n\r\nab", 400},
      {"negative CL", post + "Content-Length: -2\r\n\r\nab", 400},
      {"hexadecimal CL", post + "Content-Length: 0x2\r\n\r\nab", 400},
      {"CL with a space inside", post + "Content-Length: 1 2\r\n\r\nab", 400},
      {"CL with a fraction", post + "Content-Length: 2.0\r\n\r\nab", 400},
      {"empty CL", post + "Content-Length: \r\n\r\nab", 400},
      {"CL beyond 64 bits", post + "Content-Length: 18446744073709551617\r\n\r\na", 400},
      {"CL beyond 63 bits", post + "Content-Length: 9223372036854775808\r\n\r\na", 400},
      {"the largest CL of 64 bits", post + "Content-Length: 18446744073709551615\r\n\r\na", 400},
      {"CL of letters", post + "Content-Length: two\r\n\r\nab", 400},
      {"TE twice chunked", post + "Transfer-Encoding: chunked, chunked\r\n" + chunks, 400},
      {"two TE lines",
       post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" + chunks, 400},
      {"TE chunked not last", post + "Transfer-Encoding: chunked, identity\r\n" + chunks, 400},
      {"TE with a vertical tab", post + "Transfer-Encoding: \vchunked\r\n" + chunks, 400},
      {"TE name with a space", post + "Transfer-Encoding : chunked\r\n" + chunks, 400},
      {"TE folded", post + "Transfer-Encoding:\r\n chunked\r\n" + chunks, 400},
      {"TE in quotes", post + "Transfer-Encoding: \"chunked\"\r\n" + chunks, 400},
      {"TE empty", post + "Transfer-Encoding: \r\n" + chunks, 400},
      {"TE with an unknown coding behind chunked",
       post + "Transfer-Encoding: chunked,x\r\n" + chunks, 400},
      {"TE on HTTP/1.0", "POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n" + chunks,
       400},
  });
}

TEST_CASE("refused: transfer codings that we do not speak get 501", "[e2e][refused]") {
  check_refusals({
      {"CL and an obfuscated TE",
       post + "Content-Length: 4\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
      {"gzip, chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"deflate and chunked on two lines",
       post + "Transfer-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501},
  });
}

TEST_CASE("refused: line ends, folding and stray bytes in a head", "[e2e][refused]") {
  check_refusals({
      {"bare LF everywhere", "GET / HTTP/1.1\nHost: a.localhost\n\n", 400},
      {"bare LF behind the request line", "GET / HTTP/1.1\n" + host + "\r\n", 400},
      {"bare LF behind a field", line + "Host: a.localhost\nX: y\r\n\r\n", 400},
      {"bare LF as the empty line", line + host + "X: y\r\n\n\r\n", 400},
      {"bare CR in a value", line + host + "X: a\rb\r\n\r\n", 400},
      {"bare CR before a name", line + host + "X: y\r\n\rTransfer-Encoding: chunked\r\n\r\n", 400},
      {"bare CR as a line end (CVE-2023-30589)",
       line + host + "X:\rTransfer-Encoding: chunked\r\n\r\n", 400},
      {"CR CR LF", line + host + "X: y\r\r\n\r\n", 400},
      {"CR CR LF at the end of the head", line + host + "\r\r\n", 400},
      {"NUL in a value", nul(line + host + "X: a@b\r\n\r\n"), 400},
      {"NUL in a name", nul(line + host + "X@Y: a\r\n\r\n"), 400},
      {"NUL in the target", nul("GET /@ HTTP/1.1\r\n" + host + "\r\n"), 400},
      {"DEL in a value",
       line + host +
           "X: a\x7f"
           "b\r\n\r\n",
       400},
      {"a control byte in a value",
       line + host +
           "X: a\x01"
           "b\r\n\r\n",
       400},
      {"folding with a space", line + host + "X: a\r\n b\r\n\r\n", 400},
      {"folding with a tab", line + host + "X: a\r\n\tb\r\n\r\n", 400},
      {"a first field that begins with a space", line + " X: y\r\n" + host + "\r\n", 400},
      {"a space before the colon", line + host + "X : y\r\n\r\n", 400},
      {"a tab before the colon", line + host + "X\t: y\r\n\r\n", 400},
      {"an empty name", line + host + ": y\r\n\r\n", 400},
      {"no colon", line + host + "X\r\n\r\n", 400},
      {"a name with a bracket", line + host + "X(: y\r\n\r\n", 400},
      {"a name above ASCII", line + host + "X\xe9: y\r\n\r\n", 400},
      {"a name with a slash", line + host + "Transfer/Encoding: chunked\r\n\r\n", 400},
  });
}

TEST_CASE("refused: request lines", "[e2e][refused]") {
  check_refusals({
      {"no target", "GET HTTP/1.1\r\n" + host + "\r\n", 400},
      {"two spaces before the target", "GET  / HTTP/1.1\r\n" + host + "\r\n", 400},
      {"two spaces before the version", "GET /  HTTP/1.1\r\n" + host + "\r\n", 400},
      {"a space in the target", "GET /a b HTTP/1.1\r\n" + host + "\r\n", 400},
      {"a tab as separator", "GET\t/ HTTP/1.1\r\n" + host + "\r\n", 400},
      {"a space behind the version", "GET / HTTP/1.1 \r\n" + host + "\r\n", 400},
      {"a space before the method", " GET / HTTP/1.1\r\n" + host + "\r\n", 400},
      {"a tab in the target", "GET /a\tb HTTP/1.1\r\n" + host + "\r\n", 400},
      {"a control byte in the target", "GET /\x01 HTTP/1.1\r\n" + host + "\r\n", 400},
      {"DEL in the target", "GET /\x7f HTTP/1.1\r\n" + host + "\r\n", 400},
      {"raw UTF-8 in the target", "GET /\xc3\xa9 HTTP/1.1\r\n" + host + "\r\n", 400},
      {"a fragment in the target", "GET /a#b HTTP/1.1\r\n" + host + "\r\n", 400},
      {"a method with a bad byte", "G@T / HTTP/1.1\r\n" + host + "\r\n", 400},
      {"HTTP/0.9", "GET /\r\n\r\n", 400},
      {"a version of letters", "GET / HTTP/x.y\r\n" + host + "\r\n", 400},
      {"a version in small letters", "GET / http/1.1\r\n" + host + "\r\n", 400},
      {"another protocol", "GET / ICY/1.1\r\n" + host + "\r\n", 400},
      {"HTTP/2.0", "GET / HTTP/2.0\r\n" + host + "\r\n", 505},
      {"HTTP/3.0", "GET / HTTP/3.0\r\n" + host + "\r\n", 505},
      {"HTTP/0.9 by name", "GET / HTTP/0.9\r\n" + host + "\r\n", 505},
      {"a minor version of two digits", "GET / HTTP/1.10\r\n" + host + "\r\n", 400},
  });
}

TEST_CASE("refused: Host that is missing, doubled or malformed", "[e2e][refused]") {
  check_refusals({
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"no Host with absolute-form", "GET http://a.localhost/ HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", line + host + "Host: b.localhost\r\n\r\n", 400},
      {"the same Host twice", line + host + host + "\r\n", 400},
      {"Host list", line + "Host: a.localhost, b.localhost\r\n\r\n", 400},
      {"Host with a path", line + "Host: a.localhost/x\r\n\r\n", 400},
      {"Host with a user", line + "Host: x@a.localhost\r\n\r\n", 400},
      {"Host with a space", line + "Host: a.local host\r\n\r\n", 400},
      {"Host with a bad port", line + "Host: a.localhost:8o\r\n\r\n", 400},
      {"Host with a port beyond 16 bits", line + "Host: a.localhost:70000\r\n\r\n", 400},
      {"Host with two ports", line + "Host: a.localhost:1:2\r\n\r\n", 400},
      {"Host with an open bracket", line + "Host: [::1\r\n\r\n", 400},
      {"Host with bytes above ASCII", line + "Host: \xc3\xa4.localhost\r\n\r\n", 400},
  });
}

TEST_CASE("refused: heads over the limits", "[e2e][refused]") {
  std::string many_fields = line + host;
  for (int i = 0; i < 300; ++i) many_fields += "X-" + std::to_string(i) + ": y\r\n";
  const std::string long_name(70'000, 'n');
  const std::vector<Refusal> rows{
      {"a head of more than 64 KiB", line + host + "X: " + std::string(70'000, 'x') + "\r\n\r\n",
       431},
      {"a field name of more than 64 KiB", line + host + long_name + ": x\r\n\r\n", 431},
      {"more than 256 fields", many_fields + "\r\n", 431},
      {"a target of more than 16 KiB",
       "GET /" + std::string(17'000, 't') + " HTTP/1.1\r\n" + host + "\r\n", 414},
      {"a request line that never ends", "GET /" + std::string(70'000, 't'), 414},
  };
  MessageTable table;
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + table.upstream().target() + "\n");
  for (const Refusal& row : rows) CHECK(refuse(proxy, table, row, false) == "");
}

TEST_CASE("refused: a head within the limits is not", "[e2e][refused]") {
  FakeUpstream upstream(FakeUpstream::always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  CHECK(client.ask(get("a.localhost", "/" + std::string(15'000, 't'))).status() == 200);
  CHECK(client.ask(line + host + "X: " + std::string(40'000, 'x') + "\r\n\r\n").status() == 200);
  std::string many_fields = line + host;
  for (int i = 0; i < 200; ++i) many_fields += "X-" + std::to_string(i) + ": y\r\n";
  CHECK(client.ask(many_fields + "\r\n").status() == 200);
}

// Here the head was fine and may have been forwarded; what matters is that no service ever gets a
// complete request, and that what stands behind is never taken for another one.
TEST_CASE("refused: chunked bodies that are not what they say", "[e2e][refused]") {
  const std::string head = post + "Transfer-Encoding: chunked\r\n\r\n";
  const std::string behind = "\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a.localhost\r\n\r\n";
  const std::vector<std::pair<const char*, std::string>> rows{
      {"a size of letters", "xyz\r\nabc" + behind},
      {"an empty size", "\r\nabc" + behind},
      {"a size with a sign", "+3\r\nabc" + behind},
      {"a negative size", "-3\r\nabc" + behind},
      {"a size with 0x", "0x3\r\nabc" + behind},
      {"a size beyond 64 bits", "FFFFFFFFFFFFFFFFF\r\nabc" + behind},
      {"a size that wraps around to 3", "10000000000000003\r\nabc" + behind},
      {"a space before the size", " 3\r\nabc" + behind},
      {"a size and a bare LF", "3\nabc" + behind},
      {"a size and a bare CR", "3\rabc" + behind},
      {"data and a bare LF", "3\r\nabc\n0\r\n\r\n"},
      {"data and nothing", "3\r\nabc0\r\n\r\n"},
      {"data and two other bytes", "3\r\nabcXX0\r\n\r\n"},
      {"data longer than its size", "3\r\nabcd" + behind},
      {"an extension with a bare LF (CVE-2025-58056 style)", "3;a\nabc" + behind},
      {"an extension with a bare CR", "3;a\rb\r\nabc" + behind},
      {"an extension with NUL", nul("3;a@b\r\nabc") + behind},
      {"an extension of 64 KiB", "3;" + std::string(65'536, 'e') + "\r\nabc" + behind},
      {"the last chunk and a bare LF", "3\r\nabc\r\n0\n\r\n"},
      {"the end with a bare LF", "3\r\nabc\r\n0\r\n\n"},
      {"a trailer without a colon", "3\r\nabc\r\n0\r\nX\r\n\r\n"},
      {"a trailer that is folded", "3\r\nabc\r\n0\r\nX: y\r\n z\r\n\r\n"},
      {"a trailer with a space before the colon", "3\r\nabc\r\n0\r\nX : y\r\n\r\n"},
      {"trailers of more than 64 KiB",
       "3\r\nabc\r\n0\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n"},
  };
  MessageTable table;
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + table.upstream().target() + "\n");
  for (const auto& [name, body] : rows) {
    for (const bool bytewise : {false, true}) {
      if (bytewise && body.size() > 1000) continue;
      CAPTURE(name, bytewise);
      const std::string request = head + body;
      RawClient client(proxy.port());
      const std::size_t step = bytewise ? 1 : request.size();
      for (std::size_t i = 0;
           i < request.size() && client.try_send(std::string_view(request).substr(i, step));
           i += step) {
      }
      client.half_close();
      const std::string answer = client.receive_to_end();
      const std::string status_line = answer.substr(0, answer.find('\r'));
      // Oversized trailers may be 431 as well.
      CHECK(
          (status_line.rfind("HTTP/1.1 400", 0) == 0 || status_line.rfind("HTTP/1.1 431", 0) == 0));
      CHECK(answer.find("HTTP/1.1", 1) == std::string::npos);
    }
  }
  CHECK(is_probe_answer(proxy.ask(probe_request(proxy))));
  for (const std::string& bytes : table.upstream().received()) {
    CHECK(bytes.find("smuggled") == std::string::npos);
    CHECK(bytes.find("\r\n0\r\n") == std::string::npos);
  }
}

TEST_CASE("refused: what stands behind a request with Connection: close is not read as another",
          "[e2e][refused]") {
  MessageTable table;
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + table.upstream().target() + "\n");
  RawClient client(proxy.port());
  client.send(
      "GET /probe HTTP/1.1\r\nHost: a.localhost\r\nConnection: close\r\n\r\nGET /smuggled "
      "HTTP/1.1\r\nHost: "
      "a.localhost\r\n\r\n");
  CHECK(is_probe_answer(client.receive_message()));
  CHECK(client.receive_to_end().empty());
  CHECK(table.upstream().requests() == 1);
}

}  // namespace devproxy
