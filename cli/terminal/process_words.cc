#include "cli/terminal/process_words.h"

#include <fmt/format.h>
#include <unistd.h>

#include <vector>

#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::size_t longest_command = 100;  // of a sentence

/// "/usr/bin/node" is node; a title that a program gave itself ("nginx: master process
/// /usr/sbin/nginx") stays as it is.
std::string_view without_folder(std::string_view program) {
  if (!program.starts_with('/')) return program;
  const std::string_view path = program.substr(0, program.find(' '));
  return program.substr(path.rfind('/') + 1);
}

/// Docker's own relay holds the ports that containers publish.
bool is_docker_relay(const ProcessFacts& process) {
  return process.name == "docker-proxy";
}

}  // namespace

std::string command_text(const ProcessFacts& process) {
  if (process.command.empty()) return escape(process.name);
  std::string text = escape(without_folder(process.command.front()));
  for (std::size_t i = 1; i < process.command.size(); ++i) text += " " + escape(process.command[i]);
  return text;
}

std::string keeper_text(const ProcessKeeper& keeper) {
  if (!keeper.container.empty()) {
    return escape(fmt::format("{}{}container {}", keeper.engine, keeper.engine.empty() ? "" : " ",
                              keeper.container));
  }
  if (keeper.unit.empty()) return "";
  return (keeper.of_user ? "user unit " : "") + escape(keeper.unit);
}

std::string age_text(std::chrono::system_clock::duration age) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age).count();
  if (seconds < 0) return "0s";
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m", seconds / 60);
  if (seconds < 86'400) return fmt::format("{}h", seconds / 3600);
  return fmt::format("{}d", seconds / 86'400);
}

std::string short_path(std::string_view path, std::string_view home) {
  if (path.empty()) return "-";
  if (home.size() > 1 && path.starts_with(home)) {
    const std::string_view rest = path.substr(home.size());
    if (rest.empty() || rest.starts_with('/')) return "~" + escape(rest);
  }
  return escape(path);
}

std::string hidden_owner_text(uid_t uid) {
  if (uid == geteuid()) return "a process that is not visible here";
  return fmt::format("another user (uid {})", uid);
}

std::string whole_text(const PortOwner& owner, std::string_view home,
                       std::chrono::system_clock::time_point now) {
  if (!owner.process) return describe(owner);
  const ProcessFacts& process = *owner.process;
  std::vector<std::string> facts{fmt::format("pid {}", process.pid)};
  if (const std::string keeper = keeper_text(process.keeper); !keeper.empty())
    facts.push_back(keeper);
  if (!process.folder.empty()) facts.push_back("in " + short_path(process.folder, home));
  facts.push_back("for " + age_text(now - process.started));
  return fmt::format("{} ({})", cut_end(command_text(process), longest_command),
                     fmt::join(facts, ", "));
}

std::string way_to_stop(const PortOwner& owner, std::uint16_t port) {
  if (!owner.process)
    return fmt::format("only root sees more of it: sudo ss -ltnp 'sport = :{}'", port);
  const ProcessFacts& process = *owner.process;
  const ProcessKeeper& keeper = process.keeper;
  if (is_docker_relay(process)) {
    return fmt::format("stop the container that publishes it (docker ps --filter publish={})",
                       port);
  }
  if (!keeper.container.empty() && !keeper.engine.empty())
    return fmt::format("stop it ({} stop {})", keeper.engine, keeper.container);
  if (!keeper.unit.empty()) {
    return fmt::format("stop it ({} stop {})",
                       keeper.of_user ? "systemctl --user" : "sudo systemctl", escape(keeper.unit));
  }
  return fmt::format("stop it (kill {})", process.pid);
}

std::string cut_end(const std::string& text, std::size_t width) {
  if (text.size() <= width || width < 4) return text;
  return text.substr(0, width - 3) + "...";
}

std::string cut_beginning(const std::string& text, std::size_t width) {
  if (text.size() <= width || width < 4) return text;
  return "..." + text.substr(text.size() - width + 3);
}

}  // namespace devproxy
