#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "config/keys.h"
#include "config/layers.h"

namespace devproxy {
namespace {

enum class Inside : std::uint8_t { root, services, service, other };

Inside below(Inside here, std::string_view key) {
  if (here == Inside::root && key == "services") return Inside::services;
  if (here == Inside::services) return Inside::service;
  return Inside::other;
}

KindRole role_of(std::string_view key) {
  const KeyInfo* const info = find_key(Place::service, key);
  return info == nullptr ? KindRole::none : info->role;
}

// "I run api in my IDE" is two lines: a new kind takes the old one away, and what belonged to it.
void drop_kind(Node& service, const Node& over) {
  const auto kind =
      std::find_if(over.members.begin(), over.members.end(),
                   [](const Member& member) { return role_of(member.key) == KindRole::kind; });
  if (kind == over.members.end()) return;
  const bool forwards = kind->key != "redirect";
  std::erase_if(service.members, [&](const Member& member) {
    const KindRole role = role_of(member.key);
    return role == KindRole::kind || role == KindRole::belongs ||
           (role == KindRole::forwarding && !forwards);
  });
}

void merge_tables(Node& base, Node over, Inside here) {
  if (here == Inside::service) drop_kind(base, over);
  std::unordered_map<std::string_view, std::size_t> index;
  for (std::size_t i = 0; i < base.members.size(); ++i) index.emplace(base.members[i].key, i);
  for (Member& member : over.members) {
    const auto found = index.find(member.key);
    if (found == index.end()) {
      base.members.push_back(std::move(member));
      continue;
    }
    Member& old = base.members[found->second];
    const bool routes = here == Inside::root && member.key == "routes";
    // One condition: those of two layers would be two.
    const bool whole =
        here == Inside::service && (member.key == "ready" || member.key == "service_when");
    if (!whole && old.value.kind == NodeKind::table && member.value.kind == NodeKind::table) {
      merge_tables(old.value, std::move(member.value), below(here, member.key));
    } else if (routes && old.value.kind == NodeKind::array &&
               member.value.kind == NodeKind::array) {
      std::move(old.value.members.begin(), old.value.members.end(),
                std::back_inserter(member.value.members));
      old = std::move(member);
    } else {
      old = std::move(member);
    }
  }
}

}  // namespace

void merge_layer(Node& base, Node over) {
  if (base.members.empty()) {
    base = std::move(over);
    return;
  }
  merge_tables(base, std::move(over), Inside::root);
}

}  // namespace devproxy
