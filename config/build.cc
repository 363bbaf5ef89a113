#include <algorithm>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <variant>

#include "base/text.h"
#include "config/builder.h"
#include "config/files.h"

namespace devproxy {
Draft Builder::build() {
  const Fields top = reader_.fields(root_, Place::root, "");
  const Checkout checkout = find_checkout(folder_of(main_file_));
  name_project(top[Key::name], checkout);
  build_proxy(top[Key::proxy], reader_, files_, sources_, report_, draft_);
  set_worktree(top[Key::worktree], checkout);
  make_room(top);
  if (top[Key::services] != nullptr) {
    find_services(top[Key::services]->value);
    for (ServiceDraft& service : services_) build_service(service);
    check_dependencies();
  }
  if (top[Key::routes] != nullptr) {
    for (const Member& route : top[Key::routes]->value.members) build_route(route.value);
  }
  resolve_host_headers();
  put_in_order();
  rename_redirects();
  draft_.files = files_.take_files();
  draft_.files.insert(draft_.files.end(), checkout.files.begin(), checkout.files.end());
  return std::move(draft_);
}

void Builder::name_project(const Member* name, const Checkout& checkout) {
  draft_.config.file = main_file_;
  draft_.config.root = folder_of(main_file_);
  draft_.config.project = project_name(checkout, draft_.config.root);
  const auto text = reader_.text(name);
  if (!text) return;
  const std::string label = lower(text->value);
  if (is_label(label)) {
    draft_.config.project = label;
    return;
  }
  report_.add("config.value", text->where,
              "the name " + in_quotes(text->value) + " is not a DNS label",
              "write letters, digits and inner hyphens, at most 63: " +
                  in_quotes(make_label(text->value, "shop")));
}

void Builder::make_room(const Fields& top) {
  const auto count = [&](Key key) {
    return top[key] == nullptr ? 0 : top[key]->value.members.size();
  };
  const std::size_t services = count(Key::services);
  const std::size_t routes = services + count(Key::routes);
  services_.reserve(services);
  by_name_.reserve(services);
  draft_.config.services.reserve(services);
  draft_.target_at.reserve(services);
  draft_.tls_at.reserve(services);
  draft_.config.routes.reserve(routes);
  draft_.route_at.reserve(routes);
}

Draft build(const Node& root, const std::string& main_file, const Layers& layers,
            const Sources& sources, Report& report, Strings& strings) {
  return Builder(root, main_file, layers, sources, report, strings).build();
}

}  // namespace devproxy
