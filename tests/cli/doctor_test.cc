// The checks of `devproxy doctor` on machines that are made up.
#include <algorithm>
#include <filesystem>

#include "cli/doctor/firewall.h"
#include "cli/doctor/folders.h"
#include "cli/doctor/machine.h"
#include "cli/doctor/names.h"
#include "cli/doctor/ports.h"
#include "cli/doctor/proxy.h"
#include "cli/doctor/stale.h"
#include "cli/doctor/variables.h"
#include "tests/cli/configs.h"
#include "tests/cli/held_sockets.h"
#include "tests/support/fake_runner.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

NameFacts found_name(std::string name, std::vector<std::string> addresses) {
  return {std::move(name), std::move(addresses), "", {}};
}
NameFacts missing_name(std::string name) {
  return {std::move(name), {}, "name or service not known", {}};
}

const Diagnosis* find(const Diagnoses& findings, std::string_view code) {
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [code](const Diagnosis& each) { return each.code == code; });
  return found == findings.end() ? nullptr : &*found;
}

const Diagnosis& only(const Diagnoses& findings, Health health, std::string_view code) {
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().code == code);
  CHECK(findings.front().health == health);
  // Whatever is not fine has a next step, and what is fine needs none.
  CHECK(findings.front().mend.empty() == (health == Health::ok));
  return findings.front();
}

RunningProxy running(std::string project, std::int64_t pid, std::vector<BoundAddress> listeners) {
  RunningProxy proxy;
  proxy.pid = pid;
  proxy.version = "0.1.0";
  proxy.project = std::move(project);
  proxy.file = "/home/" + proxy.project + "/devproxy.toml";
  proxy.listeners = std::move(listeners);
  return proxy;
}

ProxyFacts shop_facts() {
  ProxyFacts facts;
  facts.file = "/home/shop/devproxy.toml";
  facts.wanted = {address("127.0.0.1", 6289), address("::1", 6289)};
  facts.version = "0.1.0";
  return facts;
}

EnvironmentFacts with_variables(std::vector<std::pair<std::string, std::string>> variables,
                                std::vector<std::string> names) {
  return environment_facts(
      [variables](std::string_view name) -> std::optional<std::string> {
        for (const auto& [each, value] : variables) {
          if (each == name) return value;
        }
        return std::nullopt;
      },
      std::move(names));
}

constexpr const char* run_id = "0123456789abcdef";

MarkedProcess marked(pid_t pid, std::string of_run = run_id) {
  return {pid, std::move(of_run), "web", "node vite", false, false};
}

}  // namespace

TEST_CASE("doctor names: names that everybody finds are fine", "[cli][doctor]") {
  const ResolverFacts facts{
      {found_name("localhost", {"127.0.0.1", "::1"}), found_name("shop.localhost", {"127.0.0.1"})},
      std::pair(7U, 88U),
      ""};
  CHECK_THAT(only(check_names(facts), Health::ok, "names.fine").what,
             ContainsSubstring("localhost and shop.localhost"));
}

TEST_CASE("doctor names: below .localhost browsers and curl need nobody", "[cli][doctor]") {
  ResolverFacts facts{{missing_name("shop.localhost")}, std::pair(7U, 88U), ""};
  const NameFacts& name = facts.names.front();
  CHECK(by_browsers(name) == Reached::loopback);
  CHECK(by_curl(name, facts) == Reached::loopback);
  CHECK(by_system(name) == Reached::nowhere);
  const Diagnoses found = check_names(facts);
  const Diagnosis& finding = only(found, Health::warning, "names.system");
  CHECK_THAT(finding.what, ContainsSubstring("browsers and curl reach it by themselves"));
  CHECK(finding.mend == "echo '127.0.0.1 shop.localhost' | sudo tee -a /etc/hosts");

  facts.domains = {"localhost", "test"};
  CHECK(check_names(facts).front().mend == "devproxy hosts sync");
  facts.curl = std::pair(7U, 76U);
  CHECK(by_curl(name, facts) == Reached::nowhere);
  CHECK(check_names(facts).front().what.find("curl") == std::string::npos);
  facts.install = "sudo apt install libnss-myhostname";
  CHECK(check_names(facts).front().mend == facts.install);
}

TEST_CASE("doctor names: a name that nobody finds, or that is another machine, is a problem",
          "[cli][doctor]") {
  const ResolverFacts nowhere{{missing_name("shop.test"), missing_name("*.shop.test")}, {}, ""};
  const Diagnoses missing = check_names(nowhere);
  CHECK_THAT(only(missing, Health::problem, "names.missing").mend,
             ContainsSubstring("127.0.0.1 shop.test'") && ContainsSubstring("wildcards"));
  const ResolverFacts other{{found_name("shop.test", {"192.0.2.7"})}, {}, ""};
  const Diagnoses elsewhere = check_names(other);
  CHECK_THAT(only(elsewhere, Health::problem, "names.elsewhere").what,
             ContainsSubstring("192.0.2.7"));
  CHECK_THAT(resolution_text(other.names.front()), ContainsSubstring("miss the proxy"));
}

TEST_CASE("doctor names: a DNS server that does not answer is noticed", "[cli][doctor]") {
  ResolverFacts facts{{found_name("shop.localhost", {"127.0.0.1"})}, {}, ""};
  facts.names.front().took = std::chrono::seconds(5);
  CHECK_THAT(check_names(facts).front().what, ContainsSubstring("5.0 s"));
}

TEST_CASE("doctor names: the names are those of the routes, each once", "[cli][doctor]") {
  Config config;
  config.routes = {route("web", {"shop.localhost", "*"}), route("api", {"shop.localhost"}, "/api"),
                   route("v6", {"127.0.0.1"})};
  CHECK(names_to_resolve(&config) == std::vector<std::string>{"shop.localhost"});
  CHECK(names_to_resolve(nullptr).size() == 2);
  CHECK(parse_curl_version("curl 7.88.1 (x86_64)") == std::pair(7U, 88U));
  CHECK(parse_curl_version("wget") == std::nullopt);
}

TEST_CASE("doctor names: localhost itself is found here", "[cli][doctor]") {
  const auto facts = resolve_names({"localhost"});
  REQUIRE(facts.size() == 1);
  CHECK(by_system(facts.front()) == Reached::loopback);
}

TEST_CASE("doctor listeners: no proxy is no problem, another one in the way is", "[cli][doctor]") {
  ProxyFacts facts = shop_facts();
  only(check_listeners(facts), Health::ok, "listeners.not_running");
  facts.others = {running("notes", 812, {{"127.0.0.1", 6289, ListenOnly::any}})};
  const Diagnoses found = check_listeners(facts);
  const Diagnosis* taken = find(found, "listeners.other_proxy");
  REQUIRE(taken != nullptr);
  CHECK(taken->health == Health::problem);
  CHECK_THAT(taken->what, ContainsSubstring("127.0.0.1:6289") && ContainsSubstring("notes"));
  CHECK_THAT(taken->mend, ContainsSubstring("kill 812"));
}

TEST_CASE("doctor listeners: a running proxy is compared with its file", "[cli][doctor]") {
  ProxyFacts facts = shop_facts();
  facts.running = running("shop", 812, {{"127.0.0.1", 6289, ListenOnly::any}});
  CHECK(find(check_listeners(facts), "listeners.missing")->what ==
        "devproxy runs (pid 812), but does not listen on [::1]:6289");
  facts.has_ipv6 = false;
  facts.wanted.back().is_default = true;
  only(check_listeners(facts), Health::ok, "listeners.running");
  facts.running->invalid_file = "one problem in devproxy.toml";
  facts.running->version = "0.0.9";
  const Diagnoses found = check_listeners(facts);
  CHECK(find(found, "listeners.invalid_file")->health == Health::problem);
  CHECK_THAT(find(found, "listeners.version")->what, ContainsSubstring("0.0.9"));
}

TEST_CASE("doctor listeners: one that does not answer is a problem", "[cli][doctor]") {
  ProxyFacts facts;
  facts.silent = {"/run/control-812.sock"};
  CHECK(find(check_listeners(facts), "listeners.silent")->health == Health::problem);
  CHECK(find(check_listeners(facts), "listeners.none") != nullptr);
}

TEST_CASE("doctor trust: from no CA to one that every store believes", "[cli][doctor]") {
  CaFacts facts;
  facts.now = 1'000'000'000;
  CHECK(only(check_ca(facts), Health::warning, "trust.no_ca").mend == "devproxy trust");
  facts.there = true;
  facts.not_after = facts.now + 400 * 24 * 3600;
  only(check_ca(facts), Health::warning, "trust.not_trusted");
  facts.was_trusted = true;
  facts.doubters = {"Firefox"};
  CHECK_THAT(only(check_ca(facts), Health::warning, "trust.doubted").what,
             ContainsSubstring("Firefox"));
  facts.doubters.clear();
  only(check_ca(facts), Health::ok, "trust.fine");
  facts.not_after = facts.now + 24 * 3600;
  only(check_ca(facts), Health::warning, "trust.expires");
  facts.not_after = facts.now - 1;
  only(check_ca(facts), Health::problem, "trust.expired");
  facts.unusable = "ca.key can be read by others";
  facts.unusable_hint = "chmod 600 ca.key";
  CHECK(only(check_ca(facts), Health::problem, "trust.unusable").mend == "chmod 600 ca.key");
  facts.wanted = false;
  CHECK(check_ca(facts).empty());
}

TEST_CASE("doctor ports: conflicts of the file, and a range that covers our ports",
          "[cli][doctor]") {
  Config config;
  config.project = "shop";
  config.root = "/home/shop";
  config.services = {{"web", PortTarget{5173}, {}, {}}};
  config.proxy.listen = {address("127.0.0.1", 6289)};
  KernelPorts kernel = usual_kernel();
  only(check_ports(port_report({}, &config, kernel)), Health::ok, "ports.fine");

  const auto taken = port_report(
      {listener_of("127.0.0.1", 6289, 77, "node", "/home/shop", geteuid())}, &config, kernel);
  CHECK(find(check_ports(taken), "ports.taken")->health == Health::problem);

  const auto exposed = port_report(
      {listener_of("0.0.0.0", 5173, 78, "node", "/home/shop", geteuid())}, &config, kernel);
  CHECK_THAT(find(check_ports(exposed), "ports.exposed")->what,
             ContainsSubstring("web (0.0.0.0:5173)"));

  kernel.ephemeral = {1024, 65535};
  const auto wide = check_ports(port_report({}, nullptr, kernel));
  CHECK_THAT(only(wide, Health::warning, "ports.ephemeral_range").mend,
             ContainsSubstring("20000-29999"));
  kernel.reserved = {{20'000, 29'999}};
  only(check_ports(port_report({}, nullptr, kernel)), Health::ok, "ports.fine");
}

TEST_CASE("doctor environment: NO_PROXY exempts a host, its domain, or everything",
          "[cli][doctor]") {
  CHECK(is_exempt("localhost,127.0.0.1", "shop.localhost"));
  CHECK(is_exempt(".localhost", "shop.localhost"));
  CHECK(is_exempt("*.localhost", "shop.localhost"));
  CHECK(is_exempt("example.com *", "shop.localhost"));
  CHECK(is_exempt("a.test, SHOP.test", "shop.test"));
  CHECK_FALSE(is_exempt("host", "localhost"));
  CHECK_FALSE(is_exempt("", "localhost"));
  CHECK_FALSE(is_exempt("shop.localhost", "localhost"));
}

TEST_CASE("doctor environment: a proxy that takes local requests is a problem", "[cli][doctor]") {
  only(check_environment(with_variables({}, {"shop.localhost"})), Health::ok, "environment.fine");
  const std::string proxy = "http://me:secret@proxy.example:3128/";
  only(check_environment(
           with_variables({{"HTTPS_PROXY", proxy}, {"NO_PROXY", "localhost,127.0.0.1"}},
                          {"shop.localhost", "*.shop.localhost"})),
       Health::ok, "environment.fine");
  const Diagnoses found = check_environment(with_variables(
      {{"https_proxy", proxy}, {"no_proxy", "example.com"}}, {"shop.localhost", "shop.test"}));
  const Diagnosis& finding = only(found, Health::problem, "environment.proxy");
  CHECK(finding.what.find("secret") == std::string::npos);
  CHECK_THAT(finding.what, ContainsSubstring("https_proxy=http://proxy.example:3128/"));
  CHECK_THAT(finding.mend,
             ContainsSubstring("NO_PROXY=example.com,localhost,127.0.0.1,::1,shop.test"));
}

TEST_CASE("doctor environment: a CA file that is gone is named", "[cli][doctor]") {
  const Diagnoses found =
      check_environment(with_variables({{"NODE_EXTRA_CA_CERTS", "/nowhere/ca.pem"}}, {}));
  CHECK_THAT(only(found, Health::warning, "environment.lost_file").what,
             ContainsSubstring("/nowhere/ca.pem"));
}

TEST_CASE("doctor loopback: what fails is a problem, no IPv6 is none unless asked for",
          "[cli][doctor]") {
  LoopbackFacts facts;
  only(check_loopback(facts), Health::ok, "loopback.fine");
  facts.has_ipv6 = false;
  facts.ipv6_error = "cannot assign requested address";
  only(check_loopback(facts), Health::ok, "loopback.fine");
  facts.ipv6_is_asked_for = true;
  only(check_loopback(facts), Health::problem, "loopback.no_ipv6");
  facts = {};
  facts.ipv6_error = "connection timed out";
  only(check_loopback(facts), Health::problem, "loopback.ipv6");
  facts = {};
  facts.ipv4_error = "connection timed out";
  only(check_loopback(facts), Health::problem, "loopback.ipv4");
  CHECK(loopback_facts().ipv4_error.empty());
}

TEST_CASE("doctor folders: one that cannot be used is a problem, one to be made is none",
          "[cli][doctor]") {
  using Trouble = FolderFacts::Trouble;
  FolderFacts facts{"/run/x/devproxy", "its control sockets", "XDG_RUNTIME_DIR", Trouble::none, "",
                    "/run/x"};
  only(check_folders({facts}), Health::ok, "folders.fine");
  facts.trouble = Trouble::unwritable;
  facts.why = "read-only file system";
  const Diagnoses found = check_folders({facts});
  only(found, Health::problem, "folders.unwritable");
  CHECK_THAT(found.front().what, ContainsSubstring("control sockets"));
  CHECK_THAT(found.front().what, ContainsSubstring("read-only file system"));
  CHECK_THAT(found.front().mend, ContainsSubstring("XDG_RUNTIME_DIR"));
  facts.trouble = Trouble::full;
  only(check_folders({facts}), Health::problem, "folders.full");

  const TempDir folder;
  const auto look = [&folder] {
    return check_folders(
        folder_facts({"", folder.file("state/devproxy"), folder.file("run/devproxy")}));
  };
  only(look(), Health::ok, "folders.fine");
  CHECK_FALSE(std::filesystem::exists(folder.file("run")));
  folder.write("run/devproxy/x", "");
  std::filesystem::permissions(folder.file("run/devproxy"), std::filesystem::perms(0755));
  only(look(), Health::problem, "folders.unusable");
}

TEST_CASE("doctor descriptors: few are a warning, very few a problem", "[cli][doctor]") {
  only(check_descriptors({1024, 524'288}), Health::ok, "descriptors.fine");
  only(check_descriptors({1024, 4096}), Health::warning, "descriptors.few");
  only(check_descriptors({256, 256}), Health::problem, "descriptors.few");
  CHECK(descriptor_facts().hard > 0);
}

TEST_CASE("doctor inotify: limits are compared with what is used", "[cli][doctor]") {
  CHECK(check_inotify({}).empty());
  only(check_inotify({524'288, 512, 100, 3}), Health::ok, "inotify.fine");
  only(check_inotify({8192, 512, 100, 3}), Health::warning, "inotify.low_watches");
  const Diagnoses full = check_inotify({524'288, 128, 100, 127});
  CHECK_THAT(only(full, Health::problem, "inotify.instances").mend,
             ContainsSubstring("fs.inotify.max_user_instances=512"));
}

TEST_CASE("doctor firewall: only rules that are about loopback count", "[cli][doctor]") {
  const std::string nft =
      "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority 0; policy drop;\n"
      "\t\tiif \"lo\" accept\n\t\tiif != \"lo\" ip daddr 127.0.0.0/8 drop\n\t\ttcp dport 23 drop\n"
      "\t}\n}\n";
  CHECK(rules_against_loopback(nft).empty());
  CHECK(rules_against_loopback("-A INPUT -i lo -p tcp --dport 6289 -j REJECT\n") ==
        std::vector<std::string>{"-A INPUT -i lo -p tcp --dport 6289 -j REJECT"});
  CHECK(rules_against_loopback("-A INPUT ! -i lo -d 127.0.0.0/8 -j DROP\n").empty());
  CHECK(rules_against_loopback("\t\tip daddr 127.0.0.1 tcp dport 6289 drop\n").size() == 1);
}

TEST_CASE("doctor firewall: rules that cannot be read are not judged", "[cli][doctor]") {
  FakeRunner runner;
  only(check_firewall(firewall_facts(runner)), Health::ok, "firewall.absent");
  runner.install("nft", [](const Words&) { return FakeRunner::failed("Operation not permitted"); });
  const Diagnoses unreadable = check_firewall(firewall_facts(runner));
  CHECK_THAT(only(unreadable, Health::ok, "firewall.unreadable").what,
             ContainsSubstring("sudo nft list ruleset"));
  FakeRunner root;
  root.install("iptables", [](const Words&) { return FakeRunner::worked("-P INPUT ACCEPT\n"); });
  only(check_firewall(firewall_facts(root)), Health::ok, "firewall.fine");
  FakeRunner blocked;
  blocked.install("iptables",
                  [](const Words&) { return FakeRunner::worked("-A OUTPUT -o lo -j DROP\n"); });
  only(check_firewall(firewall_facts(blocked)), Health::warning, "firewall.rule");
}

TEST_CASE("doctor stale: a mark has the form of ours", "[cli][doctor]") {
  CHECK(parse_mark("0123456789abcdef.web") == std::pair(std::string(run_id), std::string("web")));
  CHECK(parse_mark("0123456789abcdef.") == std::nullopt);
  CHECK(parse_mark("0123456789abcdeg.web") == std::nullopt);
  CHECK(parse_mark("web") == std::nullopt);
}

TEST_CASE("doctor stale: only what nothing speaks for is stale", "[cli][doctor]") {
  StaleFacts facts;
  only(check_stale(facts), Health::ok, "stale.fine");
  facts.processes = {marked(4312), marked(4313)};
  CHECK(stale_processes(facts).size() == 2);
  const Diagnoses found = check_stale(facts);
  const Diagnosis& finding = only(found, Health::warning, "stale.processes");
  CHECK(finding.mend == "kill 4312 4313");
  CHECK(finding.fix == Fix::end_stale_runs);

  facts.living_runs = {run_id};
  CHECK(stale_processes(facts).empty());
  facts.living_runs.clear();
  // One that became a daemon, and one that is still a child of the devproxy: the same run.
  facts.processes[1].below_devproxy = true;
  CHECK(stale_processes(facts).empty());
  facts.processes = {marked(4312), marked(4313, "fedcba9876543210")};
  facts.processes[0].above_us = true;
  CHECK(stale_processes(facts).size() == 1);
}

TEST_CASE("doctor stale: sockets and remembered ports", "[cli][doctor]") {
  StaleFacts facts;
  facts.sockets = {"/run/control-812.sock"};
  facts.forgotten_ports = 3;
  const Diagnoses found = check_stale(facts);
  CHECK(find(found, "stale.sockets")->health == Health::ok);
  CHECK_THAT(find(found, "stale.ports")->what, ContainsSubstring("3 ports are kept"));
  CHECK(find(found, "stale.ports")->fix == Fix::forget_ports);
}

}  // namespace devproxy
