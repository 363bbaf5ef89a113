#include "config/node.h"

namespace devproxy {

const Member* Node::find(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

Member* Node::find(std::string_view key) {
  for (Member& member : members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

std::string_view describe(NodeKind kind) {
  switch (kind) {
    case NodeKind::table:
      return "a table";
    case NodeKind::array:
      return "a list";
    case NodeKind::string:
      return "a string";
    case NodeKind::integer:
      return "an integer";
    case NodeKind::real:
      return "a number with a fraction";
    case NodeKind::boolean:
      return "a boolean";
    case NodeKind::date:
      return "a date or time";
  }
  return "";
}

}  // namespace devproxy
