// Our block in a hosts file, and the names that belong there.
#include "cli/setup/hosts_block.h"

#include "cli/setup/hosts_names.h"
#include "cli/setup/resolver_snippets.h"
#include "tests/cli/configs.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

const std::vector<HostsProject> shop_hosts{{"shop", "/x/shop/devproxy.toml", {"shop.localhost"}}};
const std::string block =
    "# BEGIN devproxy (written by devproxy hosts sync, taken out by devproxy hosts clean)\n"
    "# project shop: /x/shop/devproxy.toml\n"
    "127.0.0.1 shop.localhost\n"
    "::1 shop.localhost\n"
    "# END devproxy\n";

HostsText parsed(const std::string& text) {
  auto hosts = parse_hosts(text, "hosts");
  REQUIRE(hosts);
  return *std::move(hosts);
}

std::string damage(const std::string& text) {
  const auto hosts = parse_hosts(text, "/etc/hosts");
  return hosts ? "" : hosts.error().detail;
}

TEST_CASE("hosts: the block stands at the end, and leaves no trace", "[cli]") {
  const std::string files[] = {
      "",
      "127.0.0.1 localhost\n",
      "127.0.0.1 localhost",
      "127.0.0.1\tlocalhost\r\n::1 localhost\r\n",
      "127.0.0.1\tlocalhost\r\n::1 localhost",
      "\n\n# \xff\xfe odd bytes\n\n",
      "\n",
  };
  for (const std::string& file : files) {
    INFO(file);
    const std::string with = with_hosts_block(parsed(file), shop_hosts);
    CHECK(with.starts_with(file));
    CHECK(with.ends_with('\n') == (file.empty() || file.ends_with('\n')));
    CHECK(with_hosts_block(parsed(with), shop_hosts) == with);
    CHECK(with_hosts_block(parsed(with), {}) == file);
    CHECK(parsed(with).projects == shop_hosts);
    CHECK((with.find("shop.localhost\r\n") != std::string::npos) ==
          (file.find('\r') != std::string::npos));
  }
  CHECK(with_hosts_block(parsed(""), shop_hosts) == block);
}

TEST_CASE("hosts: a block in the middle is replaced where it stands", "[cli]") {
  const std::string text = "before\n" + block + "after\n# a devproxy of old: # BEGIN devproxy\n";
  const HostsText hosts = parsed(text);
  CHECK(hosts.before == "before\n");
  CHECK(with_hosts_block(hosts, shop_hosts) == text);
  CHECK(with_hosts_block(hosts, {}) == "before\nafter\n# a devproxy of old: # BEGIN devproxy\n");
  const std::string other =
      with_hosts_block(hosts, {{"blog", "/x/blog/devproxy.toml", {"a.localhost", "b.localhost"}}});
  CHECK_THAT(other, ContainsSubstring("before\n# BEGIN devproxy (") &&
                        ContainsSubstring("::1 b.localhost\n# END devproxy\nafter\n"));
  CHECK(other.find("shop") == std::string::npos);
}

TEST_CASE("hosts: marks that do not belong together are an error with their line", "[cli]") {
  CHECK_THAT(damage("a\n# BEGIN devproxy\nb\n"),
             ContainsSubstring("/etc/hosts:2: ") && ContainsSubstring("has no end; write"));
  CHECK_THAT(damage("# END devproxy\n"), ContainsSubstring("/etc/hosts:1: "));
  CHECK_THAT(damage("# BEGIN devproxy\nx\n# BEGIN devproxy x\n# END devproxy\n"),
             ContainsSubstring("/etc/hosts:3: ") && ContainsSubstring("the one of line 1"));
  CHECK_THAT(damage(block + block), ContainsSubstring("/etc/hosts:6: "));
  CHECK_THAT(damage(block + "# END devproxy"), ContainsSubstring("/etc/hosts:6: "));
  CHECK(damage("# BEGIN devproxy-old\n# ENDdevproxy\n").empty());
}

TEST_CASE("hosts: a name stands once, a project without names not at all", "[cli]") {
  const std::string text = hosts_block({{"a", "/a", {"x.localhost"}},
                                        {"b", "/b", {"x.localhost"}},
                                        {"c", "", {"y.localhost", "z.localhost"}}});
  CHECK(text.find("project b") == std::string::npos);
  CHECK_THAT(text, ContainsSubstring("# project c: devproxy run\n127.0.0.1 y.localhost\n"));
  CHECK(hosts_block({{"a", "/a", {}}}).empty());
  const auto again = parsed(text).projects;
  REQUIRE(again.size() == 2);
  CHECK(again[1].file.empty());
  CHECK(count_names(again) == 3);
}

TEST_CASE("hosts: names below our domains are written, others are left out with a reason",
          "[cli]") {
  Config config;
  config.project = "shop";
  config.file = "/x/\xff/devproxy.toml";
  config.proxy.domains = {"localhost", "shop.internal"};
  config.routes = {
      route("web", {"shop.localhost", "*.shop.localhost", "*", "localhost", "127.0.0.1"}, "/", {}),
      route("api", {"shop.localhost", "api.test", "www.example.com", "shop.internal"}, "/api", {})};
  const HostsNames names = hosts_names(config);
  CHECK(names.project.names ==
        std::vector<std::string>{"api.test", "shop.internal", "shop.localhost"});
  CHECK(names.project.file == "/x/\\xff/devproxy.toml");
  REQUIRE(names.left_out.size() == 2);
  CHECK(names.left_out[0].name == "*.shop.localhost");
  CHECK_THAT(names.left_out[0].why, ContainsSubstring("no patterns"));
  CHECK(names.left_out[1].name == "www.example.com");
  CHECK_THAT(names.left_out[1].why, ContainsSubstring("domains"));
}

TEST_CASE("hosts: projects that are there keep their names, those that are gone lose them",
          "[cli]") {
  const TempDir folder;
  const std::string there = folder.write("devproxy.toml", "");
  const std::string gone = folder.file("gone.toml");
  const std::vector<HostsProject> known{{"old", there, {"old.localhost"}},
                                        {"gone", gone, {"gone.localhost"}},
                                        {"shop", "/x/shop", {"was.localhost"}},
                                        {"once", "", {"run.localhost"}}};
  const std::vector<HostsProject> fresh{{"shop", "/x/shop", {"is.localhost"}},
                                        {"new", "/x/new", {"new.localhost"}},
                                        {"shop", "/x/shop", {"later.localhost"}},
                                        {"empty", "/x/empty", {}}};
  const auto merged = merge_hosts_names(known, fresh);
  REQUIRE(merged.size() == 3);
  CHECK(merged[0] == known[0]);
  CHECK(merged[1] == fresh[0]);
  CHECK(merged[2] == fresh[1]);
  CHECK(merge_hosts_names(merged, fresh) == merged);
}

TEST_CASE("hosts: the resolvers' files name each domain and the port", "[cli]") {
  const auto domains = domains_for_dns({"localhost", "shop.internal"});
  CHECK(domains == std::vector<std::string>{"shop.internal", "test"});
  const auto snippets = resolver_snippets(domains, 15353);
  REQUIRE(snippets.size() == 4);
  CHECK(snippets[0].text == "[Resolve]\nDNS=127.0.0.1:15353\nDomains=~shop.internal ~test\n");
  CHECK(snippets[1].text ==
        "server=/shop.internal/127.0.0.1#15353\nserver=/test/127.0.0.1#15353\n");
  CHECK(snippets[3].path == "/etc/resolver/test");
  CHECK(snippets[3].text == "nameserver 127.0.0.1\nport 15353\n");
}

}  // namespace
}  // namespace devproxy
