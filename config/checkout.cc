#include "config/checkout.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "config/files.h"
#include "config/values.h"

namespace devproxy {
namespace fs = std::filesystem;
namespace {

/// The first line of a file that is one line long.
std::optional<std::string> first_line(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return std::nullopt;
  const std::string line(trim(std::string_view(*text).substr(0, text->find_first_of("\r\n"))));
  return line.empty() ? std::nullopt : std::optional(line);
}

bool is_file(const std::string& path) {
  std::error_code failed;
  return fs::is_regular_file(path, failed);
}

bool is_there(const std::string& path) {
  std::error_code failed;
  return fs::exists(path, failed);
}

std::string branch_in(std::string_view ref) {
  constexpr std::string_view heads = "refs/heads/";
  // ".invalid": the repository keeps its refs in tables, which only git reads.
  if (!ref.starts_with(heads) || ref.ends_with("/.invalid")) return "";
  return std::string(ref.substr(heads.size()));
}

/// The branch of a git folder with a HEAD of its own. While it is rebased or bisected HEAD names
/// none, and the branch that comes back afterwards is the one that is meant.
std::string branch_of(const std::string& git) {
  constexpr std::string_view ref = "ref: ";
  const auto head = first_line(git + "/HEAD");
  if (!head) return "";
  if (head->starts_with(ref)) return branch_in(head->substr(ref.size()));
  for (const char* const name : {"/rebase-merge/head-name", "/rebase-apply/head-name"}) {
    if (const auto rebased = first_line(git + name)) return branch_in(*rebased);
  }
  const auto start = first_line(git + "/BISECT_START");
  // A branch, or the commit where the bisection began.
  return start && start->find_first_not_of("0123456789abcdef") != std::string::npos ? *start : "";
}

bool is_bare(const std::string& common) {
  for (const char* const name : {"/config", "/config.worktree"}) {
    const auto text = read_file(common + name);
    if (!text) continue;
    for (const std::string_view line : split(*text, '\n')) {
      std::string words = lower(line);
      std::erase_if(words, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
      if (words == "bare=true") return true;
    }
  }
  return false;
}

/// Of "/x/shop/.git", "/x/shop/.bare" and "/x/shop.git": shop.
std::string main_name_of(const std::string& common) {
  const fs::path path(common);
  const std::string name = path.filename().string();
  if (name.starts_with('.')) return path.parent_path().filename().string();
  return path.extension() == ".git" ? path.stem().string() : name;
}

/// Of "/x/shop/.git" and "/x/shop/.jj": /x/shop, since both may be there.
std::string family_of(const std::string& repository) {
  std::error_code failed;
  const fs::path real = fs::weakly_canonical(repository, failed);
  if (failed) return repository;
  const std::string name = real.filename().string();
  return (name == ".git" || name == ".jj" ? real.parent_path() : real).string();
}

/// The folder of the work tree that a folder in .git/worktrees is about.
std::string tree_of(const std::string& git) {
  const auto file = first_line(git + "/gitdir");
  return file ? folder_of(absolute_path(git, *file)) : "";
}

/// When `git worktree add` made it: that file is never written again.
fs::file_time_type made(const std::string& git) {
  std::error_code failed;
  const auto time = fs::last_write_time(git + "/commondir", failed);
  return failed ? fs::file_time_type::max() : time;
}

std::vector<CheckoutName> older_than(const std::string& git, const std::string& common) {
  const auto own = std::pair(made(git), git);
  std::vector<CheckoutName> older;
  std::error_code failed;
  for (fs::directory_iterator each(common + "/worktrees", failed), end; !failed && each != end;
       each.increment(failed)) {
    const std::string other = each->path().string();
    // By its name: the way there may be another one, through a link.
    if (each->path().filename() == fs::path(git).filename()) continue;
    if (std::pair(made(other), other) > own) continue;
    const std::string folder = tree_of(other);
    // One that was removed by hand is still listed.
    if (!folder.empty() && is_there(folder)) older.push_back({folder, branch_of(other)});
  }
  std::sort(older.begin(), older.end(),
            [](const auto& a, const auto& b) { return a.folder < b.folder; });
  return older;
}

/// `git`: the folder that the file .git of `folder` names.
Checkout linked_git(const std::string& folder, const std::string& git) {
  Checkout checkout;
  checkout.name = {folder, branch_of(git)};
  const std::string common = absolute_path(git, first_line(git + "/commondir").value_or("."));
  const std::string real = common.ends_with('/') ? common.substr(0, common.size() - 1) : common;
  checkout.main_name = main_name_of(real);
  checkout.family = family_of(real);
  // Beside a bare repository all are linked: the one with its branch is the main one.
  const bool is_main =
      is_bare(real) && !checkout.name.branch.empty() && checkout.name.branch == branch_of(real);
  checkout.linked = !is_main;
  checkout.files = {git + "/HEAD"};
  if (checkout.linked) checkout.older = older_than(git, real);
  return checkout;
}

/// Nothing: `folder` is no root of a checkout, or one that belongs to a larger one.
std::optional<Checkout> git_at(const std::string& folder) {
  constexpr std::string_view key = "gitdir:";
  const std::string dot_git = folder + "/.git";
  if (!is_file(dot_git)) {
    if (!is_there(dot_git)) return std::nullopt;
    Checkout main;
    main.name.folder = folder;
    main.family = family_of(dot_git);
    return main;
  }
  const auto line = first_line(dot_git);
  if (!line || !line->starts_with(key)) return std::nullopt;
  const std::string git =
      absolute_path(folder, std::string(trim(std::string_view(*line).substr(key.size()))));
  if (is_file(git + "/commondir")) return linked_git(folder, git);
  // A submodule goes with the checkout around it.
  if (git.find("/modules/") != std::string::npos) return std::nullopt;
  Checkout main;
  main.name.folder = folder;
  main.family = family_of(git);
  return main;
}

std::optional<Checkout> jj_at(const std::string& folder) {
  const std::string repo = folder + "/.jj/repo";
  if (!is_there(repo)) return std::nullopt;
  Checkout checkout;
  checkout.name.folder = folder;
  checkout.family = family_of(folder_of(repo));
  if (!is_file(repo)) return checkout;
  checkout.linked = true;
  if (const auto main = first_line(repo)) {
    // /x/shop/.jj/repo
    const std::string path = absolute_path(folder + "/.jj", *main);
    checkout.family = family_of(folder_of(path));
    checkout.main_name = fs::path(folder_of(folder_of(path))).filename().string();
  }
  return checkout;
}

}  // namespace

Checkout find_checkout(const std::string& folder) {
  for (fs::path here = folder;; here = here.parent_path()) {
    const std::string path = here.string();
    auto found = git_at(path);
    // Where both are, git's may be the one that is shared with the main checkout.
    if (!found || !found->linked) {
      if (auto jj = jj_at(path)) found = std::move(jj);
    }
    if (found) return *std::move(found);
    if (here == here.parent_path()) return {};
  }
}

std::string project_name(const Checkout& checkout, const std::string& root) {
  const bool is_other =
      checkout.linked && root == checkout.name.folder && !checkout.main_name.empty();
  return make_label(is_other ? checkout.main_name : fs::path(root).filename().string(), "project");
}

}  // namespace devproxy
