#include "config/layers.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "base/version.h"
#include "config/files.h"
#include "config/parse.h"
#include "config/versions.h"

namespace devproxy {
namespace {

constexpr std::size_t include_depth_max = 32;

}  // namespace

void Layers::read(const std::string& main_file) {
  read_file_and_includes(main_file, Need::required, {}, false);
  const std::string local = absolute_path(folder_of(main_file), local_file_name);
  if (local != main_file) read_file_and_includes(local, Need::optional, {}, false);
}

void Layers::read_file_and_includes(const std::string& path, Need need, Where included_at,
                                    bool included) {
  // Included twice by different ways: the first, lowest one counts.
  if (std::find(files_.begin(), files_.end(), path) != files_.end()) return;
  files_.push_back(path);
  auto text = read_file(path);
  if (!text) {
    if (text.error().missing && need == Need::optional) return;
    incomplete_ = true;
    return report_unreadable(path, text.error().why, included_at, included);
  }
  const std::uint32_t file = sources_.add(path, std::move(*text));
  auto root = parse_toml(sources_, file, report_);
  if (!root) {
    incomplete_ = true;
    return check_version_of_broken(file);
  }
  const Fields fields = reader_.fields(*root, Place::root, "");
  if (const Member* const wanted = fields[Key::requires_version]) require(wanted->value);
  open_.push_back(path);
  read_includes(fields[Key::include], path);
  open_.pop_back();
  lay(std::move(*root), file);
}

void Layers::read_includes(const Member* include, const std::string& path) {
  if (include == nullptr) return;
  const std::string folder = folder_of(path);
  std::unordered_set<std::string> seen;
  for (const Text& text : reader_.texts(include)) {
    const std::string wanted = absolute_path(folder, std::string(text.value));
    if (!seen.insert(wanted).second) {
      report_.add("config.duplicate", text.where,
                  in_quotes(text.value) + " stands twice in include", "take one out");
      continue;
    }
    const auto circle = std::find(open_.begin(), open_.end(), wanted);
    if (circle != open_.end()) {
      std::string way;
      for (auto at = circle; at != open_.end(); ++at) way += sources_.printed(*at) + " -> ";
      report_.add("config.include", text.where,
                  "include goes in a circle: " + way + sources_.printed(wanted),
                  "take one of these includes out");
      continue;
    }
    if (open_.size() >= include_depth_max) {
      report_.add("config.include", text.where, "includes are nested more than 32 deep",
                  "include the files from fewer levels");
      continue;
    }
    read_file_and_includes(wanted, Need::required, text.where, true);
  }
}

// A newer file may be broken only in the eyes of an older program: look for the line itself.
void Layers::check_version_of_broken(std::uint32_t file) {
  std::uint32_t number = 0;
  for (const std::string_view line : split(sources_.text(file), '\n')) {
    ++number;
    const std::string_view text = trim(line);
    if (text.starts_with('[')) return;
    if (!text.starts_with("requires")) continue;
    const std::size_t open = line.find_first_of("\"'");
    const std::size_t close =
        open == std::string_view::npos ? open : line.find(line[open], open + 1);
    if (close == std::string_view::npos) return;
    Node value;
    value.kind = NodeKind::string;
    value.text = line.substr(open + 1, close - open - 1);
    value.where = Where{Spot{file, number, static_cast<std::uint32_t>(open + 1)},
                        static_cast<std::uint32_t>(close - open + 1)};
    return require(value);
  }
}

void Layers::require(const Node& value) {
  const auto good = satisfies(program_version, value.text);
  if (!good) {
    report_.add("config.value", value.where, "requires: " + good.error().message,
                good.error().hint);
  } else if (!*good) {
    other_version_ = true;
    report_.add("config.requires", value.where,
                "this file is for devproxy " + std::string(value.text) + ", and this is devproxy " +
                    program_version,
                "install a devproxy that fits, or change requires");
  }
}

void Layers::report_unreadable(const std::string& path, const std::string& why, Where included_at,
                               bool included) {
  if (included) {
    report_.add("config.include", included_at,
                "cannot include " + sources_.printed(path) + ": " + why,
                "included paths are relative to the file that names them");
  } else {
    const bool denied = why.find("ermission denied") != std::string::npos;
    report_.add_without_place("config.unreadable", sources_.printed(path), "cannot be read: " + why,
                              denied ? "make it readable for you (chmod u+r), as its folders"
                                     : "name another file with --config, or run: devproxy init");
  }
}

void Layers::lay(Node root, std::uint32_t file) {
  ranks_.resize(std::max<std::size_t>(ranks_.size(), file + 1));
  ranks_[file] = ++layers_;
  merge_layer(merged_, std::move(root));
}

}  // namespace devproxy
