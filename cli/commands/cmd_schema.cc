// `devproxy schema`: the JSON schema (draft 7) of devproxy.toml, made from the table of keys.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "config/keys.h"

namespace devproxy {
namespace {

struct Definition {
  Place place;
  const char* name;
  const char* about;
};

constexpr std::array<Definition, 8> definitions{{
    {Place::service, "service", "something that answers: exactly one kind, and its own route"},
    {Place::route, "route", "one more route to a service"},
    {Place::proxy, "proxy", "the proxy's own settings"},
    {Place::listen, "listen", "an address to accept on, and what"},
    {Place::tls, "tls", "a certificate of your own"},
    {Place::ready, "ready", "how to know that a command answers"},
    {Place::follow, "follow", "which process or container is followed"},
    {Place::when, "service_when", "which requests go to another service"},
}};

constexpr const char* variable = R"(\$\{)";  ///< a string with ${NAME} is whatever that is

Json text() {
  return {{"type", "string"}};
}
Json text_with_variable() {
  return {{"type", "string"}, {"pattern", variable}};
}
Json any_of(std::initializer_list<Json> forms) {
  return {{"anyOf", Json(std::vector<Json>(forms))}};
}
Json list_of(Json item) {
  return {{"type", "array"}, {"items", std::move(item)}};
}
Json map_of(Json value) {
  return {{"type", "object"}, {"additionalProperties", std::move(value)}};
}
Json reference(const char* definition) {
  return {{"$ref", fmt::format("#/definitions/{}", definition)}};
}

Json table_of(Key key) {
  if (key == Key::services) {
    Json services = map_of(reference("service"));
    services["propertyNames"] = {{"pattern", "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"}};
    return services;
  }
  if (key == Key::env) return map_of({{"type", {"string", "integer", "boolean"}}});
  for (const Definition& definition : definitions) {
    if (info_of(key).name == definition.name) return reference(definition.name);
  }
  return map_of(text());
}

Json type_of(const KeyInfo& key) {
  switch (key.type) {
    case KeyType::string: {
      if (key.choices.empty()) return text();
      Json words = Json::array();
      for (const std::string_view word : split(key.choices, ' ')) words.push_back(word);
      return any_of({{{"enum", std::move(words)}}, text_with_variable()});
    }
    case KeyType::strings:
      return list_of(text());
    case KeyType::one_or_more:
      return any_of({text(), list_of(text())});
    case KeyType::integer:
      return any_of({{{"type", "integer"}}, text_with_variable()});
    case KeyType::boolean:
      return any_of({{{"type", "boolean"}}, text_with_variable()});
    case KeyType::duration:
      return any_of(
          {{{"type", "string"}, {"pattern", R"(^([0-9]+(ms|s|m|h)|0)$|\$\{)"}}, {{"const", 0}}});
    case KeyType::table:
      return table_of(key.key);
    case KeyType::table_or_tables: {
      const Json table = table_of(key.key);
      return any_of({table, list_of(table)});
    }
    case KeyType::tables:
      return list_of(reference("route"));
    case KeyType::listen: {
      const Json entry = any_of({text(), reference("listen")});
      return any_of({text(), reference("listen"), list_of(entry)});
    }
    case KeyType::boolean_or_full:
      return any_of({{{"enum", {true, false, "full"}}}, text_with_variable()});
  }
  return {};
}

std::string plain(std::string_view words) {
  std::string result(words);
  std::erase(result, '`');
  return result;
}

std::string description_of(const KeyInfo& key) {
  const bool has_default = !key.fallback.empty() && key.fallback != "required";
  return plain(has_default ? fmt::format("{}; default: {}", key.meaning, key.fallback)
                           : std::string(key.meaning));
}

void add_keys(Json& object, Place place) {
  object["type"] = "object";
  object["additionalProperties"] = false;
  Json required = Json::array();
  object["properties"] = Json::object();
  for (const KeyInfo& key : all_keys()) {
    if (key.key == Key::none || !key.stands_in(place)) continue;
    Json property{{"description", description_of(key)}};
    Json type = type_of(key);
    // Draft 7 ignores what stands beside a $ref.
    if (type.contains("$ref")) type = {{"allOf", Json::array({std::move(type)})}};
    property.update(type);
    object["properties"][std::string(key.name)] = std::move(property);
    if (key.fallback == "required") required.push_back(key.name);
  }
  if (!required.empty()) object["required"] = std::move(required);
}

Json schema() {
  Json json;
  json["$schema"] = "http://json-schema.org/draft-07/schema#";
  json["title"] = "devproxy.toml";
  json["description"] = fmt::format(
      "the configuration of devproxy {}: which name leads to which service", keys_since);
  add_keys(json, Place::root);
  for (const Definition& definition : definitions) {
    Json& object = json["definitions"][definition.name];
    object["description"] = definition.about;
    add_keys(object, definition.place);
  }
  return json;
}

}  // namespace

Outcome run_schema(const Invocation& /*invocation*/, const Console& /*console*/) {
  write_out(schema().dump(2) + "\n");
  return ExitCode::done;
}

}  // namespace devproxy
