#include "config/reader.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "config/versions.h"

namespace devproxy {
namespace {

std::string title_of(Place place, std::string_view name) {
  switch (place) {
    case Place::root:
      return "at the top of the file";
    case Place::service:
      return "in [services." + std::string(name) + "]";
    case Place::route:
      return "in [[routes]]";
    case Place::proxy:
      return "in [proxy]";
    case Place::listen:
      return "in an entry of listen";
    case Place::tls:
      return "in tls";
    case Place::ready:
      return "in ready";
    case Place::follow:
      return "in follow";
    case Place::when:
      return "in service_when";
  }
  return "";
}

bool all_strings(const Node& node) {
  return node.kind == NodeKind::array &&
         std::all_of(node.members.begin(), node.members.end(),
                     [](const Member& item) { return item.value.kind == NodeKind::string; });
}

bool all_tables(const Node& node) {
  return node.kind == NodeKind::array &&
         std::all_of(node.members.begin(), node.members.end(),
                     [](const Member& item) { return item.value.kind == NodeKind::table; });
}

bool is_listen_entry(const Node& node) {
  return node.kind == NodeKind::string || node.kind == NodeKind::table;
}

bool has_type(const Node& node, KeyType type) {
  // "${PORT}" becomes a number, "${ON:-true}" a boolean, once it is expanded.
  const bool expands =
      node.kind == NodeKind::string && node.text.find("${") != std::string_view::npos;
  switch (type) {
    case KeyType::string:
      return node.kind == NodeKind::string;
    case KeyType::strings:
      return all_strings(node);
    case KeyType::one_or_more:
      return node.kind == NodeKind::string || all_strings(node);
    case KeyType::integer:
      return node.kind == NodeKind::integer || expands;
    case KeyType::boolean:
      return node.kind == NodeKind::boolean || expands;
    case KeyType::duration:
      return node.kind == NodeKind::string || node.kind == NodeKind::integer;
    case KeyType::table:
      return node.kind == NodeKind::table;
    case KeyType::tables:
      return all_tables(node);
    case KeyType::table_or_tables:
      return node.kind == NodeKind::table || all_tables(node);
    case KeyType::listen:
      return is_listen_entry(node) ||
             (node.kind == NodeKind::array &&
              std::all_of(node.members.begin(), node.members.end(),
                          [](const Member& item) { return is_listen_entry(item.value); }));
    case KeyType::boolean_or_full:
      return node.kind == NodeKind::boolean || node.kind == NodeKind::string;
  }
  return false;
}

/// The item of a list that made it the wrong type, else the list itself.
const Node& culprit(const Node& node, KeyType type) {
  const bool list = type == KeyType::strings || type == KeyType::one_or_more ||
                    type == KeyType::tables || type == KeyType::table_or_tables ||
                    type == KeyType::listen;
  if (!list || node.kind != NodeKind::array) return node;
  for (const Member& item : node.members) {
    const bool tables = type == KeyType::tables || type == KeyType::table_or_tables;
    const bool good = tables                    ? item.value.kind == NodeKind::table
                      : type == KeyType::listen ? is_listen_entry(item.value)
                                                : item.value.kind == NodeKind::string;
    if (!good) return item.value;
  }
  return node;
}

std::string hint_for_type(const Member& member, KeyType type) {
  const Node& node = member.value;
  const std::string key(member.key);
  const bool text = node.kind == NodeKind::string;
  const std::string value(node.text);
  if (type == KeyType::integer && text && parse_number(node.text)) {
    return "write it without quotes: " + key + " = " + value;
  }
  if (type == KeyType::boolean && text && (value == "true" || value == "false")) {
    return "write it without quotes: " + key + " = " + value;
  }
  if (type == KeyType::strings && text) return "write " + key + " = [" + in_quotes(value) + "]";
  if ((type == KeyType::string || type == KeyType::one_or_more) && node.kind == NodeKind::integer) {
    return "write it in quotes: " + key + " = " + in_quotes(std::to_string(node.number));
  }
  if (key == "https" && node.kind == NodeKind::boolean) {
    return node.number != 0 ? "write https = \"on\"" : "write https = \"off\"";
  }
  if (key == "tls" && text) {
    return "write tls = { cert = " + in_quotes(value) + ", key = \"…\" }";
  }
  if (key == "service_when" && text)
    return "write service_when = { cookie = " + in_quotes(value) + ", service = \"…\" }";
  if (key == "follow" && text) return "write follow = { dir = " + in_quotes(value) + " }";
  if (type == KeyType::tables && node.kind == NodeKind::table) {
    return "write [[" + key + "]], with two brackets";
  }
  return "";
}

}  // namespace

Fields Reader::fields(const Node& table, Place place, std::string_view name) {
  Fields fields;
  for (const Member& member : table.members) {
    const KeyInfo* const info = find_key(place, member.key);
    if (info == nullptr) {
      report_.add("config.unknown_key", member.where,
                  "unknown key " + in_quotes(member.key) + " " + title_of(place, name),
                  hint_for_unknown(place, member.key));
      if (const KeyInfo* const meant = nearest_key(place, member.key)) {
        fields.failed.push_back(meant);
      }
      continue;
    }
    if (info->role == KindRole::kind) {
      if (fields.kind == nullptr) {
        fields.kind = &member;
      } else {
        fields.other_kinds.push_back(&member);
      }
    }
    if (info->key == Key::none) {
      report_.add("config.not_built", member.where,
                  std::string(info->name) + ": not in " + this_version(),
                  std::string(info->meaning));
    } else if (check_type(member, *info)) {
      fields.members[static_cast<std::size_t>(info->key)] = &member;
    } else {
      fields.failed.push_back(info);
    }
  }
  return fields;
}

bool Reader::check_type(const Member& member, const KeyInfo& info) {
  if (has_type(member.value, info.type)) return true;
  const Node& found = culprit(member.value, info.type);
  const bool item = &found != &member.value;
  report_.add("config.type", found.where,
              std::string(info.name) + ": expected " + std::string(describe(info.type)) +
                  ", found " + std::string(describe(found.kind)) + (item ? " in the list" : ""),
              hint_for_type(member, info.type));
  return false;
}

std::optional<Text> Reader::text(const Member* member) {
  if (member == nullptr) return std::nullopt;
  return strings_.expand(member->value);
}

std::vector<Text> Reader::texts(const Member* member) {
  std::vector<Text> list;
  if (member == nullptr) return list;
  if (member->value.kind == NodeKind::string) {
    if (auto text = strings_.expand(member->value)) list.push_back(*text);
    return list;
  }
  if (member->value.members.empty()) {
    report_.add("config.value", member->value.where, std::string(member->key) + " is an empty list",
                "leave the key out for its default");
  }
  for (const Member& item : member->value.members) {
    const auto text = strings_.expand(item.value);
    if (!text) continue;
    list.push_back(*text);
  }
  return list;
}

std::optional<std::int64_t> Reader::integer(const Member* member) {
  if (member == nullptr) return std::nullopt;
  if (member->value.kind == NodeKind::integer) return member->value.number;
  const auto text = strings_.expand(member->value);
  if (!text) return std::nullopt;
  const auto number = parse_number(text->value);
  if (number && *number <= INT64_MAX) return static_cast<std::int64_t>(*number);
  report_.add("config.type", text->where,
              std::string(member->key) + ": expected an integer, found " + in_quotes(text->value) +
                  " after expansion",
              "set the variable to a number");
  return std::nullopt;
}

std::optional<bool> Reader::boolean(const Member* member) {
  if (member == nullptr) return std::nullopt;
  if (member->value.kind == NodeKind::boolean) return member->value.number != 0;
  const auto text = strings_.expand(member->value);
  if (!text) return std::nullopt;
  if (text->value == "true") return true;
  if (text->value == "false") return false;
  report_.add("config.type", text->where,
              std::string(member->key) + ": expected true or false, found " +
                  in_quotes(text->value) + " after expansion",
              "set the variable to true or false");
  return std::nullopt;
}

std::optional<Milliseconds> Reader::duration(const Member* member) {
  if (member == nullptr) return std::nullopt;
  if (member->value.kind == NodeKind::integer) {
    return accept(parse_duration(std::to_string(member->value.number)), member->value.where);
  }
  const auto text = strings_.expand(member->value);
  if (!text) return std::nullopt;
  return accept(parse_duration(text->value), text->where);
}

}  // namespace devproxy
