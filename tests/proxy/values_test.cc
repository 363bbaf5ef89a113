// The small values of the data path: authorities, trusted peers, pages.
#include <string>

#include "proxy/endpoint.h"
#include "proxy/http/host.h"
#include "proxy/page.h"
#include "proxy/trusted_peers.h"
#include "tests/support/test.h"

namespace devproxy {

TEST_CASE("host: names are what routes are asked for", "[proxy]") {
  std::string storage;
  CHECK(host_name("Shop.LOCALHOST.:6289", storage) == "shop.localhost");
  CHECK(host_name("shop.localhost", storage) == "shop.localhost");
  CHECK(host_name("[::1]:80", storage) == "::1");
  CHECK(host_name("", storage).empty());
  CHECK(port_text("a:80") == "80");
  CHECK(port_text("[::1]:81") == "81");
  CHECK(port_text("[::1]").empty());
}

TEST_CASE("host: loopback is told from names that look like it", "[proxy]") {
  CHECK(is_loopback_name("localhost"));
  CHECK(is_loopback_name("127.0.0.53"));
  CHECK(is_loopback_name("::1"));
  CHECK_FALSE(is_loopback_name("127.0.0.1.example.com"));
  CHECK_FALSE(is_loopback_name("localhost.example.com"));
}

TEST_CASE("host: authorities are checked", "[proxy]") {
  for (const char* good : {"", "a", "a.b:1", "a:", "[::1]", "[::1]:65535", "[::ffff:1.2.3.4]",
                           "a_b", "x%41y", "127.0.0.1:80"}) {
    INFO(good);
    CHECK(is_valid_authority(good));
  }
  for (const char* bad :
       {"a b", "a/b", "a@b", "a:b", "a:65536", "[::1", "[]", "[::g]", "a\"", "a\\b", "a%4", "a,b:c",
        "<a>", "a,b", "[:::1]", "[1.2.3.4]", "[1:2]", "["}) {
    INFO(bad);
    CHECK_FALSE(is_valid_authority(bad));
  }
}

TEST_CASE("endpoint: a port and the url of 127.0.0.1 with that port are not one endpoint",
          "[proxy]") {
  const Endpoint port = endpoint_of(PortTarget{4001});
  UrlTarget target;
  target.host = "127.0.0.1";
  target.port = 4001;
  const Endpoint url = endpoint_of(target);
  CHECK(port.text() == url.text());
  CHECK(port.key() != url.key());
  CHECK(url.key() == endpoint_of(target).key());
}

TEST_CASE("trusted peers: addresses and blocks of both families", "[proxy]") {
  const TrustedPeers peers({"10.1.0.0/16", "192.0.2.7", "fd00::/8", "nonsense", "1.2.3.4/40"});
  CHECK(peers.contains("10.1.255.1"));
  CHECK_FALSE(peers.contains("10.2.0.1"));
  CHECK(peers.contains("192.0.2.7"));
  CHECK(peers.contains("fd12::1"));
  CHECK_FALSE(peers.contains("fe80::1"));
  CHECK(peers.contains("::ffff:192.0.2.7"));
  CHECK_FALSE(peers.contains("1.2.3.4"));
  CHECK_FALSE(TrustedPeers().contains("127.0.0.1"));
}

TEST_CASE("page: nothing of a request escapes its text, nothing is loaded from elsewhere",
          "[proxy]") {
  Page page;
  page.status = 404;
  page.title = "<script>alert(1)</script>";
  page.detail = "a & b \"c\" \x1b[31m";
  page.facts = {{"<b>", "'x'"}};
  page.routes = {{"http://a.localhost/\"onmouseover=", "web"}};
  const std::string html = render_html(page);
  CHECK_THAT(html, !ContainsSubstring("<script>") && !ContainsSubstring("\x1b") &&
                       !ContainsSubstring("<b>") && !ContainsSubstring("/\"on"));
  CHECK_THAT(html, !ContainsSubstring("src=") && !ContainsSubstring("@import") &&
                       !ContainsSubstring("url("));
  const std::string json = render_problem_json(page);
  CHECK_THAT(json, ContainsSubstring("\"status\":404") && ContainsSubstring("a & b \\\"c\\\"") &&
                       !ContainsSubstring("\x1b"));
}

}  // namespace devproxy
