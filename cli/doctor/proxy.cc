#include "cli/doctor/proxy.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "certs/authority.h"
#include "certs/command_runner.h"
#include "certs/trust_anchor.h"
#include "certs/trust_run.h"
#include "cli/project/project.h"
#include "cli/project/url_table.h"
#include "cli/trust/local_ca.h"

namespace devproxy {
namespace {

constexpr std::time_t month = 30 * 24 * 3600;

bool listens(const RunningProxy& proxy, const ListenAddress& wanted) {
  return std::any_of(
      proxy.listeners.begin(), proxy.listeners.end(), [&](const BoundAddress& address) {
        return address.host == wanted.host && (wanted.port == 0 || address.port == wanted.port);
      });
}

std::string proxy_name(const RunningProxy& proxy) {
  if (proxy.shared) return fmt::format("the proxy of all projects (pid {})", proxy.pid);
  return fmt::format("the devproxy of {} (pid {})", escape(proxy.project), proxy.pid);
}

void check_own(const ProxyFacts& facts, Diagnoses& found) {
  const RunningProxy& proxy = *facts.running;
  if (!proxy.invalid_file.empty()) {
    found.push_back({Health::problem, "listeners", "listeners.invalid_file",
                     fmt::format("the file was changed and does not hold: the routes from before "
                                 "are in force ({})",
                                 escape_own(proxy.invalid_file)),
                     "devproxy check"});
  }
  if (proxy.version != facts.version) {
    found.push_back({Health::warning, "listeners", "listeners.version",
                     fmt::format("the devproxy that runs is {}, this is {}", escape(proxy.version),
                                 facts.version),
                     fmt::format("start it again: kill {}, then devproxy up", proxy.pid)});
  }
  bool lacks_extra = false;
  for (const ListenAddress& wanted : facts.wanted) {
    if (listens(proxy, wanted)) continue;
    const bool no_ipv6 = !facts.has_ipv6 && wanted.host.find(':') != std::string::npos;
    if (no_ipv6 && wanted.is_default) continue;
    lacks_extra = lacks_extra || wanted.is_extra;
    if (wanted.is_extra) continue;
    found.push_back({Health::problem, "listeners", "listeners.missing",
                     fmt::format("devproxy runs (pid {}), but does not listen on {}", proxy.pid,
                                 address_text({wanted.host, wanted.port})),
                     "devproxy reload says why; devproxy ports shows who is there"});
  }
  if (lacks_extra) {
    found.push_back(
        {Health::warning, "listeners", "listeners.low_ports",
         fmt::format("devproxy runs (pid {}), but not on all of ports 80 and 443, which "
                     "devproxy setup got for it",
                     proxy.pid),
         "devproxy reload; devproxy setup says who else is there"});
  }
  found.push_back({Health::ok, "listeners", "listeners.running",
                   fmt::format("devproxy runs with this file (pid {}) on {}", proxy.pid,
                               listeners_text(proxy.listeners)),
                   ""});
}

void check_absent(const ProxyFacts& facts, Diagnoses& found) {
  bool in_the_way = false;
  for (const ListenAddress& wanted : facts.wanted) {
    for (const RunningProxy& other : facts.others) {
      if (wanted.port == 0 || wanted.is_extra || !listens(other, wanted)) continue;
      in_the_way = true;
      found.push_back({Health::problem, "listeners", "listeners.other_proxy",
                       fmt::format("{}, which this file asks for, belongs to {}",
                                   address_text({wanted.host, wanted.port}), proxy_name(other)),
                       fmt::format("stop that one (kill {}), or give this file another port: "
                                   "devproxy ports --free, then listen under [proxy]",
                                   other.pid)});
    }
  }
  if (!in_the_way) {
    found.push_back({Health::ok, "listeners", "listeners.not_running",
                     "no devproxy runs with this file: devproxy up starts it", ""});
  }
}

}  // namespace

Diagnoses check_listeners(const ProxyFacts& facts) {
  Diagnoses found;
  for (const std::string& socket : facts.silent) {
    found.push_back({Health::problem, "listeners", "listeners.silent",
                     fmt::format("a devproxy accepts on {} and does not answer: it may be stopped "
                                 "(Ctrl-Z)",
                                 escape(socket)),
                     "look for it with: ps -C devproxy -o pid,stat,args; continue it with fg or "
                     "kill -CONT PID"});
  }
  if (!facts.file.empty() && facts.running) {
    check_own(facts, found);
  } else if (!facts.file.empty()) {
    check_absent(facts, found);
  }
  std::vector<std::string> others;
  for (const RunningProxy& other : facts.others) {
    others.push_back(other.listeners.empty() ? proxy_name(other)
                                             : fmt::format("{} on {}", proxy_name(other),
                                                           listeners_text(other.listeners)));
  }
  if (!others.empty()) {
    found.push_back({Health::ok, "listeners", "listeners.others",
                     fmt::format("{} {} {}: {}", others.size(),
                                 facts.file.empty() ? (others.size() == 1 ? "proxy" : "proxies")
                                                    : (others.size() == 1 ? "other" : "others"),
                                 others.size() == 1 ? "runs" : "run", list_text(others)),
                     ""});
  } else if (facts.file.empty()) {
    found.push_back(
        {Health::ok, "listeners", "listeners.none", "no devproxy of this user is running", ""});
  }
  return found;
}

CaFacts ca_facts(const Config* config) {
  CaFacts facts;
  facts.wanted = config == nullptr || config->proxy.https != HttpsMode::off;
  facts.now = std::time(nullptr);
  if (!facts.wanted) return facts;
  const auto state = state_folder();
  if (!state) {
    facts.unusable = state.error().message;
    facts.unusable_hint = state.error().hint;
    return facts;
  }
  const auto anchor = existing_ca(*state);
  if (!anchor) {
    facts.unusable = anchor.error().message;
    facts.unusable_hint = anchor.error().hint;
    return facts;
  }
  if (!*anchor) return facts;
  facts.there = true;
  facts.not_after = (*anchor)->not_after;
  facts.was_trusted = is_remembered(*state);
  if (const auto authority = Authority::load(*state); authority && config != nullptr) {
    if (const auto fits = authority->check_domains(config->proxy.domains); !fits)
      facts.wrong_domains = fits.error().detail;
  }
  SystemRunner runner;
  const Surroundings surroundings = real_surroundings(runner);
  const std::vector<Anchor> anchors{**anchor};
  const TrustStores stores = find_stores(surroundings, false);
  TrustRun run(surroundings, stores, anchors);
  run.begin(TrustAction::check, false);
  for (const StoreReport& report : run.reports()) {
    if (report.state == TrustState::not_trusted) facts.doubters.push_back(report.label.name);
  }
  return facts;
}

Diagnoses check_ca(const CaFacts& facts) {
  if (!facts.wanted) return {};
  if (!facts.unusable.empty()) {
    return {{Health::problem, "trust", "trust.unusable",
             fmt::format("the local CA cannot be used: {}", escape(facts.unusable)),
             escape(facts.unusable_hint)}};
  }
  if (!facts.there) {
    return {{Health::warning, "trust", "trust.no_ca",
             "browsers warn of https here: there is no local CA yet", "devproxy trust"}};
  }
  Diagnoses found;
  if (facts.not_after < facts.now) {
    found.push_back({Health::problem, "trust", "trust.expired",
                     "the local CA has expired: nobody believes its certificates",
                     "devproxy untrust, remove it (rm ca.pem ca.key in the state folder), then "
                     "devproxy trust"});
  } else if (facts.not_after < facts.now + month) {
    found.push_back(
        {Health::warning, "trust", "trust.expires",
         fmt::format("the local CA expires on {:%Y-%m-%d}", fmt::gmtime(facts.not_after)),
         "devproxy trust, when it has"});
  }
  if (!facts.wrong_domains.empty()) {
    found.push_back(
        {Health::warning, "trust", "trust.domains", escape(facts.wrong_domains), "see there"});
  }
  if (!facts.was_trusted) {
    found.push_back({Health::warning, "trust", "trust.not_trusted",
                     "browsers warn of https here: nothing was told to trust the local CA",
                     "devproxy trust"});
  } else if (!facts.doubters.empty()) {
    found.push_back({Health::warning, "trust", "trust.doubted",
                     fmt::format("not everything here trusts the local CA: {}",
                                 escape(list_text(facts.doubters))),
                     "devproxy trust"});
  }
  if (found.empty()) {
    found.push_back({Health::ok, "trust", "trust.fine",
                     fmt::format("every store here trusts the local CA, which lasts until "
                                 "{:%Y-%m-%d}",
                                 fmt::gmtime(facts.not_after)),
                     ""});
  }
  return found;
}

}  // namespace devproxy
