// A Worktree says which of several checkouts of one project this is, and what that does to its
// hosts: the main one has no label, the others have one in every name. Part of Config; values and
// pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace devproxy {

struct Checkout;
struct ProxySettings;

/// The key `worktree`.
enum class WorktreeForm : std::uint8_t {
  flat,    ///< shop-fix-ui.localhost
  nested,  ///< fix-ui.shop.localhost
  folder,  ///< as flat, and every folder that is not called like the project is a checkout
  off,     ///< every checkout has the same hosts
};

struct Worktree {
  WorktreeForm form = WorktreeForm::flat;
  std::string label;   ///< a DNS label; empty: the main checkout
  std::string origin;  ///< what it was made of: "branch fix/ui", "folder shop-2"
  std::string name;    ///< what {worktree} stands for: the label, else the folder's name
  /// What its checkouts have in common, so that they find each other: the folder of the repository;
  /// empty: their project's name alone.
  std::string family = {};
  /// Stable TCP ports of the shared file, which stay with the main checkout.
  std::vector<std::uint16_t> left_ports;

  /// Whether hosts are changed here.
  bool renames() const { return !label.empty() && form != WorktreeForm::off; }
};

/// `project`: the project's name; `root`: its folder, which is all there is to go by where no
/// version control is.
Worktree make_worktree(const Checkout& checkout, WorktreeForm form, const std::string& project,
                       const std::string& root);

/// A host of a route as it is called in this checkout: the label joins the one below the domain.
/// Names outside of `domains`, localhost and test belong to somebody else and stay as they are.
std::string host_in(const Worktree& worktree, const ProxySettings& proxy, const std::string& host);

}  // namespace devproxy
