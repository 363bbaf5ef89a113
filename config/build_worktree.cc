// Builder: which checkout this is, and what its hosts are called.
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "config/builder.h"
#include "config/files.h"

namespace devproxy {
namespace {

constexpr std::array<std::pair<std::string_view, WorktreeForm>, 4> forms = {{
    {"flat", WorktreeForm::flat},
    {"nested", WorktreeForm::nested},
    {"folder", WorktreeForm::folder},
    {"off", WorktreeForm::off},
}};

}  // namespace

void Builder::set_worktree(const Member* form, const Checkout& checkout) {
  WorktreeForm wanted = WorktreeForm::flat;
  if (const auto text = reader_.text(form)) {
    const auto* const known = std::find_if(
        forms.begin(), forms.end(), [&](const auto& each) { return each.first == text->value; });
    if (known != forms.end()) {
      wanted = known->second;
    } else {
      report_.add("config.value", text->where,
                  "worktree: expected \"flat\", \"nested\", \"folder\" or \"off\", found " +
                      in_quotes(text->value),
                  "\"flat\" makes shop-fix-ui.localhost of shop.localhost in a worktree, "
                  "\"nested\" fix-ui.shop.localhost");
    }
  }
  const Config& config = draft_.config;
  draft_.config.worktree = make_worktree(checkout, wanted, config.project, config.root);
}

std::string Builder::host_here(std::string host, Where where) {
  std::string here = host_in(draft_.config.worktree, draft_.config.proxy, host);
  if (here == host) return here;
  if (here.size() > name_max) {
    report_.add("config.value", where,
                "in this worktree the host is " + here + ", " + std::to_string(here.size()) +
                    " letters long",
                "a name has at most 253: shorten it, or write worktree = \"off\"");
  }
  renamed_.emplace(std::move(host), here);
  return here;
}

void Builder::rename_redirects() {
  if (renamed_.empty()) return;
  for (Service& service : draft_.config.services) {
    auto* const redirect = std::get_if<RedirectTarget>(&service.target);
    if (redirect == nullptr) continue;
    const std::string host = authority_of(redirect->to).host;
    const auto here = renamed_.find(host);
    const std::size_t begin = redirect->to.find("://");
    if (here != renamed_.end() && begin != std::string::npos)
      redirect->to.replace(begin + 3, host.size(), here->second);
  }
}

// Two checkouts cannot both have port 5432. What only this one says is meant for this one.
bool Builder::leave_port(std::uint16_t port, Where where) {
  Worktree& worktree = draft_.config.worktree;
  if (!worktree.renames() ||
      sources_.path(where.spot.file) == absolute_path(draft_.config.root, local_file_name))
    return false;
  worktree.left_ports.push_back(port);
  return true;
}

}  // namespace devproxy
