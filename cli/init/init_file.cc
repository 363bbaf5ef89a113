#include "cli/init/init_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"

namespace devproxy {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t max_file = 1U << 20U;
constexpr std::size_t max_folders = 64;
constexpr std::size_t max_findings = 50;
constexpr const char* schema_name = "devproxy.schema.json";

std::optional<std::string> read_file(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error) || fs::file_size(path, error) > max_file)
    return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator each(folder, error); !error && each != fs::directory_iterator();
       each.increment(error)) {
    const std::string name = each->path().filename().string();
    if (name.starts_with('.') || name == "node_modules" || name == "vendor" || name == "dist" ||
        name == "build")
      continue;
    std::error_code ignored;
    if (each->is_directory(ignored)) folders.push_back(each->path());
  }
  std::sort(folders.begin(), folders.end());
  folders.resize(std::min(folders.size(), max_folders));
  return folders;
}

/// The one that gets the project's own name: how people call it, then whether its port is known,
/// then order.
std::size_t main_finding(const std::vector<Finding>& findings) {
  constexpr std::array<std::string_view, 8> names{"web",    "frontend", "app",  "www",
                                                  "client", "ui",       "site", "website"};
  std::size_t best = 0;
  int best_score = -1;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    if (!findings[i].speaks_http || !findings[i].listens) continue;
    const auto name = std::find(names.begin(), names.end(), findings[i].name);
    const int score = static_cast<int>(names.end() - name) + (findings[i].port ? 100 : 0);
    if (score > best_score) {
      best = i;
      best_score = score;
    }
  }
  return best;
}

/// Collects findings; what was found before wins.
class Scanner final {
 public:
  explicit Scanner(fs::path folder) : folder_(std::move(folder)) {}

  Scan scan() {
    const auto package = package_at(folder_, "web");
    scan_.project = dns_label(
        package && !package->name.empty() ? package->name : folder_.filename().string(), "app");
    const Scripts scripts = package ? package->scripts : Scripts{};
    for (const char* name :
         {"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"}) {
      if (add_file(name, [&](const std::string& text) { return read_compose(text, name); })) break;
    }
    for (const char* name : {"Procfile.dev", "Procfile"}) {
      if (add_file(name,
                   [&](const std::string& text) { return read_procfile(text, name, scripts); }))
        break;
    }
    add_packages(package);
    if (scan_.findings.empty()) add_by_language();
    std::error_code ignored;
    scan_.has_schema = fs::exists(folder_ / schema_name, ignored);
    // The main one stands first.
    const auto first = scan_.findings.begin();
    const auto main = first + static_cast<std::ptrdiff_t>(main_finding(scan_.findings));
    if (main != scan_.findings.end()) std::rotate(first, main, main + 1);
    return std::move(scan_);
  }

 private:
  template <class Read>
  bool add_file(const char* name, Read read) {
    const auto text = read_file(folder_ / name);
    if (!text) return false;
    scan_.files.emplace_back(name);
    for (Finding& finding : read(*text)) add(std::move(finding));
    return true;
  }

  std::optional<Package> package_at(const fs::path& folder, std::string_view service) {
    const fs::path path = folder / "package.json";
    const auto text = read_file(path);
    if (!text) return std::nullopt;
    const std::string shown = path.lexically_relative(folder_).string();
    scan_.files.push_back(shown);
    return read_package(*text, service, shown);
  }

  void add_packages(const std::optional<Package>& top) {
    std::vector<Finding> found;
    for (const fs::path& folder : folders_in(folder_)) {
      add_package(found, folder);
      const std::string name = folder.filename().string();
      if (name != "apps" && name != "packages" && name != "services") continue;
      for (const fs::path& inner : folders_in(folder)) add_package(found, inner);
    }
    // In a monorepo the script at the top only starts the others.
    if (top && top->server && (top->server->port || found.empty()))
      add(with_runner(*top->server, folder_));
    for (Finding& finding : found) add(std::move(finding));
  }

  void add_package(std::vector<Finding>& found, const fs::path& folder) {
    const auto package = package_at(folder, dns_label(folder.filename().string(), "service"));
    if (!package || !package->server) return;
    found.push_back(with_runner(*package->server, folder));
    found.back().dir = folder.lexically_relative(folder_).string();
  }

  /// The package manager whose lock file is there, in this folder or at the top.
  Finding with_runner(Finding server, const fs::path& folder) const {
    struct Runner {
      const char* lock;
      const char* program;
    };
    constexpr std::array<Runner, 4> runners{{{"pnpm-lock.yaml", "pnpm"},
                                             {"yarn.lock", "yarn"},
                                             {"bun.lock", "bun"},
                                             {"bun.lockb", "bun"}}};
    std::error_code ignored;
    for (const Runner& each : runners) {
      if (!fs::exists(folder / each.lock, ignored) && !fs::exists(folder_ / each.lock, ignored))
        continue;
      server.command.replace(0, server.command.find(' '), each.program);
      break;
    }
    return server;
  }

  /// Where no file tells more: what such projects are usually started with.
  void add_by_language() {
    struct Usual {
      const char* file;
      const char* needs;  ///< a file, or empty
      const char* says;   ///< a word in `file`, or empty
      const char* command;
    };
    constexpr std::array<Usual, 7> usual{
        {{"manage.py", "", "django", "python3 manage.py runserver"},
         {"Cargo.toml", "src/main.rs", "", "cargo run"},
         {"go.mod", "main.go", "", "go run ."},
         {"pyproject.toml", "", "fastapi", "fastapi dev"},
         {"requirements.txt", "", "fastapi", "fastapi dev"},
         {"pyproject.toml", "", "flask", "flask run"},
         {"requirements.txt", "", "flask", "flask run"}}};
    std::error_code ignored;
    for (const Usual& each : usual) {
      const auto text = read_file(folder_ / each.file);
      if (!text || lower(*text).find(each.says) == std::string::npos) continue;
      if (*each.needs != '\0' && !fs::exists(folder_ / each.needs, ignored)) continue;
      scan_.files.emplace_back(each.file);
      Finding finding;
      finding.name = "web";
      finding.command = each.command;
      finding.evidence = each.file;
      finding.reason = "how such a project is usually started";
      add(std::move(finding));
      return;
    }
  }

  void add(Finding finding) {
    auto& findings = scan_.findings;
    if (findings.size() >= max_findings) return;
    const auto same_port = std::find_if(findings.begin(), findings.end(), [&](const Finding& each) {
      return finding.port && each.port == finding.port;
    });
    if (same_port != findings.end()) {
      if (same_port->name == finding.name) return;  // the same server, told twice
    }
    // devproxy gives what it runs a port of its own.
    if (same_port != findings.end() && finding.command.empty()) {
      finding.reason = fmt::format("port {} is {}'s already: give one of them another",
                                   *finding.port, same_port->name);
      finding.port.reset();
    }
    const std::string name = finding.name;
    for (int i = 2; is_taken(finding.name); ++i) finding.name = fmt::format("{}-{}", name, i);
    findings.push_back(std::move(finding));
  }

  bool is_taken(const std::string& name) const {
    return std::any_of(scan_.findings.begin(), scan_.findings.end(),
                       [&](const Finding& each) { return each.name == name; });
  }

  fs::path folder_;
  Scan scan_;
};

/// One line of a comment: no control characters, not endless.
std::string comment(std::string_view text) {
  std::string line = escape(text);
  if (line.size() > 100) line = line.substr(0, 97) + "...";
  return "# " + line + "\n";
}

/// Nobody knows the encoding of the rest.
bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char each) { return static_cast<unsigned char>(each) < 0x80; });
}

/// Any text as a TOML string.
std::string toml_text(std::string_view text) {
  std::string written = "\"";
  for (const char each : text) {
    if (static_cast<unsigned char>(each) < 0x20 || each == 0x7f) {
      written += fmt::format("\\u{:04x}", static_cast<unsigned>(each));
      continue;
    }
    if (each == '"' || each == '\\') written += '\\';
    written += each;
  }
  return written + "\"";
}

/// devproxy runs it.
std::string command_text(const std::string& host, const Finding& finding) {
  std::string text = comment(finding.evidence);
  text += fmt::format("[services.{}]\n", finding.name);
  if (finding.listens) text += fmt::format("host = \"{}\"  # https://{}:6289\n", host, host);
  text += fmt::format("command = {}", toml_text(finding.command));
  if (!finding.listens) {
    text += fmt::format("\nready = {{ port = false }}  # {}", finding.reason);
  } else {
    text += fmt::format("  # you start it yourself? then, instead: port = {}",
                        finding.port ? std::to_string(*finding.port) : "<the one that it prints>");
  }
  text += "\n";
  if (!finding.dir.empty()) text += fmt::format("dir = {}\n", toml_text(finding.dir));
  return text + "\n";
}

std::string service_text(const Scan& scan, const Finding& finding) {
  const std::string host = host_of(scan, finding);
  if (!finding.command.empty() && is_ascii(finding.command + finding.dir))
    return command_text(host, finding);
  const std::string prefix = finding.port ? "" : "# ";
  std::string text = comment(finding.evidence);
  text += comment(finding.port ? fmt::format("{}: {}.", *finding.port, finding.reason)
                               : finding.reason + ".");
  if (!finding.speaks_http) return text + "\n";
  text += fmt::format("{}[services.{}]\n", prefix, finding.name);
  text += fmt::format("{}host = \"{}\"  # https://{}:6289\n", prefix, host, host);
  text += fmt::format("{}port = {}\n\n", prefix, finding.port.value_or(3000));
  return text;
}

constexpr std::string_view more =
    "# Several servers under one name: the longest path wins.\n"
    "# [services.api]\n"
    "# host = \"{0}.localhost\"\n"
    "# path = \"/api\"          # https://{0}.localhost:6289/api\n"
    "# strip_prefix = true    # the server sees /users for /api/users\n"
    "# port = 4000\n";

}  // namespace

Scan scan_folder(const std::string& folder) {
  return Scanner(fs::path(folder)).scan();
}

std::string host_of(const Scan& scan, const Finding& finding) {
  if (&finding == &scan.findings.front()) return scan.project + ".localhost";
  return fmt::format("{}.{}.localhost", finding.name, scan.project);
}

std::string init_file(const Scan& scan) {
  // Editors complain about a schema that is not there.
  std::string text = scan.has_schema ? fmt::format("#:schema ./{}\n", schema_name) : "";
  text += fmt::format(
      "# Which name leads to which server. Written by `devproxy init`; yours to change and to "
      "commit.\n"
      "# `devproxy up` runs each command on a port of its own, and follows changes of this file by "
      "itself.\n"
      "# What has a port here instead is a server that you start yourself.\n"
      "# `devproxy check` finds mistakes, `devproxy explain URL` says why a URL goes where it "
      "goes.\n"
      "# Browsers believe the https after one `devproxy trust`; http:// works on the same port.\n\n"
      "name = \"{}\"\n\n",
      scan.project);
  if (scan.findings.empty()) {
    text += fmt::format(
        "# Nothing here told of a server, so write down yours: a name and the port it prints when "
        "it starts.\n"
        "# [services.web]\n# host = \"{0}.localhost\"  # https://{0}.localhost:6289\n# port = "
        "3000\n\n",
        scan.project);
  }
  for (const Finding& finding : scan.findings) text += service_text(scan, finding);
  return text + fmt::format(more, scan.project);
}

}  // namespace devproxy
