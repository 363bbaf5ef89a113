// Reading the files of a configuration, and finding the main one. Stateless; any thread.
#pragma once

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <vector>

namespace devproxy {

inline constexpr const char* main_file_name = "devproxy.toml";
inline constexpr const char* local_file_name = "devproxy.local.toml";
inline constexpr const char* env_file_name = ".env";

struct ReadFailure {
  bool missing = false;
  std::string why;  ///< "no such file", "is a folder"
};

/// The whole text of a regular file of at most 16 MiB.
tl::expected<std::string, ReadFailure> read_file(const std::string& path);

/// `path` made absolute against `folder` and free of dot segments; links are not followed.
std::string absolute_path(const std::string& folder, const std::string& path);
std::string folder_of(const std::string& path);

struct Search {
  std::optional<std::string> found;
  std::vector<std::string> looked;  ///< every path that was tried, `found` included
  std::string top;                  ///< the folder in which the search ended
  bool top_is_git_root = false;
};

/// Looks for devproxy.toml in `folder` and upwards to the root of its git work tree, else to "/".
Search find_main_file(const std::string& folder);

}  // namespace devproxy
