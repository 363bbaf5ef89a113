#include "cli/trust/ca_variables.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "certs/command_runner.h"

namespace devproxy {
namespace {

struct Known {
  std::string_view name;
  bool adds;  ///< to the program's own list; otherwise it takes its place
};

constexpr std::array<Known, 8> known{{
    {"NODE_EXTRA_CA_CERTS", true},
    {"DENO_CERT", true},
    {"SSL_CERT_FILE", false},  // OpenSSL, Python's ssl, Ruby, Go, uv
    {"REQUESTS_CA_BUNDLE", false},
    {"CURL_CA_BUNDLE", false},
    {"GIT_SSL_CAINFO", false},
    {"AWS_CA_BUNDLE", false},
    {"PIP_CERT", false},
}};

}  // namespace

std::vector<CaVariable> ca_variables(
    const std::string& ca, const std::string& bundle,
    const std::function<std::optional<std::string>(std::string_view)>& environment) {
  std::vector<CaVariable> variables;
  for (const Known& entry : known) {
    const std::string& value = entry.adds ? ca : bundle;
    if (value.empty()) continue;
    const std::string set = environment(entry.name).value_or("");
    // Set to our own value: by an earlier `eval`, in a shell above this one.
    variables.push_back({std::string(entry.name), value, set == value ? "" : set});
  }
  return variables;
}

std::string export_lines(const std::vector<CaVariable>& variables, const std::string& problem,
                         const KeptAdvice& advice) {
  std::string text =
      "# eval \"$(devproxy env)\" sets these in a shell; docs/https.md says for whom.\n";
  if (!problem.empty()) {
    text += fmt::format("# Only what adds to a program's own list: {}\n", escape(problem));
  }
  for (const CaVariable& variable : variables) {
    if (variable.kept.empty()) {
      text += fmt::format("export {}={}\n", variable.name, shell_quoted(variable.value));
    } else {
      text += fmt::format("# {} stays {}: {}\n", variable.name, escape(variable.kept),
                          escape(advice(variable.kept)));
    }
  }
  return text;
}

}  // namespace devproxy
