#include "cli/command_line/command_facts.h"

#include <array>

namespace devproxy {
namespace {

constexpr std::array<Fact, 7> codes{{
    {"0", "done"},
    {"1", "failed"},
    {"2", "wrong usage or an invalid file"},
    {"3", "the proxy or the service is not running"},
    {"4", "a port or a host is taken"},
    {"5", "permission"},
    {"6", "timed out"},
}};

constexpr std::array<Fact, 7> variables{{
    {"DEVPROXY_CONFIG", "the configuration, like -c FILE"},
    {"NO_COLOR", "no colours, whatever its value is"},
    {"BROWSER",
     "what open starts: commands separated by colons, `%s` stands for the URL; `none` "
     "starts nothing"},
    {"XDG_CONFIG_HOME", "where people's own settings are; default: ~/.config"},
    {"XDG_STATE_HOME", "where the local CA, logs and assigned ports are; default: ~/.local/state"},
    {"XDG_RUNTIME_DIR", "where the control sockets and locks are; default: /tmp/devproxy-UID"},
    {"SSLKEYLOGFILE", "a file that the secrets of TLS connections are added to, for Wireshark"},
}};

constexpr std::array<Fact, 5> files{{
    {"devproxy.toml",
     "the project's file, in its folder or one above, up to the root of the git "
     "repository"},
    {"devproxy.local.toml", "beside it: what only this machine needs"},
    {".env", "beside it: variables for `${NAME}` in the file"},
    {"$XDG_STATE_HOME/devproxy", "the local CA (ca.pem, ca.key), the services' logs, their ports"},
    {"$XDG_RUNTIME_DIR/devproxy", "control sockets and locks"},
}};

}  // namespace

std::span<const Fact> exit_codes() {
  return codes;
}
std::span<const Fact> variables_read() {
  return variables;
}
std::span<const Fact> own_files() {
  return files;
}

std::string one_of(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace devproxy
