#include "config/parse.h"

#include <toml++/toml.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "config/plain.h"
#include "config/syntax.h"

namespace devproxy {
namespace {

class Converter {
 public:
  Converter(Sources& sources, std::uint32_t file) : sources_(sources), file_(file) {}

  Node node(const toml::node& from) {
    Node to;
    to.where = where(from.source());
    if (const toml::table* table = from.as_table()) {
      to.kind = NodeKind::table;
      to.members = members(*table);
    } else if (const toml::array* array = from.as_array()) {
      to.kind = NodeKind::array;
      to.members.reserve(array->size());
      for (const toml::node& item : *array) to.members.push_back(Member{{}, {}, node(item)});
      // Of [[headers]]: as long as the first, wherever toml++ saw the list end.
      if (!to.members.empty() && same(to.where.spot, to.members[0].value.where.spot)) {
        to.where = to.members[0].value.where;
      }
    } else if (const auto* string = from.as_string()) {
      to.kind = NodeKind::string;
      to.text = sources_.keep(string->get());
    } else if (const auto* integer = from.as_integer()) {
      to.kind = NodeKind::integer;
      to.number = integer->get();
    } else if (const auto* boolean = from.as_boolean()) {
      to.kind = NodeKind::boolean;
      to.number = boolean->get() ? 1 : 0;
    } else {
      to.kind = from.is_floating_point() ? NodeKind::real : NodeKind::date;
    }
    return to;
  }

 private:
  static bool same(Spot a, Spot b) { return a.line == b.line && a.column == b.column; }

  // toml++ sorts its tables by key; people read files from top to bottom.
  std::vector<Member> members(const toml::table& table) {
    std::vector<Member> list;
    list.reserve(table.size());
    for (auto&& [key, value] : table) {
      list.push_back(Member{sources_.keep(key.str()), where(key.source()), node(value)});
    }
    std::sort(list.begin(), list.end(), [](const Member& a, const Member& b) {
      return std::pair(a.where.spot.line, a.where.spot.column) <
             std::pair(b.where.spot.line, b.where.spot.column);
    });
    return list;
  }

  Where where(const toml::source_region& region) const {
    Where at{Spot{file_, region.begin.line, region.begin.column}, 1};
    if (region.end.line == region.begin.line && region.end.column > region.begin.column) {
      at.length = region.end.column - region.begin.column;
    }
    return at;
  }

  Sources& sources_;
  std::uint32_t file_;
};

}  // namespace

std::optional<Node> parse_toml(Sources& sources, std::uint32_t file, Report& report) {
  if (auto plain = parse_plain(sources, file)) return plain;
  return parse_whole_toml(sources, file, report);
}

std::optional<Node> parse_whole_toml(Sources& sources, std::uint32_t file, Report& report) {
  const toml::parse_result parsed = toml::parse(sources.text(file));
  if (!parsed) {
    const toml::source_position at = parsed.error().source().begin;
    report_syntax(sources, Spot{file, at.line, at.column}, parsed.error().description(), report);
    return std::nullopt;
  }
  Node root = Converter(sources, file).node(parsed.table());
  root.where = Where{Spot{file, 1, 1}, 1};
  return root;
}

}  // namespace devproxy
