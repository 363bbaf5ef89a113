#include "services/follow_match.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace devproxy {
namespace {

/// Program names and what interpreters run stand among the first words.
constexpr std::size_t words_tried = 4;
constexpr std::size_t alternatives_named = 3;
/// Deeper than any descendant: it left the tree and has kept the mark alone.
constexpr std::size_t strayed = 1000;

bool fits(const std::string& glob, const std::string& text) {
  return ::fnmatch(glob.c_str(), text.c_str(), 0) == 0;
}

bool fits(const Followed& followed, const ScannedProcess& process) {
  if (process.name == "devproxy") return false;
  if (!followed.dir.empty() && process.folder != followed.dir) return false;
  if (!followed.rule.pid_file.empty() && followed.pid != process.pid) return false;
  return followed.rule.command.empty() || fits_command(followed.rule.command, process);
}

/// How far above the holder the process stands that is meant.
std::optional<std::size_t> depth_of(const Followed& followed,
                                    const std::vector<ScannedProcess>& chain) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    // What somebody starts from a shell is not what the shell is.
    if (i > 0 && chain[i].is_shell) continue;
    if (fits(followed, chain[i])) return i;
  }
  return std::nullopt;
}

bool has(const std::vector<ScannedProcess>& chain, pid_t pid) {
  return std::any_of(chain.begin(), chain.end(),
                     [pid](const ScannedProcess& process) { return process.pid == pid; });
}

const ScannedProcess& holder(const FollowCandidate& candidate) {
  return candidate.listener->chain.front();
}
std::uint16_t port(const FollowCandidate& candidate) {
  return candidate.listener->socket.local.port;
}

bool is_before(const FollowCandidate& a, const FollowCandidate& b) {
  if (a.depth != b.depth) return a.depth < b.depth;
  const ScannedProcess& first = holder(a);
  const ScannedProcess& second = holder(b);
  if (first.pid == second.pid) return port(a) < port(b);
  return std::tie(first.started, first.pid) < std::tie(second.started, second.pid);
}

std::string why_before(const FollowCandidate& chosen, const FollowCandidate& next) {
  if (chosen.depth != next.depth)
    return chosen.depth == 0 ? "it matches itself, not by a parent" : "it is nearer to the match";
  if (holder(chosen).pid != holder(next).pid) return "it began first";
  return "it is the lower port";
}

std::string reason_for(const std::vector<FollowCandidate>& sorted) {
  const FollowCandidate& chosen = sorted.front();
  std::vector<std::uint16_t> named{port(chosen)};
  std::string others;
  std::string why;
  for (const FollowCandidate& each : sorted) {
    const bool is_named = std::find(named.begin(), named.end(), port(each)) != named.end();
    if (is_named || named.size() > alternatives_named) continue;
    if (why.empty()) why = why_before(chosen, each);
    others +=
        fmt::format("{}{} of {}", others.empty() ? "" : ", ", port(each), describe(holder(each)));
    named.push_back(port(each));
  }
  if (others.empty()) return "";
  return fmt::format("{} before {}: {}; port or command in follow says otherwise", port(chosen),
                     others, why);
}

}  // namespace

bool fits_command(const std::string& glob, const ScannedProcess& process) {
  if (fits(glob, process.name)) return true;
  const auto& words = process.command;
  for (std::size_t i = 0; i < words.size() && i < words_tried; ++i) {
    const std::size_t slash = words[i].rfind('/');
    std::string line =
        fmt::format("{}", fmt::join(words.begin() + static_cast<long>(i), words.end(), " "));
    if (fits(glob, line)) return true;
    if (slash == std::string::npos) continue;
    line.erase(0, slash + 1);
    if (fits(glob, line)) return true;
  }
  return false;
}

bool is_side_port(std::uint16_t port) {
  constexpr std::array<std::uint16_t, 5> known{5005, 5678, 9222, 24678, 35729};
  return (port >= 9229 && port <= 9239) ||
         std::find(known.begin(), known.end(), port) != known.end();
}

std::vector<FollowCandidate> candidates_of(const Followed& followed,
                                           const std::vector<ScannedListener>& listeners,
                                           pid_t self) {
  std::vector<FollowCandidate> candidates;
  for (const ScannedListener& listener : listeners) {
    const std::uint16_t port = listener.socket.local.port;
    const bool is_meant =
        followed.rule.port == 0 ? !is_side_port(port) : followed.rule.port == port;
    if (!is_meant || listener.chain.empty() || has(listener.chain, self)) continue;
    // Its own listeners are those of a proxy: it would be asked for itself.
    if (listener.chain.front().name == "devproxy") continue;
    if (const auto depth = depth_of(followed, listener.chain))
      candidates.push_back({&listener, *depth});
  }
  return candidates;
}

std::vector<FollowCandidate> candidates_of_tree(pid_t leader, std::string_view mark,
                                                const std::vector<ScannedListener>& listeners) {
  std::vector<FollowCandidate> candidates;
  for (const ScannedListener& listener : listeners) {
    if (listener.chain.empty() || is_side_port(listener.socket.local.port)) continue;
    const auto found =
        std::find_if(listener.chain.begin(), listener.chain.end(),
                     [leader](const ScannedProcess& each) { return each.pid == leader; });
    if (found != listener.chain.end()) {
      candidates.push_back({&listener, static_cast<std::size_t>(found - listener.chain.begin())});
    } else if (!mark.empty() && listener.mark == mark) {
      candidates.push_back({&listener, strayed});
    }
  }
  return candidates;
}

std::optional<Found> choose(std::vector<FollowCandidate> candidates) {
  if (candidates.empty()) return std::nullopt;
  std::sort(candidates.begin(), candidates.end(), is_before);
  const FollowCandidate& chosen = candidates.front();
  const IpAddress any = IpAddress{};
  Found found;
  found.place = {port(chosen), false, false, false};
  bool takes_both = false;
  for (const FollowCandidate& each : candidates) {
    if (port(each) != port(chosen) || holder(each).pid != holder(chosen).pid) continue;
    const IpAddress& address = each.listener->socket.local.address;
    (is_ipv4(address) ? found.place.ipv4 : found.place.ipv6) = true;
    takes_both = takes_both || address == any;
  }
  // "::" mostly takes IPv4 as well, which is all that there is on a machine without IPv6.
  if (!found.place.ipv4 && takes_both) found.place.ipv4 = found.place.ipv6_first = true;
  found.pid = holder(chosen).pid;
  found.owner = describe(holder(chosen));
  found.reason = reason_for(candidates);
  return found;
}

}  // namespace devproxy
