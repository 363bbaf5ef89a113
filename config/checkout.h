// A Checkout is what version control says of a folder: whether it is the main checkout of its
// repository or one of several beside it (a linked git worktree, a jj workspace). Read from the
// files that git and jj keep; neither program is run. Blocks on the disk; any thread.
#pragma once

#include <string>
#include <vector>

namespace devproxy {

/// What a checkout may be called after.
struct CheckoutName {
  std::string folder;  ///< its root
  std::string branch;  ///< without refs/heads/; empty: none is checked out, or jj
};

struct Checkout {
  CheckoutName name;      ///< empty folder: no version control here
  bool linked = false;    ///< one beside the main checkout
  std::string main_name;  ///< the name of the main checkout's folder; empty: not known
  std::string family;     ///< the same for all of them: where the main one, or the repository, is
  std::vector<CheckoutName> older;  ///< linked ones of the same repository that were made before
  std::vector<std::string> files;   ///< that change when another branch is checked out
};

Checkout find_checkout(const std::string& folder);

/// What a project in `root` is called when its file does not say: every checkout has a folder of
/// its own, but they are one project.
std::string project_name(const Checkout& checkout, const std::string& root);

}  // namespace devproxy
