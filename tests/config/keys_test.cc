#include "config/keys.h"

#include <string>

#include "base/text.h"
#include "tests/config/temp_project.h"

namespace devproxy {
namespace {

/// A file in which the key has this value.
std::string file_with(const KeyInfo& key, const std::string& value) {
  const std::string line = std::string(key.name) + " = \"" + value + "\"";
  if (key.stands_in(Place::listen))
    return "[proxy]\nlisten = [{ addr = \"127.0.0.1:6289\", " + line + " }]\n";
  if (key.stands_in(Place::root)) return line + "\n[services.web]\nport = 4000\n";
  if (key.stands_in(Place::proxy)) return "[proxy]\n" + line + "\n";
  if (key.role == KindRole::belongs) return "[services.web]\ncommand = \"x\"\n" + line + "\n";
  return "[services.web]\nurl = \"http://127.0.0.1:1\"\n" + line + "\n";
}

std::string problems_of(const std::string& file) {
  const TempProject project;
  project.write("devproxy.toml", file);
  return project.problems();
}

TEST_CASE("keys: where words are listed, they are accepted and no other is", "[config]") {
  std::size_t count = 0;
  for (const KeyInfo& key : all_keys()) {
    if (key.choices.empty()) continue;
    for (const std::string_view word : split(key.choices, ' ')) {
      INFO(key.name << " = " << word);
      CHECK(problems_of(file_with(key, std::string(word))).empty());
      ++count;
    }
    CHECK_THAT(problems_of(file_with(key, "otherwise")), ContainsSubstring("otherwise"));
  }
  CHECK(count > 10);
}

}  // namespace
}  // namespace devproxy
