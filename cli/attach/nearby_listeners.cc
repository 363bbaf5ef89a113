#include "cli/attach/nearby_listeners.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "base/text.h"
#include "cli/terminal/process_words.h"
#include "services/port_book.h"

namespace devproxy {
namespace {

constexpr std::size_t longest_command = 60;

using Clock = std::chrono::steady_clock;

/// Where `folder` lies below `root`: "web", "" for the root itself; nothing when it does not.
std::optional<std::string> below(const std::string& folder, const std::string& root) {
  if (folder.empty()) return std::nullopt;
  const auto relative = std::filesystem::path(folder).lexically_relative(root);
  if (relative.empty() || *relative.begin() == "..") return std::nullopt;
  return relative == "." ? std::string() : relative.string();
}

/// Those of this user only: the others cannot be seen anyway.
std::vector<TcpSocket> own_listeners() {
  std::vector<TcpSocket> sockets = listening_sockets();
  std::erase_if(sockets, [own = geteuid()](const TcpSocket& socket) { return socket.uid != own; });
  return sockets;
}

bool is_reached_by_loopback(const TcpSocket& socket) {
  for (const char* const host : {"127.0.0.1", "::1"}) {
    const auto address = parse_ip(host);
    if (address && find_listener({socket}, *address, socket.local.port) != nullptr) return true;
  }
  return false;
}

}  // namespace

struct NearbyListeners::State {
  NearbyScene scene;
  std::optional<std::vector<std::string>> found;
  Clock::time_point at;
  bool looking = false;
};

std::vector<std::string> nearby_words(const std::vector<HeldSocket>& sockets,
                                      const NearbyScene& scene) {
  std::vector<std::string> words;
  std::set<std::pair<std::uint16_t, pid_t>> seen;
  for (const HeldSocket& held : sockets) {
    const std::uint16_t port = held.socket.local.port;
    if (!held.process || held.process->name == "devproxy" || scene.known.contains(port)) continue;
    const auto folder = below(held.process->folder, scene.root);
    if (!folder || !is_reached_by_loopback(held.socket) ||
        !seen.emplace(port, held.process->pid).second)
      continue;
    words.push_back(fmt::format(
        "{} (pid {}) on port {}{}", cut_end(command_text(*held.process), longest_command),
        held.process->pid, port, folder->empty() ? "" : ", in " + escape(*folder)));
    if (words.size() == NearbyListeners::most) break;
  }
  return words;
}

NearbyListeners::NearbyListeners(Loop& loop) : loop_(loop), state_(std::make_shared<State>()) {}

NearbyListeners::~NearbyListeners() = default;

void NearbyListeners::apply(const Config& config) {
  state_->scene = {real_path(config.root), {}};
  for (const ExpectedPort& expected : expected_ports(config))
    state_->scene.known.insert(expected.port);
  state_->found.reset();
}

std::optional<std::vector<std::string>> NearbyListeners::ask() {
  State& state = *state_;
  if (state.found && Clock::now() - state.at < fresh) return state.found;
  if (state.looking) return std::nullopt;
  state.looking = true;
  auto words = std::make_shared<std::vector<std::string>>();
  loop_.work(
      [words, scene = state.scene] {
        *words = nearby_words(with_processes(own_listeners()), scene);
      },
      [words, weak = std::weak_ptr<State>(state_)] {
        const auto there = weak.lock();
        if (!there) return;
        there->looking = false;
        there->found = std::move(*words);
        there->at = Clock::now();
      });
  return std::nullopt;
}

}  // namespace devproxy
