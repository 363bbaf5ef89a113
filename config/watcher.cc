#include "config/watcher.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/handle.h"
#include "config/files.h"
#include "config/watched_folders.h"

namespace devproxy {
namespace {

constexpr std::uint64_t quiet_ms = 80;     ///< after the last event
constexpr std::uint64_t burst_ms = 1'000;  ///< after the first, when they do not end
constexpr std::uint64_t hollow_ms =
    200;                           ///< how long an empty or missing file may be a save under way
constexpr unsigned poll_ms = 500;  ///< where events cannot be had

/// What a file held when it was last looked at.
struct Content {
  enum class Form : std::uint8_t { missing, unreadable, empty, full };
  Form form = Form::missing;
  std::size_t size = 0;
  std::size_t hash = 0;

  bool operator==(const Content&) const = default;
  /// Some editors truncate or remove the file before they write it.
  bool hollow() const { return form == Form::missing || form == Form::empty; }
};

Content look(const std::string& path) {
  const auto text = read_file(path);
  if (!text) {
    return {text.error().missing ? Content::Form::missing : Content::Form::unreadable, 0, 0};
  }
  if (text->empty()) return {Content::Form::empty, 0, 0};
  return {Content::Form::full, text->size(), std::hash<std::string>()(*text)};
}

}  // namespace

struct ConfigWatcher::State {
  State(Loop& its_loop, std::function<void()> its_changed, Notice how)
      : loop(its_loop), changed(std::move(its_changed)), notice(how), timer(loop.agenda()) {}

  struct Folder {
    State& state;
    std::string name;  ///< its own: what libuv says when the folder itself is moved or removed
    std::set<std::string> names;  ///< of the entries that matter
    FolderId id;
    bool suspect = false;  ///< the folder itself changed: the watch may be on a dead one
    Handle<uv_fs_event_t> events;
  };
  struct Poll {
    State& state;
    Handle<uv_fs_poll_t> handle;
  };

  void watch(std::vector<std::string> files);
  void arm();
  bool arm_once();
  bool listen_to(const std::string& path, Folder& folder);
  void poll(const std::string& file);
  void on_event();
  void settle();

  Loop& loop;
  std::function<void()> changed;
  Notice notice;
  Timer timer;
  std::map<std::string, Content> contents;                 ///< as last reported, by path
  std::map<std::string, std::unique_ptr<Folder>> folders;  ///< by path
  std::map<std::string, std::unique_ptr<Poll>> polls;      ///< by path of the file
  std::optional<std::uint64_t> burst_since;
  std::optional<std::uint64_t> hollow_since;
};

void ConfigWatcher::State::watch(std::vector<std::string> files) {
  // What is known stays known: a change since then is still to be told.
  std::map<std::string, Content> kept = std::exchange(contents, {});
  for (std::string& file : files) {
    const auto known = kept.find(file);
    const Content content = known == kept.end() ? look(file) : known->second;
    contents.emplace(std::move(file), content);
  }
  arm();
}

// What was made just before a new watch began made no event: look again.
void ConfigWatcher::State::arm() {
  constexpr int rounds_max = 8;
  for (int round = 0; round < rounds_max && arm_once(); ++round) {
  }
}

// Watches the folders, not the files: a file that is replaced takes its watch along. True when a
// watch is new.
bool ConfigWatcher::State::arm_once() {
  bool fresh = false;
  std::map<std::string, std::set<std::string>> wanted;
  if (notice == Notice::events) {
    for (const auto& [file, content] : contents) folders_to_watch(file, wanted);
  }

  std::erase_if(folders, [&](const auto& entry) { return !wanted.contains(entry.first); });
  bool all = notice == Notice::events;
  for (auto& [path, names] : wanted) {
    const FolderId id = folder_id(path);
    std::unique_ptr<Folder>& folder = folders[path];
    if (folder && folder->id == id && !folder->suspect) {
      folder->names = std::move(names);
      continue;
    }
    folder.reset(new Folder{*this, name_of(path), std::move(names), id, false, nullptr});
    if (listen_to(path, *folder)) {
      fresh = true;
      continue;
    }
    folders.erase(path);
    all = false;
  }
  if (all) {
    std::erase_if(polls, [&](const auto& entry) {
      return !contents.contains(entry.first) || !is_blind_to_changes(folder_of(entry.first));
    });
  }
  for (const auto& [file, content] : contents) {
    if (!all || is_blind_to_changes(folder_of(file))) poll(file);
  }
  return fresh;
}

bool ConfigWatcher::State::listen_to(const std::string& path, Folder& folder) {
  folder.events.reset(new uv_fs_event_t);
  uv_fs_event_init(loop.uv(), folder.events.get());
  folder.events->data = &folder;
  const auto on_change = [](uv_fs_event_t* handle, const char* name, int /*events*/,
                            int /*status*/) {
    auto* const self = owner_of<Folder>(handle);
    if (self == nullptr) return;
    const Turn turn = self->state.loop.turn();
    if (name == nullptr || name == self->name) self->suspect = true;
    if (self->suspect || self->names.contains(name)) self->state.on_event();
  };
  return uv_fs_event_start(folder.events.get(), on_change, path.c_str(), 0) == 0;
}

void ConfigWatcher::State::poll(const std::string& file) {
  std::unique_ptr<Poll>& poll = polls[file];
  if (poll) return;
  poll.reset(new Poll{*this, Handle<uv_fs_poll_t>(new uv_fs_poll_t)});
  uv_fs_poll_init(loop.uv(), poll->handle.get());
  poll->handle->data = poll.get();
  const auto on_change = [](uv_fs_poll_t* handle, int /*status*/, const uv_stat_t* /*before*/,
                            const uv_stat_t* /*after*/) {
    auto* const self = owner_of<Poll>(handle);
    if (self == nullptr) return;
    const Turn turn = self->state.loop.turn();
    self->state.on_event();
  };
  uv_fs_poll_start(poll->handle.get(), on_change, file.c_str(), poll_ms);
  // It compares with what it finds first, which may be newer than what we know.
  on_event();
}

void ConfigWatcher::State::on_event() {
  const std::uint64_t now = loop.agenda().now();
  if (!burst_since) burst_since = now;
  if (timer.pending() && now - *burst_since >= burst_ms) return;
  timer.start(quiet_ms, [this] { settle(); });
}

void ConfigWatcher::State::settle() {
  burst_since.reset();
  // Before looking: what happens to a new folder after this look is an event again.
  arm();
  const std::uint64_t now = loop.agenda().now();
  std::map<std::string, Content> found;
  bool differs = false;
  bool hollow = false;
  for (const auto& [file, before] : contents) {
    const Content content = look(file);
    differs = differs || content != before;
    hollow = hollow || (content != before && content.hollow());
    found.emplace(file, content);
  }
  if (hollow) {
    if (!hollow_since) hollow_since = now;
    if (now - *hollow_since < hollow_ms) {
      timer.start(*hollow_since + hollow_ms - now, [this] { settle(); });
      return;
    }
  }
  hollow_since.reset();
  if (!differs) return;
  contents = std::move(found);
  changed();
}

ConfigWatcher::ConfigWatcher(Loop& loop, std::function<void()> changed, Notice notice)
    : state_(std::make_unique<State>(loop, std::move(changed), notice)) {}

ConfigWatcher::~ConfigWatcher() = default;

void ConfigWatcher::watch(std::vector<std::string> files) {
  state_->watch(std::move(files));
}

}  // namespace devproxy
