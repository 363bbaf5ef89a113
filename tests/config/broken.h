// A Broken is a row of the tables of broken files: what stands in devproxy.toml, and exactly what
// is said about it.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "tests/config/temp_project.h"

namespace devproxy {

struct Broken {
  const char* name;
  std::string_view toml;
  std::string_view expected;
};

inline void check_all(std::span<const Broken> rows) {
  std::set<std::string_view> names;
  for (const Broken& row : rows) {
    INFO(row.name);
    CHECK(names.insert(row.name).second);
    TempProject project;
    project.environment["WORD"] = "many";
    project.write("ok.toml", "");
    project.write("devproxy.toml", row.toml);
    CHECK(project.problems() == row.expected);
  }
}

}  // namespace devproxy
