#include "cli/running/spawn_self.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "base/text.h"
#include "cli/terminal/program_path.h"
#include "services/exec_shim.h"

extern char** environ;  // NOLINT: no header has it everywhere

namespace devproxy {
namespace {

constexpr off_t longest_log = off_t{1} << 20U;
constexpr std::size_t lines_told = 6;

std::string system_text(int error) {
  return std::generic_category().message(error);
}

int open_log(const std::string& path) {
  struct stat there {};
  if (::stat(path.c_str(), &there) == 0 && there.st_size > longest_log)
    ::rename(path.c_str(), (path + ".1").c_str());
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

}  // namespace

Result<pid_t> spawn_self(std::vector<std::string> words, const std::string& log) {
  const int file = open_log(log);
  if (file < 0)
    return fail(Code::denied, Source::system, fmt::format("{}: {}", log, system_text(errno)));
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, file, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, file, STDERR_FILENO);
  words.insert(words.begin(), "devproxy");
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  // By its real name, under which it is shown to people.
  const std::string program = program_path().value_or(own_program());
  pid_t pid = 0;
  const int error =
      ::posix_spawn(&pid, program.c_str(), &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  ::close(file);
  if (error != 0)
    return fail(Code::internal, Source::system, fmt::format("{}: {}", program, system_text(error)));
  return pid;
}

std::string last_words(const std::string& log, std::uintmax_t from) {
  const auto text = read_file(log);
  if (!text) return "";
  // It may have been made shorter meanwhile.
  const std::string_view words_now =
      std::string_view(*text).substr(from <= text->size() ? from : 0);
  auto lines = split(words_now, '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  std::string words;
  for (std::size_t i = lines.size() - std::min(lines.size(), lines_told); i < lines.size(); ++i)
    words.append("  ").append(escape(lines[i])).append("\n");
  return words;
}

}  // namespace devproxy
