// Findings are the servers that a folder's files speak of, for `init`. Guesses: each says what it
// rests on. Pure functions of file contents, so that tests need no folders. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace devproxy {

struct Finding {
  std::string name;                   ///< of the service: a DNS label
  std::optional<std::uint16_t> port;  ///< none: without a command it is a comment to fill in
  bool speaks_http = true;            ///< false: mentioned, but never a service
  std::string command;                ///< that starts it; empty: somebody else does
  std::string dir;                    ///< that the command runs in; empty: the project's
  bool listens = true;                ///< false: a worker, as far as its command tells
  std::string evidence;               ///< `package.json, "dev": "vite"`
  std::string reason;  ///< why this port, or why none: a sentence without its full stop
};

struct PortGuess {
  std::uint16_t port = 0;
  std::string reason;
};

using Scripts = std::map<std::string, std::string, std::less<>>;

/// The port that a command line will listen on: PORT=, --port, an address, or what its tool takes
/// unless told otherwise. "npm run dev" and its like are looked up in `scripts`.
std::optional<PortGuess> guess_port(std::string_view command, const Scripts& scripts);

struct Package {
  std::string name;  ///< without its scope; may be empty
  Scripts scripts;
  std::optional<Finding> server;  ///< from the script that starts it for development
};
/// `service`: the name that its server gets. Nothing when the text is no JSON object.
std::optional<Package> read_package(std::string_view text, std::string_view service,
                                    std::string_view file);

/// A Procfile's processes; foreman's convention gives the i-th PORT=5000+100i.
std::vector<Finding> read_procfile(std::string_view text, std::string_view file,
                                   const Scripts& scripts);

/// Services of a compose file that publish ports. A tolerant reader of the few keys it needs, no
/// YAML parser.
std::vector<Finding> read_compose(std::string_view text, std::string_view file);

/// `text` as a DNS label: lower-case letters, digits and inner hyphens, at most 63; `otherwise`
/// when nothing is left.
std::string dns_label(std::string_view text, std::string_view otherwise);

}  // namespace devproxy
