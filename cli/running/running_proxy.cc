#include "cli/running/running_proxy.h"

#include <algorithm>
#include <iterator>
#include <type_traits>

#include "base/json.h"
#include "base/text.h"
#include "cli/running/project_form.h"

namespace devproxy {
namespace {

const char* name_of(ListenOnly only) {
  if (only == ListenOnly::tls) return "tls";
  return only == ListenOnly::plain ? "plain" : "any";
}

ListenOnly only_of(const std::string& name) {
  if (name == "tls") return ListenOnly::tls;
  return name == "plain" ? ListenOnly::plain : ListenOnly::any;
}

/// What another version of the program left out is empty.
template <class T>
T member(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) return {};
  if constexpr (std::is_same_v<T, std::string>) {
    return found->is_string() ? found->get<std::string>() : T();
  } else if constexpr (std::is_same_v<T, bool>) {
    return found->is_boolean() && found->get<bool>();
  } else {
    return found->is_number_integer() ? found->get<T>() : T();
  }
}

std::vector<Json> objects(const Json& json, const char* name) {
  std::vector<Json> found;
  const auto list = json.find(name);
  if (list == json.end() || !list->is_array()) return found;
  std::copy_if(list->begin(), list->end(), std::back_inserter(found),
               [](const Json& entry) { return entry.is_object(); });
  return found;
}

}  // namespace

std::string project_words(const RunningProxy& proxy) {
  std::string words = escape_own(proxy.project);
  if (!proxy.worktree.empty()) words += ", worktree " + escape_own(proxy.worktree);
  return words;
}

const RunningService* find_running(const RunningProxy& proxy, std::string_view service) {
  const auto found =
      std::find_if(proxy.services.begin(), proxy.services.end(),
                   [service](const RunningService& each) { return each.name == service; });
  return found == proxy.services.end() ? nullptr : &*found;
}

const FollowedService* find_followed(const RunningProxy& proxy, std::string_view service) {
  const auto found =
      std::find_if(proxy.followed.begin(), proxy.followed.end(),
                   [service](const FollowedService& each) { return each.name == service; });
  return found == proxy.followed.end() ? nullptr : &*found;
}

const Fallback* find_fallback(const std::vector<Fallback>& fallbacks, std::string_view service) {
  const auto found =
      std::find_if(fallbacks.begin(), fallbacks.end(),
                   [service](const Fallback& each) { return each.service == service; });
  return found == fallbacks.end() ? nullptr : &*found;
}

std::string to_json(const RunningProxy& proxy) {
  Json json;
  json["pid"] = proxy.pid;
  json["version"] = proxy.version;
  json["shared"] = proxy.shared;
  json["project"] = proxy.project;
  json["file"] = proxy.file;
  json["since"] = proxy.since;
  json["attached_to"] = proxy.attached_to;
  json["run"] = proxy.run;
  json["listeners"] = Json::array();
  for (const BoundAddress& address : proxy.listeners) {
    json["listeners"].push_back(
        Json{{"host", address.host}, {"port", address.port}, {"only", name_of(address.only)}});
  }
  json["services"] = Json::array();
  for (const RunningService& service : proxy.services) {
    json["services"].push_back(Json{{"name", service.name},
                                    {"state", service.state},
                                    {"comes", service.comes},
                                    {"completed", service.completed},
                                    {"detail", service.detail},
                                    {"port", service.port},
                                    {"listens_on", service.listens_on},
                                    {"pid", service.process},
                                    {"url", service.url}});
  }
  json["followed"] = Json::array();
  for (const FollowedService& service : proxy.followed) {
    json["followed"].push_back(Json{{"name", service.name},
                                    {"port", service.port},
                                    {"pid", service.process},
                                    {"owner", service.owner},
                                    {"why_not", service.why_not}});
  }
  json["fallbacks"] = parse_json(fallbacks_form(proxy.fallbacks));
  json["attached"] = Json::array();
  for (const AttachedProject& project : proxy.attached) {
    json["attached"].push_back(Json{{"project", project.project},
                                    {"file", project.file},
                                    {"pid", project.process},
                                    {"since", project.since}});
  }
  json["worktree"] = proxy.worktree.empty()
                         ? Json()
                         : Json{{"label", proxy.worktree}, {"origin", proxy.worktree_origin}};
  json["generation"] = proxy.generation;
  json["generation_since"] = proxy.generation_since;
  json["rolled_back"] = proxy.rolled_back;
  json["forces"] = proxy.forces;
  json["invalid_file"] = proxy.invalid_file;
  return json_line(json);
}

Result<RunningProxy> read_running_proxy(std::string_view text) {
  const Json json = parse_json(text);
  if (!json.is_object())
    return fail(Code::invalid, Source::system,
                "a running devproxy answers what this version does not understand; restart it");
  RunningProxy proxy;
  proxy.pid = member<std::int64_t>(json, "pid");
  proxy.version = member<std::string>(json, "version");
  proxy.shared = member<bool>(json, "shared");
  proxy.project = member<std::string>(json, "project");
  proxy.file = member<std::string>(json, "file");
  proxy.since = member<std::int64_t>(json, "since");
  proxy.attached_to = member<std::int64_t>(json, "attached_to");
  proxy.run = member<std::string>(json, "run");
  if (const auto worktree = json.find("worktree");
      worktree != json.end() && worktree->is_object()) {
    proxy.worktree = member<std::string>(*worktree, "label");
    proxy.worktree_origin = member<std::string>(*worktree, "origin");
  }
  proxy.generation = member<std::uint64_t>(json, "generation");
  proxy.generation_since = member<std::int64_t>(json, "generation_since");
  proxy.rolled_back = member<bool>(json, "rolled_back");
  proxy.forces = member<bool>(json, "forces");
  proxy.invalid_file = member<std::string>(json, "invalid_file");
  for (const Json& entry : objects(json, "services")) {
    proxy.services.push_back(
        {member<std::string>(entry, "name"), member<std::string>(entry, "state"),
         member<bool>(entry, "comes"), member<bool>(entry, "completed"),
         member<std::string>(entry, "detail"), member<std::uint16_t>(entry, "port"),
         member<std::uint16_t>(entry, "listens_on"), member<std::int64_t>(entry, "pid"),
         member<std::string>(entry, "url")});
  }
  for (const Json& entry : objects(json, "followed")) {
    proxy.followed.push_back(
        {member<std::string>(entry, "name"), member<std::uint16_t>(entry, "port"),
         member<std::int64_t>(entry, "pid"), member<std::string>(entry, "owner"),
         member<std::string>(entry, "why_not")});
  }
  if (const auto fallbacks = json.find("fallbacks"); fallbacks != json.end())
    proxy.fallbacks = read_fallbacks(json_line(*fallbacks));
  for (const Json& entry : objects(json, "attached")) {
    proxy.attached.push_back(
        {member<std::string>(entry, "project"), member<std::string>(entry, "file"),
         member<std::int64_t>(entry, "pid"), member<std::int64_t>(entry, "since")});
  }
  for (const Json& entry : objects(json, "listeners")) {
    proxy.listeners.push_back({member<std::string>(entry, "host"),
                               member<std::uint16_t>(entry, "port"),
                               only_of(member<std::string>(entry, "only"))});
  }
  return proxy;
}

}  // namespace devproxy
