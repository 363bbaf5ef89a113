#include "cli/running/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace devproxy {
namespace {

constexpr std::size_t small_parts = 128;  ///< numbers, allocations, positions

std::size_t bytes_of(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += sizeof(std::string) + text.size();
  return bytes;
}

std::size_t bytes_of(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : pairs)
    bytes += 2 * sizeof(std::string) + name.size() + value.size();
  return bytes;
}

/// Not exact, but of the right size: what grows without a bound is counted.
std::size_t bytes_of(const Config& config) {
  std::size_t bytes = sizeof(Config);
  for (const Service& service : config.services) {
    bytes += sizeof(Service) + small_parts;
    if (const auto* const command = std::get_if<CommandTarget>(&service.target))
      bytes += bytes_of(command->words) + bytes_of(command->env) + bytes_of(command->depends_on);
  }
  for (const RouteRule& rule : config.routes) {
    bytes += sizeof(RouteRule) + small_parts + rule.service.size() + rule.path.size() +
             bytes_of(rule.hosts) + bytes_of(rule.methods) + bytes_of(rule.headers);
  }
  return bytes;
}

}  // namespace

std::string_view cause_words(Cause cause) {
  switch (cause) {
    case Cause::start:
      return "start";
    case Cause::forced_start:
      return "start with --force";
    case Cause::lost_port:
      return "a service got another port";
    case Cause::left_out:
      return "a service was asked for";
    case Cause::file:
      return "file changed";
    case Cause::signal:
      return "SIGHUP";
    case Cause::reload:
      return "devproxy reload";
    case Cause::rollback:
      return "devproxy rollback";
  }
  return "";
}

std::string_view cause_name(Cause cause) {
  switch (cause) {
    case Cause::start:
      return "start";
    case Cause::forced_start:
      return "forced_start";
    case Cause::lost_port:
      return "lost_port";
    case Cause::left_out:
      return "left_out";
    case Cause::file:
      return "file";
    case Cause::signal:
      return "signal";
    case Cause::reload:
      return "reload";
    case Cause::rollback:
      return "rollback";
  }
  return "";
}

// ---- What happens ------------------------------------------------------------------------------

void History::begin(std::shared_ptr<const Config> config, bool forced, Clock::time_point now) {
  of_file_ = current_ = ++last_;
  keep(current_, std::move(config), now);
  put({now, forced ? Cause::forced_start : Cause::start, current_, {}, 0, {}}, {});
}

void History::add(Cause cause, std::shared_ptr<const Config> config,
                  std::vector<std::string> changes, Clock::time_point now) {
  file_is_refused_ = false;
  if (changes.empty()) {
    of_file_ = current_;
    renew(std::move(config));
    return;
  }
  of_file_ = current_ = ++last_;
  keep(current_, std::move(config), now);
  put({now, cause, current_, {}, 0, {}}, std::move(changes));
}

void History::go_back(std::uint64_t generation, std::shared_ptr<const Config> config,
                      std::vector<std::string> changes, Clock::time_point now) {
  const auto found = generations_.find(generation);
  const Clock::time_point since = found == generations_.end() ? now : found->second.since;
  current_ = generation;
  keep(generation, std::move(config), since);
  put({now, Cause::rollback, generation, {}, 0, {}}, std::move(changes));
}

void History::renew(std::shared_ptr<const Config> config) {
  keep(current_, std::move(config), generations_.at(current_).since);
  forget();
}

void History::refuse(Cause cause, std::string why, Clock::time_point now) {
  if (cause != Cause::rollback) file_is_refused_ = true;
  // Saving a broken file again and again says nothing new.
  if (!entries_.empty() && entries_.back().refused == why) {
    entries_.back().time = now;
    entries_.back().cause = cause;
    return;
  }
  put({now, cause, 0, {}, 0, std::move(why)}, {});
}

void History::put(Entry entry, std::vector<std::string> changes) {
  if (changes.size() > limits_.lines) {
    entry.more_changes = changes.size() - limits_.lines;
    changes.resize(limits_.lines);
  }
  entry.changes = std::move(changes);
  entries_.push_back(std::move(entry));
  forget();
}

void History::keep(std::uint64_t generation, std::shared_ptr<const Config> config,
                   Clock::time_point since) {
  forget_generation(generation);
  const std::size_t bytes = bytes_of(*config);
  bytes_ += bytes;
  generations_[generation] = {since, std::move(config), bytes};
}

/// The one in force stays in any case, and for its bytes the one before it too.
void History::forget() {
  while (entries_.size() > limits_.entries) {
    const Entry& oldest = entries_.front();
    const bool began_it = oldest.generation != 0 && oldest.cause != Cause::rollback;
    if (began_it && oldest.generation != current_) forget_generation(oldest.generation);
    entries_.erase(entries_.begin());
  }
  for (auto each = generations_.begin(); bytes_ > limits_.bytes && each != generations_.end();) {
    const std::uint64_t generation = (each++)->first;
    if (generation != current_ && generation != before()) forget_generation(generation);
  }
}

void History::forget_generation(std::uint64_t generation) {
  const auto found = generations_.find(generation);
  if (found == generations_.end()) return;
  bytes_ -= found->second.bytes;
  generations_.erase(found);
}

// ---- What there is to say ----------------------------------------------------------------------

std::shared_ptr<const Config> History::find(std::uint64_t generation) const {
  const auto found = generations_.find(generation);
  return found == generations_.end() ? nullptr : found->second.config;
}

std::optional<std::uint64_t> History::before() const {
  const auto at = generations_.find(current_);
  if (at == generations_.begin() || at == generations_.end()) return std::nullopt;
  return std::prev(at)->first;
}

std::string History::kept_words() const {
  std::string words;
  for (auto first = generations_.begin(); first != generations_.end();) {
    auto last = first;
    while (std::next(last) != generations_.end() && std::next(last)->first == last->first + 1)
      ++last;
    if (!words.empty()) words += ", ";
    words += first == last ? std::to_string(first->first)
                           : fmt::format("{} to {}", first->first, last->first);
    first = std::next(last);
  }
  return words;
}

std::vector<History::Entry> History::entries() const {
  std::vector<Entry> entries = entries_;
  for (Entry& entry : entries) {
    entry.is_kept = entry.generation != 0 && entry.cause != Cause::rollback &&
                    generations_.contains(entry.generation);
  }
  return entries;
}

}  // namespace devproxy
