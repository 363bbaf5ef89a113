// A Node is a value of a TOML file with its place: our own small tree, so that nothing but parse.cc
// knows toml++. Texts are views into the Sources. Values; moved from layer to layer.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "config/sources.h"

namespace devproxy {

enum class NodeKind : std::uint8_t { table, array, string, integer, real, boolean, date };

struct Member;

struct Node {
  NodeKind kind = NodeKind::table;
  Where where;
  std::int64_t number = 0;      ///< integer; 0 or 1 for a boolean
  std::string_view text;        ///< string: its value
  std::vector<Member> members;  ///< table: in file order; array: with empty keys

  const Member* find(std::string_view key) const;
  Member* find(std::string_view key);
};

struct Member {
  std::string_view key;
  Where where;  ///< of the key
  Node value;
};

/// "a string", "an integer", "a table": for messages.
std::string_view describe(NodeKind kind);

}  // namespace devproxy
