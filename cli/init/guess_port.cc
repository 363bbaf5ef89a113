#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "cli/init/findings.h"

namespace devproxy {
namespace {

struct Tool {
  std::string_view word;
  std::string_view next;  ///< a second word it needs; empty: none
  std::uint16_t port;
};

/// Where well-known development servers listen unless told otherwise.
constexpr auto tools = std::to_array<Tool>({
    {"vite", "", 5173},
    {"next", "", 3000},
    {"nuxt", "", 3000},
    {"nuxi", "", 3000},
    {"astro", "", 4321},
    {"ng", "serve", 4200},
    {"react-scripts", "", 3000},
    {"remix", "", 5173},
    {"react-router", "dev", 5173},
    {"vinxi", "", 3000},
    {"webpack", "serve", 8080},
    {"webpack-dev-server", "", 8080},
    {"vue-cli-service", "", 8080},
    {"parcel", "", 1234},
    {"gatsby", "", 8000},
    {"storybook", "", 6006},
    {"docusaurus", "", 3000},
    {"eleventy", "", 8080},
    {"expo", "", 8081},
    {"wrangler", "dev", 8787},
    {"strapi", "", 1337},
    {"json-server", "", 3000},
    {"http-server", "", 8080},
    {"serve", "", 3000},
    {"rails", "", 3000},
    {"puma", "", 9292},
    {"rackup", "", 9292},
    {"flask", "", 5000},
    {"runserver", "", 8000},
    {"uvicorn", "", 8000},
    {"fastapi", "", 8000},
    {"gunicorn", "", 8000},
    {"hypercorn", "", 8000},
    {"http.server", "", 8000},
    {"hugo", "", 1313},
    {"jekyll", "", 4000},
    {"mkdocs", "", 8000},
    {"phx.server", "", 4000},
    {"artisan", "serve", 8000},
});

constexpr int max_depth = 4;

std::vector<std::string_view> words_of(std::string_view command) {
  std::vector<std::string_view> words;
  while (!command.empty()) {
    const std::size_t end = std::min(command.find_first_of(" \t\r\n\"';&|()"), command.size());
    if (end > 0) words.push_back(command.substr(0, end));
    command.remove_prefix(std::min(end + 1, command.size()));
  }
  return words;
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  const auto number = parse_number(text);
  if (!number || *number == 0 || *number > 65'535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

std::optional<PortGuess> guess(std::optional<std::uint16_t> port, std::string reason) {
  if (!port) return std::nullopt;
  return PortGuess{*port, std::move(reason)};
}

/// "node_modules/.bin/vite" is vite.
std::string_view base_name(std::string_view word) {
  return word.substr(word.rfind('/') + 1);
}

/// A word that says the port by itself or together with the next one.
std::optional<PortGuess> stated(std::string_view word, std::string_view next) {
  for (const std::string_view prefix : {"PORT=", "--port=", "-p="}) {
    if (word.starts_with(prefix))
      return guess(port_of(word.substr(prefix.size())), std::string(word) + " says so");
  }
  for (const std::string_view option : {"--port", "-p", "-l", "http.server"}) {
    if (word != option) continue;
    if (const auto port = port_of(next))
      return guess(port, fmt::format("{} {} says so", word, next));
  }
  // 127.0.0.1:8000, localhost:8000, :8000: the address to listen on, unless it is a URL of
  // something else.
  const std::size_t colon = word.rfind(':');
  if (colon == std::string_view::npos || word.find("//") != std::string_view::npos)
    return std::nullopt;
  const std::string_view host = word.substr(word.find('=') + 1, colon - word.find('=') - 1);
  if (host.empty() || host == "localhost" || host == "0.0.0.0" || host.starts_with("127.") ||
      host == "[::]") {
    return guess(port_of(word.substr(colon + 1)), std::string(word) + " says so");
  }
  return std::nullopt;
}

bool is_package_runner(std::string_view word) {
  return word == "npm" || word == "pnpm" || word == "yarn" || word == "bun";
}

/// The script that `npm run dev`, `yarn dev` and their like call, or an empty name.
std::string_view called_script(const std::vector<std::string_view>& words, std::size_t at) {
  if (!is_package_runner(base_name(words[at])) || at + 1 >= words.size()) return {};
  const std::string_view next = words[at + 1];
  if (next != "run") return next;
  return at + 2 < words.size() ? words[at + 2] : std::string_view();
}

std::optional<PortGuess> guess_at_depth(std::string_view command, const Scripts& scripts,
                                        int depth) {
  const std::vector<std::string_view> words = words_of(command);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (auto found = stated(words[i], i + 1 < words.size() ? words[i + 1] : "")) return found;
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto script = scripts.find(called_script(words, i));
    if (script != scripts.end() && depth < max_depth)
      return guess_at_depth(script->second, scripts, depth + 1);
    const std::string_view word = base_name(words[i]);
    const auto tool = std::find_if(tools.begin(), tools.end(), [&](const Tool& each) {
      return each.word == word &&
             (each.next.empty() || (i + 1 < words.size() && words[i + 1] == each.next));
    });
    if (tool == tools.end()) continue;
    // `vite build` serves nothing.
    if (i + 1 < words.size() && (words[i + 1] == "build" || words[i + 1] == "test")) continue;
    return PortGuess{tool->port, fmt::format("{} listens there unless it is told otherwise", word)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<PortGuess> guess_port(std::string_view command, const Scripts& scripts) {
  return guess_at_depth(command, scripts, 0);
}

std::string dns_label(std::string_view text, std::string_view otherwise) {
  std::string label;
  for (const char c : text) {
    const char small = to_lower(c);
    const bool plain = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9');
    if (plain)
      label += small;
    else if (!label.empty() && label.back() != '-')
      label += '-';
  }
  label.resize(std::min<std::size_t>(label.size(), 63));
  while (!label.empty() && label.back() == '-') label.pop_back();
  return label.empty() ? std::string(otherwise) : label;
}

}  // namespace devproxy
