#include "config/worktree.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/hash.h"
#include "config/certificates.h"
#include "config/checkout.h"
#include "config/config.h"
#include "config/values.h"

namespace devproxy {
namespace {

/// Of the worktree's part: something has to be left for the name that it joins.
constexpr std::size_t own_part_max = 40;
constexpr std::size_t hash_letters = 4;

std::string short_hash(std::string_view text) {
  return fmt::format("{:04x}", fnv_1a(text) & 0xffffU);
}

/// `label`, at most `most` letters long; what was cut or must not be mistaken for another ends in a
/// hash of `unique`.
std::string with_hash(std::string label, std::string_view unique, std::size_t most) {
  label.resize(std::min(label.size(), most - hash_letters - 1));
  while (!label.empty() && label.back() == '-') label.pop_back();
  return label + "-" + short_hash(unique);
}

std::string fitting(std::string label, std::string_view unique, std::size_t most) {
  return label.size() <= most ? label : with_hash(std::move(label), unique, most);
}

/// "shop-fix-ui" of the project shop is "fix-ui"; "shop" itself says nothing.
std::string without(std::string label, const std::string& project) {
  if (label == project) return "";
  if (label.starts_with(project + "-")) return label.substr(project.size() + 1);
  return label;
}

std::string folder_name(const std::string& folder) {
  return std::filesystem::path(folder).filename().string();
}

/// What the folders of a checkout call it: its own name, else that of the one above
/// ("~/work/a1b2/shop").
std::string folder_label(const std::string& folder, const std::string& project,
                         const std::string& main_name) {
  for (const std::string& name :
       {folder_name(folder), folder_name(std::filesystem::path(folder).parent_path().string())}) {
    std::string label = without(make_label(name, ""), project);
    if (!main_name.empty()) label = without(std::move(label), make_label(main_name, ""));
    if (!label.empty()) return label;
  }
  return short_hash(folder);
}

/// Of a linked checkout that is `made_of` a branch, or of its folder.
std::string linked_label(const CheckoutName& name, const std::string& project,
                         const std::string& main_name) {
  const std::string label = make_label(name.branch, "");
  return fitting(label.empty() ? folder_label(name.folder, project, main_name) : label, name.folder,
                 own_part_max);
}

void label_linked(Worktree& worktree, const Checkout& checkout, const std::string& project) {
  const auto label_of = [&](const CheckoutName& name) {
    return linked_label(name, project, checkout.main_name);
  };
  worktree.label = label_of(checkout.name);
  worktree.origin = checkout.name.branch.empty() ? "folder " + folder_name(checkout.name.folder)
                                                 : "branch " + checkout.name.branch;
  // fix/ui and fix-ui: whoever came first keeps the label.
  const bool is_taken =
      std::any_of(checkout.older.begin(), checkout.older.end(),
                  [&](const CheckoutName& older) { return label_of(older) == worktree.label; });
  if (is_taken) worktree.label = with_hash(worktree.label, checkout.name.folder, own_part_max);
}

void label_copy(Worktree& worktree, const std::string& folder, const std::string& project) {
  const std::string name = folder_name(folder);
  worktree.label =
      fitting(without(make_label(name, short_hash(folder)), project), folder, own_part_max);
  if (!worktree.label.empty()) worktree.origin = "folder " + name;
}

/// The longest domain of ours that `host` is, or is below; empty: none.
std::string domain_of(const ProxySettings& proxy, std::string_view host) {
  std::string longest;
  const auto look = [&](const std::string& domain) {
    if (domain.size() > longest.size() && is_below(host, domain)) longest = domain;
  };
  look("localhost");
  look("test");
  for (const std::string& domain : proxy.domains) look(domain);
  return longest;
}

}  // namespace

Worktree make_worktree(const Checkout& checkout, WorktreeForm form, const std::string& project,
                       const std::string& root) {
  Worktree worktree;
  worktree.form = form;
  const std::string& folder = checkout.name.folder.empty() ? root : checkout.name.folder;
  if (form == WorktreeForm::folder) {
    label_copy(worktree, folder, project);
  } else {
    worktree.family = checkout.family;
    if (checkout.linked) label_linked(worktree, checkout, project);
  }
  worktree.name =
      worktree.label.empty() ? make_label(folder_name(folder), "project") : worktree.label;
  return worktree;
}

std::string host_in(const Worktree& worktree, const ProxySettings& proxy, const std::string& host) {
  if (!worktree.renames()) return host;
  const std::string domain = domain_of(proxy, host);
  if (domain.empty()) return host;
  // The domain itself has no label to join, and a name beside it would be somebody else's.
  if (host.size() == domain.size()) return worktree.label + "." + host;
  const std::string before = host.substr(0, host.size() - domain.size() - 1);
  const std::size_t dot = before.rfind('.');
  const std::string front = dot == std::string::npos ? "" : before.substr(0, dot + 1);
  const std::string own = dot == std::string::npos ? before : before.substr(dot + 1);
  if (own == "*") return front + "*." + worktree.label + "." + domain;
  if (worktree.form == WorktreeForm::nested)
    return front + worktree.label + "." + own + "." + domain;
  const std::string joined = own + "-" + worktree.label;
  return front + fitting(joined, joined, label_max) + "." + domain;
}

}  // namespace devproxy
