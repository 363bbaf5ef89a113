// Strings expands what stands in the strings of a configuration: ${NAME} and ${NAME:-default} from
// the environment, then from .env; {placeholders} from the configuration itself. One for each load;
// one thread at a time.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "config/env_file.h"
#include "config/load.h"
#include "config/node.h"
#include "config/report.h"

namespace devproxy {

/// A string of a file after expansion, and where it stands.
struct Text {
  std::string_view value;  ///< lives as long as the Sources
  Where where;
  bool expanded = false;  ///< whether there was any ${}
};

/// The value of a placeholder (without its braces), or why it has none.
using Placeholder = std::function<tl::expected<std::string, std::string>(std::string_view name)>;

class Strings final {
 public:
  /// `env_file` is read when the environment does not know a name for the first time; it need not
  /// exist.
  Strings(Sources& sources, Report& report, Environment environment, std::string env_file);
  Strings(const Strings&) = delete;
  Strings& operator=(const Strings&) = delete;

  /// `node` is a string. Nothing after a problem was reported.
  std::optional<Text> expand(const Node& node);
  /// The variables of a file that `env_file` names, by name; its faults are reported.
  std::map<std::string, std::string> read_variables(const std::string& path);
  /// Replaces every {name}.
  std::optional<Text> fill(const Text& text, const Placeholder& placeholder);

 private:
  std::optional<std::string> look_up(const std::string& name);
  void read_env_file();
  void report_faults(const EnvFile& file, std::uint32_t source);
  /// Where the `offset`-th byte of a string's value stands.
  Where inside(Where whole, std::string_view value, std::size_t offset, std::size_t length) const;

  Sources& sources_;
  Report& report_;
  Environment environment_;
  std::string env_path_;
  std::optional<EnvFile> env_file_;
  std::uint32_t env_source_ = 0;  ///< its number among the Sources
};

}  // namespace devproxy
