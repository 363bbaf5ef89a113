#include "config/files.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

namespace devproxy {
namespace fs = std::filesystem;
namespace {

constexpr std::uintmax_t file_max = std::uintmax_t{16} * 1024 * 1024;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

tl::unexpected<ReadFailure> cannot(std::string why) {
  return tl::unexpected(ReadFailure{false, std::move(why)});
}

// A work tree's root holds a folder `.git`, or a file of that name in linked work trees and
// submodules.
bool is_git_root(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / ".git", error);
}

}  // namespace

tl::expected<std::string, ReadFailure> read_file(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    return tl::unexpected(ReadFailure{true, "there is no such file"});
  }
  if (error) return cannot(error.message());
  if (fs::is_directory(status)) return cannot("it is a folder");
  if (!fs::is_regular_file(status)) return cannot("it is not a regular file");
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return cannot(error.message());
  if (size > file_max) return cannot("it is larger than 16 MiB");

  errno = 0;
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) {
    const std::error_code why(errno == 0 ? EIO : errno, std::generic_category());
    return tl::unexpected(ReadFailure{why.value() == ENOENT, why.message()});
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return cannot("reading it failed");
  return text;
}

std::string absolute_path(const std::string& folder, const std::string& path) {
  return (fs::path(folder) / path).lexically_normal().string();
}

std::string folder_of(const std::string& path) {
  return fs::path(path).parent_path().string();
}

Search find_main_file(const std::string& folder) {
  Search search;
  fs::path here = fs::path(folder).lexically_normal();
  for (;;) {
    const fs::path candidate = here / main_file_name;
    search.looked.push_back(candidate.string());
    search.top = here.string();
    std::error_code error;
    if (fs::exists(candidate, error) && !fs::is_directory(candidate, error)) {
      search.found = candidate.string();
      return search;
    }
    search.top_is_git_root = is_git_root(here);
    if (search.top_is_git_root || here == here.parent_path()) return search;
    here = here.parent_path();
  }
}

}  // namespace devproxy
