// NearbyListeners knows which processes of this user, started in the project's folder, listen on a
// port that no service of the file has: mostly the very server that is missing, on another port
// than expected. Looked up on a worker thread, at most once a second and only when somebody asks.
// Loop thread; owned by Edge, destroyed before the Loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/loop.h"
#include "cli/ports/port_report.h"
#include "config/config.h"

namespace devproxy {

/// Who may be near, and who is not meant.
struct NearbyScene {
  std::string root;               ///< the project's folder, without links
  std::set<std::uint16_t> known;  ///< ports that the file speaks of
};

/// "node vite (pid 4312) on port 5173, in web"; a few at most. Pure.
std::vector<std::string> nearby_words(const std::vector<HeldSocket>& sockets,
                                      const NearbyScene& scene);

class NearbyListeners final {
 public:
  static constexpr std::chrono::milliseconds fresh{1'000};
  static constexpr std::size_t most = 5;

  explicit NearbyListeners(Loop& loop);
  ~NearbyListeners();
  NearbyListeners(const NearbyListeners&) = delete;
  NearbyListeners& operator=(const NearbyListeners&) = delete;

  void apply(const Config& config);
  /// Nothing while it is looked up, some milliseconds: ask again.
  std::optional<std::vector<std::string>> ask();

 private:
  struct State;
  Loop& loop_;
  std::shared_ptr<State> state_;  ///< shared with the look-up that runs
};

}  // namespace devproxy
