#include <map>

#include "cli/trust/ca_variables.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

std::vector<CaVariable> variables(const std::string& bundle, const Variables& set = {}) {
  return ca_variables("/s/ca.pem", bundle, [&set](std::string_view name) {
    const auto found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional(found->second);
  });
}

std::string lines(const std::vector<CaVariable>& list, const std::string& problem = "") {
  return export_lines(list, problem, [](const std::string& file) { return "mend " + file; });
}

TEST_CASE("env: what adds gets the CA, what replaces gets the bundle", "[cli]") {
  CHECK(lines(variables("/s/b c.pem")) ==
        "# eval \"$(devproxy env)\" sets these in a shell; docs/https.md says for whom.\n"
        "export NODE_EXTRA_CA_CERTS=/s/ca.pem\n"
        "export DENO_CERT=/s/ca.pem\n"
        "export SSL_CERT_FILE='/s/b c.pem'\n"
        "export REQUESTS_CA_BUNDLE='/s/b c.pem'\n"
        "export CURL_CA_BUNDLE='/s/b c.pem'\n"
        "export GIT_SSL_CAINFO='/s/b c.pem'\n"
        "export AWS_CA_BUNDLE='/s/b c.pem'\n"
        "export PIP_CERT='/s/b c.pem'\n");
}

TEST_CASE("env: what the user has set stays, and is said", "[cli]") {
  const auto list = variables(
      "/s/b.pem",
      {{"SSL_CERT_FILE", "/etc/own\n.pem"}, {"DENO_CERT", "/s/ca.pem"}, {"PIP_CERT", ""}});
  const std::string text = lines(list);
  CHECK_THAT(text, ContainsSubstring(
                       "\n# SSL_CERT_FILE stays /etc/own\\x0a.pem: mend /etc/own\\x0a.pem\n"));
  CHECK(text.find("export SSL_CERT_FILE") == std::string::npos);
  CHECK_THAT(text, ContainsSubstring("\nexport DENO_CERT=/s/ca.pem\n"));  // by us, before
  CHECK_THAT(text, ContainsSubstring("\nexport PIP_CERT=/s/b.pem\n"));
}

TEST_CASE("env: without a bundle of the system nothing is cut off", "[cli]") {
  const std::string text = lines(variables(""), "this system has no bundle");
  CHECK_THAT(text, ContainsSubstring("list: this system has no bundle\nexport NODE_EXTRA"));
  CHECK(text.find("SSL_CERT_FILE") == std::string::npos);
}

}  // namespace
}  // namespace devproxy
