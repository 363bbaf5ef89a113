#include "config/certificates.h"

#include "tests/support/test.h"

namespace devproxy {
namespace {

CertificateFiles files(const std::string& name) {
  return {name + ".pem", name + ".key", {}};
}

RouteRule rule(std::string service, std::vector<std::string> hosts, bool own) {
  RouteRule made;
  made.service = std::move(service);
  made.hosts = std::move(hosts);
  made.own = own;
  return made;
}

TEST_CASE("certificates: a host is ours when it is a domain or below one", "[config]") {
  ProxySettings proxy;
  proxy.domains = {"localhost", "shop.test"};
  for (const char* host : {"localhost", "a.localhost", "a.b.localhost", "shop.test", "x.shop.test"})
    CHECK(is_in_domains(proxy, host));
  for (const char* host : {"", "test", "ashop.test", "mylocalhost", "localhost.example", "*"})
    CHECK_FALSE(is_in_domains(proxy, host));
}

TEST_CASE("certificates: localhost and test can be signed whatever the domains", "[config]") {
  ProxySettings proxy;
  proxy.domains = {"shop.example"};
  for (const char* host : {"localhost", "a.localhost", "x.test", "shop.example", "a.shop.example"})
    CHECK(can_be_signed(proxy, host));
  for (const char* host : {"example", "attest", "a.example", "127.0.0.1"})
    CHECK_FALSE(can_be_signed(proxy, host));
}

TEST_CASE("certificates: a service's own is for its own route, the most exact first", "[config]") {
  Config config;
  config.services = {{"web", PortTarget{1}, files("web"), {}},
                     {"api", PortTarget{2}, files("api"), {}},
                     {"any", PortTarget{3}, {}, {}}};
  config.routes = {rule("web", {"*.shop.test", "shop.test"}, true),
                   rule("api", {"api.shop.test", "*.v1.shop.test"}, true),
                   rule("api", {"more.test"}, false), rule("any", {"any.test"}, true)};
  const ServiceCertificates own(config);
  const auto cert = [&](const char* host) {
    const CertificateFiles* const found = own.find(host);
    return found == nullptr ? std::string() : found->cert;
  };
  CHECK(cert("shop.test") == "web.pem");
  CHECK(cert("www.shop.test") == "web.pem");
  CHECK(cert("*.shop.test") == "web.pem");
  CHECK(cert("api.shop.test") == "api.pem");
  CHECK(cert("x.v1.shop.test") == "api.pem");
  CHECK(cert("v1.shop.test") == "web.pem");
  CHECK(cert("more.test").empty());
  CHECK(cert("any.test").empty());
  CHECK(cert("test").empty());
}

}  // namespace
}  // namespace devproxy
