// A TrustStore is one place where programs look up whom they trust: a file of the system, a
// database of a browser. It looks by itself, and says which commands put a CA of ours in or take it
// back; whoever holds it runs them (trust_run.h). Main thread of a command.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "certs/command_runner.h"
#include "certs/trust_anchor.h"

namespace devproxy {

/// A file or a folder, or a link to one.
inline bool is_there(const std::string& path) {
  std::error_code failed;
  return std::filesystem::exists(path, failed);
}

/// What stores see of the machine.
struct Surroundings {
  CommandRunner& runner;
  std::string home;  ///< empty: nobody's, so there are no browsers
  std::function<std::optional<std::string>(const char*)> environment;
  bool is_root = false;
  std::string root;  ///< before every path of the system; empty, except in tests
};

enum class StoreKind : std::uint8_t { system, browser, java, windows };

struct StoreLabel {
  StoreKind kind = StoreKind::system;
  std::string name;   ///< "Firefox", "system (Fedora)"
  std::string where;  ///< a path
  bool needs_root = false;
};

enum class TrustState : std::uint8_t {
  trusted,
  not_trusted,
  not_present  ///< no such store here, so nothing is missing
};

struct TrustCheck {
  TrustState state = TrustState::not_present;
  std::string why;   ///< of the other two, a few words without a full stop
  std::string next;  ///< what to do about it: a command where there is one
};

/// What to run, in order, each only when the one before it worked. With an obstacle, nothing.
struct StorePlan {
  std::vector<Words> commands;
  std::string obstacle = {};
  std::string next = {};
  RunOptions options = {};
};

inline StorePlan cannot(std::string obstacle, std::string next) {
  return {{}, std::move(obstacle), std::move(next), {}};
}

class TrustStore {
 public:
  virtual ~TrustStore() = default;
  virtual const StoreLabel& label() const = 0;
  /// Reads what is really there; never believes that an earlier command worked.
  virtual TrustCheck check(const Anchor& anchor) = 0;
  virtual StorePlan put(const Anchor& anchor) = 0;
  /// Nothing when none of them is in here. Whatever is not byte for byte one of them stays.
  virtual StorePlan take_back(std::span<const Anchor> anchors) = 0;
};

using TrustStores = std::vector<std::unique_ptr<TrustStore>>;

/// Every store of this machine, those that need no root first. Java's only when asked for.
TrustStores find_stores(const Surroundings& surroundings, bool with_java);

/// How this system installs a package, as a command: `names` are those of apt, dnf, zypper, pacman
/// and apk, in this order.
std::string install_command(CommandRunner& runner, std::span<const std::string_view, 5> names);

}  // namespace devproxy
