// RouteTable against the reference, with random tables and requests. A failure prints the seed that
// repeats it.
#include <random>

#include "tests/router/reference.h"
#include "tests/router/tables.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : engine_(seed) {}

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine_);
  }
  bool one_in(std::size_t times) { return below(times) == 0; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

 private:
  std::mt19937 engine_;
};

/// Few words, so that random hosts and paths often meet, also half-way.
const std::vector<std::string> labels{"a", "b", "ab", "api", "x-1"};
const std::vector<std::string> segments{"a", "b", "a-", "a.b", "ab", "api", "~", "%2F", "a;v=1"};
const std::vector<std::string> methods{"GET", "HEAD", "POST", "get"};
const std::vector<std::string> names{"x-tenant", "accept"};
const std::vector<std::string> values{"", "acme", "b"};

std::string random_host(Dice& dice) {
  std::string host = dice.pick(labels);
  for (std::size_t more = dice.below(4); more > 0; --more) host += '.' + dice.pick(labels);
  return host;
}

std::string random_pattern(Dice& dice) {
  if (dice.one_in(12)) return "*";
  return (dice.one_in(3) ? "*." : "") + random_host(dice);
}

std::string random_prefix(Dice& dice) {
  std::string path;
  for (std::size_t more = dice.below(4); more > 0; --more) path += '/' + dice.pick(segments);
  return path.empty() ? "/" : path;
}

std::string random_path(Dice& dice) {
  std::string path = random_prefix(dice);
  if (dice.one_in(3) && path != "/") path += '/';
  if (dice.one_in(4)) path += dice.pick(segments);
  return path;
}

Config random_config(Dice& dice) {
  ConfigBuilder builder;
  builder.service("one", PortTarget{1}).service("two", PortTarget{2});
  for (std::size_t left = 1 + dice.below(40); left > 0; --left) {
    RouteRule rule;
    rule.service = dice.one_in(2) ? "one" : "two";
    for (std::size_t hosts = 1 + dice.below(3); hosts > 0; --hosts) {
      rule.hosts.push_back(random_pattern(dice));
    }
    rule.path = random_prefix(dice);
    if (dice.one_in(3)) rule.methods = {dice.pick(methods), dice.pick(methods)};
    if (dice.one_in(4)) rule.headers.emplace_back(dice.pick(names), dice.pick(values));
    if (dice.one_in(8)) rule.headers.emplace_back(dice.pick(names), dice.pick(values));
    builder.route(std::move(rule));
  }
  return builder.config();
}

struct Question {
  std::string host;
  std::string path;
  std::string method;
  FieldMap fields;
  bool has_fields = false;

  Lookup lookup() const { return {host, path, method, has_fields ? &fields : nullptr}; }
};

Question random_question(Dice& dice, const Config& config) {
  Question question{random_host(dice), random_path(dice), dice.pick(methods), {}, dice.one_in(2)};
  const RouteRule& near = dice.pick(config.routes);
  if (dice.one_in(2)) {
    question.host = near.hosts[0];
    if (question.host[0] == '*') question.host.replace(0, 1, random_host(dice));
  }
  if (dice.one_in(20)) question.host.insert(0, 1, '.');
  if (dice.one_in(2)) question.path = near.path;
  if (dice.one_in(3)) question.path += (question.path == "/" ? "" : "/") + dice.pick(segments);
  question.fields = FieldMap{{dice.pick(names), dice.pick(values)}};
  return question;
}

TEST_CASE("route table: agrees with the plain reference on random tables and requests",
          "[router]") {
  constexpr std::uint32_t tables = 300;
  constexpr int questions_each = 60;
  std::size_t matched = 0;
  for (std::uint32_t seed = 1; seed <= tables; ++seed) {
    Dice dice(seed);
    const Config config = random_config(dice);
    const auto table = RouteTable::build(config);
    for (int i = 0; i < questions_each; ++i) {
      const Question question = random_question(dice, config);
      const Lookup lookup = question.lookup();
      const auto expected = reference::match(config, lookup);
      const Route* const got = table->match(lookup);
      const std::vector<Candidate> candidates = table->explain(lookup);
      std::size_t winners = 0;
      const Route* explained = nullptr;
      for (const Candidate& candidate : candidates) {
        if (candidate.matched) {
          explained = candidate.route;
          ++winners;
        }
      }

      const bool same = expected ? got != nullptr && got->order == *expected : got == nullptr;
      const bool same_explained = explained == got && winners == (expected ? 1U : 0U);
      const bool same_known =
          table->knows_host(lookup.host) == reference::knows_host(config, lookup.host);
      INFO("seed " << seed << ", question " << i << ": " << lookup.method << ' ' << lookup.host
                   << lookup.path << ", expected route "
                   << (expected ? std::to_string(*expected) : "none") << ", got "
                   << (got != nullptr ? std::to_string(got->order) : "none"));
      // Assertions cost more than lookups, hence one.
      REQUIRE((same && same_explained && same_known));
      matched += expected ? 1U : 0U;
    }
  }
  // The generator must keep making questions worth asking.
  const std::size_t all = tables * questions_each;
  CHECK(matched > all / 4);
  CHECK(matched < all * 9 / 10);
}

TEST_CASE("route table: explain lists each route of the host once, best first", "[router]") {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    Dice dice(seed);
    const Config config = random_config(dice);
    const auto table = RouteTable::build(config);
    const Question question = random_question(dice, config);
    const std::vector<Candidate> candidates = table->explain(question.lookup());
    INFO("seed " << seed);

    std::vector<std::size_t> seen;
    std::size_t last_rank = SIZE_MAX;
    for (const Candidate& candidate : candidates) {
      const std::size_t rank = reference::host_rank(candidate.host, question.host);
      REQUIRE(rank > 0);
      REQUIRE(rank <= last_rank);
      REQUIRE_FALSE(candidate.reason.empty());
      REQUIRE(std::find(seen.begin(), seen.end(), candidate.route->order) == seen.end());
      last_rank = rank;
      seen.push_back(candidate.route->order);
    }
    std::size_t expected = 0;
    for (const RouteRule& rule : config.routes) {
      const bool any = std::any_of(rule.hosts.begin(), rule.hosts.end(), [&](const auto& pattern) {
        return reference::host_rank(pattern, question.host) > 0;
      });
      expected += any ? 1 : 0;
    }
    REQUIRE(candidates.size() == expected);
  }
}

}  // namespace
}  // namespace devproxy
