#include "tests/support/temp_dir.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "tests/support/wait.h"

namespace devproxy {

TempDir::TempDir() {
  path_ = (std::filesystem::temp_directory_path() / "dpt-XXXXXX").string();
  if (mkdtemp(path_.data()) == nullptr) give_up("cannot make a folder like " + path_);
  path_ = std::filesystem::canonical(path_).string();
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::write(std::string_view name, std::string_view text) const {
  std::string path = file(name);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) give_up("cannot write " + path);
  return path;
}

std::string TempDir::replace(std::string_view name, std::string_view text) const {
  const std::string beside = write(std::string(name) + ".new", text);
  std::filesystem::rename(beside, file(name));
  return file(name);
}

std::string TempDir::read(std::string_view name) const {
  std::ifstream in(file(name), std::ios::binary);
  if (!in) give_up("cannot read " + file(name));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace devproxy
