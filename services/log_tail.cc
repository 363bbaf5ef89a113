#include "services/log_tail.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::streamoff most_read = std::streamoff{1} << 20;
constexpr std::size_t stamp_size = std::string_view("2026-11-22T13:41:02.123Z").size();

/// Whole lines from the end of the file.
std::string end_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const std::streamoff size = file.tellg();
  const std::streamoff begin = std::max<std::streamoff>(0, size - most_read);
  file.seekg(begin);
  std::string text(static_cast<std::size_t>(size - begin), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (begin > 0) text.erase(0, std::min(text.find('\n'), text.size() - 1) + 1);
  return text;
}

bool is_stamped(std::string_view line) {
  return line.size() > stamp_size && line[4] == '-' && line[10] == 'T' &&
         line[stamp_size - 1] == 'Z' && line[stamp_size] == ' ';
}

std::vector<LoggedLine> lines_of(std::string_view folder, const std::string& service,
                                 std::size_t count) {
  const std::string path = service_log_path(folder, service);
  std::string text = end_of(path);
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  // The file before this one has the rest.
  if (lines < count && text.size() < static_cast<std::size_t>(most_read))
    text.insert(0, end_of(path + ".1"));
  std::vector<LoggedLine> found;
  for (const std::string_view line : split(text, '\n')) {
    if (is_stamped(line)) {
      found.push_back({std::string(line.substr(0, stamp_size)), service,
                       std::string(line.substr(stamp_size + 1))});
    } else if (!line.empty()) {
      found.push_back({"", service, std::string(line)});
    }
  }
  if (found.size() > count)
    found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(count));
  return found;
}

}  // namespace

std::string service_log_path(std::string_view folder, std::string_view service) {
  return fmt::format("{}/{}.log", folder, service);
}

std::vector<LoggedLine> last_logged(std::string_view folder,
                                    const std::vector<std::string>& services, std::size_t count) {
  std::vector<LoggedLine> all;
  for (const std::string& service : services) {
    std::vector<LoggedLine> lines = lines_of(folder, service, count);
    all.insert(all.end(), std::make_move_iterator(lines.begin()),
               std::make_move_iterator(lines.end()));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const LoggedLine& a, const LoggedLine& b) { return a.time < b.time; });
  if (all.size() > count) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(count));
  return all;
}

}  // namespace devproxy
