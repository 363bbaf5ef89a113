// RunningProxy is what a running devproxy says of itself over its control socket: the `status`
// call. Made by Edge, read by the commands. Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proxy/server.h"

namespace devproxy {

/// A service that this devproxy runs itself.
struct RunningService {
  std::string name;
  std::string state;             ///< as state_text() has it: "ready", "failed", …
  bool comes = false;            ///< it answers, or will without anybody's help
  bool completed = false;        ///< its work is done
  std::string detail;            ///< why; may be empty
  std::uint16_t port = 0;        ///< that it was given
  std::uint16_t listens_on = 0;  ///< where it was found instead; 0: not elsewhere
  std::int64_t process = 0;      ///< its pid; 0: it does not run
  std::string url;               ///< empty: it has none
};

/// One that somebody else starts.
struct FollowedService {
  std::string name;
  std::uint16_t port = 0;  ///< 0: it is not found
  std::int64_t process = 0;
  std::string owner;    ///< who it is, and why that one of several
  std::string why_not;  ///< when it is not found
};

/// What a shared proxy carries for another process.
struct AttachedProject {
  std::string project;
  std::string file;  ///< empty: it has none (`run`)
  std::int64_t process = 0;
  std::int64_t since = 0;  ///< seconds of the Unix epoch
};

/// A service that was left out here, and is answered by the one of the main checkout.
struct Fallback {
  std::string service;
  std::string of;  ///< "shop/api": its project and name there
  Target target;   ///< where that one is
};

struct RunningProxy {
  std::int64_t pid = 0;
  std::string version;
  bool shared = false;  ///< the proxy of all projects of the user, without one of its own
  std::string project;
  std::string file;              ///< absolute path of its devproxy.toml; empty: it has none (`run`)
  std::int64_t since = 0;        ///< seconds of the Unix epoch
  std::int64_t attached_to = 0;  ///< pid of the devproxy whose proxy carries its routes; 0: its own
  std::string run;               ///< the mark that what it started carries
  std::vector<BoundAddress> listeners;
  std::vector<RunningService> services;
  std::vector<FollowedService> followed;
  std::vector<Fallback> fallbacks;
  std::vector<AttachedProject> attached;
  std::string worktree;          ///< the label of a checkout beside the main one; empty: it is that
  std::string worktree_origin;   ///< what it was made of: "branch fix/ui"
  std::uint64_t generation = 0;  ///< of its history, that is in force
  std::int64_t generation_since = 0;  ///< seconds of the Unix epoch
  bool rolled_back = false;           ///< `rollback` asked for it: the file says something else
  bool forces = false;                ///< started with --force: takes what others claim
  std::string invalid_file;  ///< why the last reload changed nothing; empty: it did not fail
};

/// "shop", "shop, worktree fix-ui": what tells it from others of the same name.
std::string project_words(const RunningProxy& proxy);
/// Null: it is not run there.
const RunningService* find_running(const RunningProxy& proxy, std::string_view service);
/// Null: it is not followed there.
const FollowedService* find_followed(const RunningProxy& proxy, std::string_view service);

/// Null: it does not fall back.
const Fallback* find_fallback(const std::vector<Fallback>& fallbacks, std::string_view service);

/// An object on one line.
std::string to_json(const RunningProxy& proxy);
/// Error: invalid.
Result<RunningProxy> read_running_proxy(std::string_view text);

}  // namespace devproxy
