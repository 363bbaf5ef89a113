#include "cli/doctor/firewall.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::chrono::milliseconds patience{3'000};

struct Tool {
  const char* name;
  std::array<const char*, 3> arguments;
};
constexpr std::array<Tool, 2> tools{
    {{"nft", {"list", "ruleset", nullptr}}, {"iptables", {"-S", nullptr, nullptr}}}};

bool has_word(const std::vector<std::string_view>& words, std::string_view wanted) {
  return std::find(words.begin(), words.end(), wanted) != words.end();
}

bool names_loopback(const std::vector<std::string_view>& words) {
  return std::any_of(words.begin(), words.end(), [](std::string_view word) {
    return word == "lo" || word == "\"lo\"" || word == "::1" || word == "::1/128" ||
           word.starts_with("127.");
  });
}

/// "iif != lo", "! -i lo": everything but loopback.
bool means_the_others(const std::vector<std::string_view>& words) {
  return has_word(words, "!=") || has_word(words, "!");
}

bool refuses(const std::vector<std::string_view>& words) {
  return has_word(words, "drop") || has_word(words, "reject") || has_word(words, "DROP") ||
         has_word(words, "REJECT");
}

}  // namespace

FirewallFacts firewall_facts(CommandRunner& runner) {
  FirewallFacts facts;
  for (const Tool& tool : tools) {
    const auto path = runner.find(tool.name);
    if (!path) continue;
    Words words{*path};
    facts.command = tool.name;
    for (const char* const argument : tool.arguments) {
      if (argument == nullptr) continue;
      words.emplace_back(argument);
      facts.command += std::string(" ") + argument;
    }
    RunOptions options;
    options.limit = patience;
    const auto result = runner.run(words, options);
    facts.state =
        result && result->worked() ? FirewallFacts::State::read : FirewallFacts::State::unreadable;
    if (result && result->worked()) facts.rules = result->output;
    return facts;
  }
  return facts;
}

std::vector<std::string> rules_against_loopback(std::string_view rules) {
  std::vector<std::string> found;
  for (const std::string_view line : split(rules, '\n')) {
    std::string rule(trim(line));
    std::replace(rule.begin(), rule.end(), '\t', ' ');
    const auto words = split(rule, ' ');
    if (names_loopback(words) && refuses(words) && !means_the_others(words))
      found.push_back(std::move(rule));
  }
  return found;
}

Diagnoses check_firewall(const FirewallFacts& facts) {
  switch (facts.state) {
    case FirewallFacts::State::absent:
      return {
          {Health::ok, "firewall", "firewall.absent", "neither nft nor iptables is installed", ""}};
    case FirewallFacts::State::unreadable:
      return {{Health::ok, "firewall", "firewall.unreadable",
               fmt::format("the rules are not readable without root (sudo {}); connections to "
                           "loopback were tried instead, see there",
                           facts.command),
               ""}};
    case FirewallFacts::State::read:
      break;
  }
  Diagnoses found;
  for (const std::string& rule : rules_against_loopback(facts.rules)) {
    found.push_back({Health::warning, "firewall", "firewall.rule",
                     fmt::format("a rule stands in the way of loopback: {}", escape(rule)),
                     fmt::format("see where it comes from: sudo {}", facts.command)});
  }
  if (!found.empty()) return found;
  return {{Health::ok, "firewall", "firewall.fine",
           fmt::format("no rule of {} drops what goes to loopback", facts.command), ""}};
}

}  // namespace devproxy
