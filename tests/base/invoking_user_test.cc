#include "base/invoking_user.h"

#include <map>
#include <string>

#include "tests/support/test.h"

namespace devproxy {
namespace {

ReadEnvironment with(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

}  // namespace

TEST_CASE("invoking user: sudo, pkexec and doas name one", "[base]") {
  // Every system has it, as 1 (Linux, macOS).
  for (const auto& variables : {std::map<std::string, std::string>{{"SUDO_UID", "1"}},
                                {{"PKEXEC_UID", "1"}},
                                {{"DOAS_USER", "daemon"}}}) {
    const auto user = invoking_user(with(variables));
    REQUIRE(user);
    REQUIRE(*user);
    CHECK((*user)->uid == 1);
    CHECK((*user)->name == "daemon");
    CHECK_FALSE((*user)->home.empty());
  }
}

TEST_CASE("invoking user: root behind root is nobody", "[base]") {
  for (const auto& variables : {std::map<std::string, std::string>{},
                                {{"SUDO_UID", "0"}},
                                {{"PKEXEC_UID", "0"}},
                                {{"DOAS_USER", "root"}}}) {
    const auto user = invoking_user(with(variables));
    REQUIRE(user);
    CHECK_FALSE(*user);
  }
}

TEST_CASE("invoking user: one that nobody knows is an error, never root", "[base]") {
  for (const auto& variables : {std::map<std::string, std::string>{{"SUDO_UID", "x"}},
                                {{"SUDO_UID", "4294967295"}},
                                {{"SUDO_UID", "3999999999"}},
                                {{"DOAS_USER", "no such user"}}}) {
    const auto user = invoking_user(with(variables));
    REQUIRE_FALSE(user);
    CHECK_THAT(user.error().detail, ContainsSubstring("whom this system does not know"));
  }
}

}  // namespace devproxy
