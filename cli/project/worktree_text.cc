#include "cli/project/worktree_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace devproxy {

std::string worktree_text(const Worktree& worktree) {
  if (worktree.label.empty()) return "";
  std::string text = fmt::format(
      "{} ({}): {}", worktree.label, escape_own(worktree.origin),
      worktree.renames()
          ? "the hosts here carry its label"
          : "the hosts are those of the main checkout, for the file says worktree = \"off\"");
  if (!worktree.left_ports.empty()) {
    text += fmt::format("; listen = {} is left to the main checkout",
                        fmt::join(worktree.left_ports, ", "));
  }
  return text;
}

}  // namespace devproxy
