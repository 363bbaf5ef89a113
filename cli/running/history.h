// A History remembers the configurations that a project ran with since its start, each a numbered
// generation, what became different with each, what was refused, and which one counts now: what
// `devproxy history` shows and `devproxy rollback` goes back to. Bounded in entries and in bytes.
// Loop thread; owned by Edge.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace devproxy {

/// Why a configuration came, or was tried. The later ones cover the earlier when they meet.
enum class Cause : std::uint8_t {
  start,
  forced_start,  ///< with --force
  lost_port,     ///< of a service: it gets another one
  left_out,      ///< a service that `up SERVICE…` left out was asked for
  file,          ///< it was saved
  signal,        ///< SIGHUP
  reload,        ///< the command
  rollback,
};
/// For people: "file changed".
std::string_view cause_words(Cause cause);
/// For programs: "file".
std::string_view cause_name(Cause cause);

class History final {
 public:
  using Clock = std::chrono::system_clock;

  struct Limits {
    std::size_t entries = 50;
    std::size_t bytes = std::size_t{32} << 20U;  ///< of configurations, as far as can be told
    std::size_t lines = 100;                     ///< of what changed, for each
  };
  struct Entry {
    Clock::time_point time;
    Cause cause = Cause::start;
    std::uint64_t generation = 0;  ///< that began, or that was gone back to; 0: refused
    std::vector<std::string> changes;
    std::size_t more_changes = 0;  ///< that are not among them
    std::string refused;           ///< why, with the first problem of the file
    bool is_kept = false;          ///< this began a generation that can be gone back to
  };
  struct Generation {
    Clock::time_point since;
    std::shared_ptr<const Config> config;
    std::size_t bytes = 0;
  };

  explicit History(Limits limits) : limits_(limits) {}
  History() : History(Limits()) {}

  void begin(std::shared_ptr<const Config> config, bool forced,
             Clock::time_point now = Clock::now());
  /// The file says this now, and it is in force. Without a change the generation stays the same.
  void add(Cause cause, std::shared_ptr<const Config> config, std::vector<std::string> changes,
           Clock::time_point now = Clock::now());
  /// A kept generation is in force again; its services may have other ports than they had.
  void go_back(std::uint64_t generation, std::shared_ptr<const Config> config,
               std::vector<std::string> changes, Clock::time_point now = Clock::now());
  /// What is in force has other ports only.
  void renew(std::shared_ptr<const Config> config);
  void refuse(Cause cause, std::string why, Clock::time_point now = Clock::now());

  /// The generation in force.
  std::uint64_t current() const { return current_; }
  Clock::time_point current_since() const { return generations_.at(current_).since; }
  /// Whether that is what the file says.
  bool is_file() const { return current_ == of_file_ && !file_is_refused_; }
  /// Whether somebody asked for another one than the file said last without a problem.
  bool is_rolled_back() const { return current_ != of_file_; }
  /// Null: there was none, or it is not kept any more.
  std::shared_ptr<const Config> find(std::uint64_t generation) const;
  /// The one before the one in force.
  std::optional<std::uint64_t> before() const;
  /// Of those that can be gone back to: "1 to 4", "3, 5".
  std::string kept_words() const;
  /// The oldest first.
  std::vector<Entry> entries() const;

 private:
  void put(Entry entry, std::vector<std::string> changes);
  void keep(std::uint64_t generation, std::shared_ptr<const Config> config,
            Clock::time_point since);
  void forget();
  void forget_generation(std::uint64_t generation);

  Limits limits_;
  std::vector<Entry> entries_;
  std::map<std::uint64_t, Generation> generations_;
  std::size_t bytes_ = 0;  ///< of all of them
  std::uint64_t last_ = 0;
  std::uint64_t current_ = 0;
  std::uint64_t of_file_ = 0;     ///< that the file said when it was read last without a problem
  bool file_is_refused_ = false;  ///< it says something else since then
};

/// What became of a reload that worked.
struct ReloadReport {
  std::vector<std::string> changes;  ///< of routes and listeners, one line each; may be empty
  std::chrono::microseconds took{0};
  std::uint64_t generation = 0;           ///< of the History, that is in force now
  History::Clock::time_point since = {};  ///< when that began
  bool is_file = true;                    ///< false: the file says something else
  Cause cause = Cause::file;
};

}  // namespace devproxy
