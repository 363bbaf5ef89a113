// Which checkout a project stands in, and what its hosts are called there. The folders are what git
// and jj leave behind; tests/services/worktree_test.cc has git itself.
#include "config/worktree.h"

#include "config/checkout.h"
#include "tests/config/temp_project.h"

namespace devproxy {
namespace {

/// Folders beside each other: shop is the main checkout, the others are linked to it.
class Checkouts {
 public:
  Checkouts() { dir_.write("shop/.git/HEAD", "ref: refs/heads/main\n"); }

  std::string path(const std::string& name) const { return dir_.file(name); }
  void write(const std::string& name, const std::string& text) const { dir_.write(name, text); }
  /// As `git worktree add ../FOLDER` leaves it; `head` is the text of HEAD.
  void link(const std::string& folder, const std::string& head,
            const std::string& common = "shop/.git") const {
    const std::string name = std::filesystem::path(folder).filename().string();
    const std::string admin = common + "/worktrees/" + name;
    write(folder + "/.git", "gitdir: " + path(admin) + "\n");
    write(admin + "/HEAD", head);
    write(admin + "/commondir", "../..\n");
    write(admin + "/gitdir", path(folder) + "/.git\n");
    // Made one after the other, however coarse the clock is.
    std::filesystem::last_write_time(
        path(admin + "/commondir"), std::filesystem::file_time_type() + std::chrono::hours(++age_));
  }
  void branch(const std::string& folder, const std::string& name) const {
    link(folder, "ref: refs/heads/" + name + "\n");
  }
  Config config(const std::string& folder, const std::string& toml) const {
    write(folder + "/devproxy.toml", toml);
    LoadRequest request;
    request.working_directory = path(folder);
    request.environment = [](std::string_view) { return std::nullopt; };
    LoadOutcome outcome = load(request);
    INFO(TempProject::rendered(outcome));
    REQUIRE(outcome.result.has_value());
    files_ = outcome.files;
    return *std::move(outcome.result);
  }
  std::string label(const std::string& folder) const {
    return config(folder, "name = \"shop\"\n").worktree.label;
  }
  const std::vector<std::string>& files() const { return files_; }

 private:
  TempDir dir_;
  mutable int age_ = 0;
  mutable std::vector<std::string> files_;
};

std::string toml_with(const std::string& hosts) {
  return "name = \"shop\"\n[services.web]\nport = 3000\nhost = [" + hosts + "]\n";
}

TEST_CASE("worktree: the main checkout has no label, a linked one its branch", "[config]") {
  const Checkouts checkouts;
  checkouts.branch("fix", "fix/UI_2");
  CHECK(checkouts.label("shop").empty());
  CHECK(checkouts.label("fix") == "fix-ui-2");
  const Config config = checkouts.config("fix", "name = \"shop\"\n[services.web]\nport = 1\n");
  CHECK(config.worktree.origin == "branch fix/UI_2");
  CHECK(config.worktree.name == "fix-ui-2");
  CHECK(config.routes.at(0).hosts.at(0) == "web.shop-fix-ui-2.localhost");
  const auto& files = checkouts.files();
  CHECK(std::count(files.begin(), files.end(), checkouts.path("shop/.git/worktrees/fix/HEAD")) ==
        1);
  CHECK(checkouts.config("shop", toml_with("\"shop.localhost\"")).worktree.name == "shop");
}

TEST_CASE("worktree: without a branch the folder gives the label", "[config]") {
  const Checkouts checkouts;
  const std::string detached = "0123456789012345678901234567890123456789\n";
  checkouts.link("shop-two", detached);
  checkouts.link("a1b2/shop", detached);
  checkouts.link("rebased", detached);
  checkouts.write("shop/.git/worktrees/rebased/rebase-merge/head-name", "refs/heads/topic\n");
  checkouts.link("bisected", detached);
  checkouts.write("shop/.git/worktrees/bisected/BISECT_START", "older\n");
  checkouts.link("tables", "ref: refs/heads/.invalid\n");
  CHECK(checkouts.label("shop-two") == "two");
  CHECK(checkouts.label("a1b2/shop") == "a1b2");
  CHECK(checkouts.label("rebased") == "topic");
  CHECK(checkouts.label("bisected") == "older");
  CHECK(checkouts.label("tables") == "tables");
}

TEST_CASE("worktree: a label is one of DNS, and no two checkouts share one", "[config]") {
  const Checkouts checkouts;
  checkouts.branch("one", "fix/ui");
  checkouts.branch("two", "fix-ui");
  checkouts.branch("three", "Fix_UI");
  checkouts.branch("long", "feature/" + std::string(100, 'x'));
  checkouts.branch("odd", "\xc3\xa4/\xc3\xb6");
  CHECK(checkouts.label("one") == "fix-ui");
  const std::string second = checkouts.label("two");
  const std::string third = checkouts.label("three");
  CHECK(second.size() == std::string("fix-ui-0000").size());
  CHECK(second.starts_with("fix-ui-"));
  CHECK(third.starts_with("fix-ui-"));
  CHECK(second != third);
  CHECK(checkouts.label("two") == second);
  CHECK(checkouts.label("long").size() == 40);
  CHECK(checkouts.label("long").starts_with("feature-xxx"));
  CHECK(checkouts.label("odd") == "odd");
  // Removed by hand, it is nobody's rival.
  std::filesystem::remove_all(checkouts.path("one"));
  CHECK(checkouts.label("two") == "fix-ui");
}

TEST_CASE("worktree: beside a bare repository the checkout with its branch is the main one",
          "[config]") {
  const Checkouts checkouts;
  checkouts.write("lib.git/config", "[core]\n\trepositoryformatversion = 0\n\tbare = true\n");
  checkouts.write("lib.git/HEAD", "ref: refs/heads/trunk\n");
  checkouts.link("trunk", "ref: refs/heads/trunk\n", "lib.git");
  checkouts.link("topic", "ref: refs/heads/topic\n", "lib.git");
  CHECK(checkouts.label("trunk").empty());
  CHECK(checkouts.label("topic") == "topic");
  // What the file does not say is the same in all of them.
  CHECK(checkouts.config("topic", "").project == "lib");
  CHECK(find_checkout(checkouts.path("topic")).main_name == "lib");
}

TEST_CASE("worktree: a submodule goes with the checkout around it, a clone inside does not",
          "[config]") {
  const Checkouts checkouts;
  checkouts.branch("fix", "topic");
  checkouts.write("fix/sub/.git", "gitdir: ../../shop/.git/worktrees/fix/modules/sub\n");
  checkouts.write("shop/.git/worktrees/fix/modules/sub/HEAD", "ref: refs/heads/main\n");
  checkouts.write("fix/vendor/.git/HEAD", "ref: refs/heads/main\n");
  checkouts.write("fix/apart/.git", "gitdir: " + checkouts.path("elsewhere") + "\n");
  checkouts.write("fix/deep/er/x", "");
  CHECK(checkouts.label("fix/sub") == "topic");
  CHECK(checkouts.label("fix/vendor").empty());
  CHECK(checkouts.label("fix/apart").empty());
  CHECK(checkouts.label("fix/deep/er") == "topic");
}

TEST_CASE("worktree: all checkouts of a repository know that they are of one family", "[config]") {
  Checkouts checkouts;
  checkouts.write("x/shop/.git/HEAD", "ref: refs/heads/main\n");
  checkouts.link("x/fix", "ref: refs/heads/fix\n", "x/shop/.git");
  checkouts.write("x/shop/.jj/repo/store/type", "git");
  checkouts.write("x/jj/.jj/repo", "../../shop/.jj/repo");
  checkouts.write("y/shop/.git/HEAD", "ref: refs/heads/main\n");
  const std::string family = find_checkout(checkouts.path("x/shop")).family;
  CHECK(family == std::filesystem::canonical(checkouts.path("x/shop")).string());
  CHECK(find_checkout(checkouts.path("x/fix")).family == family);
  CHECK(find_checkout(checkouts.path("x/jj")).family == family);
  CHECK(find_checkout(checkouts.path("y/shop")).family != family);
  CHECK(find_checkout(checkouts.path("z")).family.empty());
  const std::string file = "name = \"shop\"\n[services.web]\nport = 1\n";
  CHECK(checkouts.config("x/fix", file).worktree.family == family);
  // By the project's name alone.
  CHECK(checkouts.config("x/fix", "worktree = \"folder\"\n" + file).worktree.family.empty());
}

TEST_CASE("worktree: a jj workspace is one too", "[config]") {
  const Checkouts checkouts;
  checkouts.write("jj/shop/.jj/repo/store/type", "git");
  checkouts.write("jj/shop-fix/.jj/repo", checkouts.path("jj/shop/.jj/repo"));
  checkouts.write("jj/relative/.jj/repo", "../../shop/.jj/repo");
  CHECK(checkouts.label("jj/shop").empty());
  CHECK(checkouts.label("jj/shop-fix") == "fix");
  const Config config = checkouts.config("jj/relative", "[services.web]\nport = 1\n");
  CHECK(config.project == "shop");
  CHECK(config.routes.at(0).hosts.at(0) == "web.shop-relative.localhost");
}

TEST_CASE("worktree: the project is called the same in every checkout", "[config]") {
  const Checkouts checkouts;
  checkouts.branch("shop-fix", "topic");
  checkouts.write("shop-fix/apps/api/x", "");
  const std::string service = "[services.web]\nport = 1\n";
  CHECK(checkouts.config("shop-fix", service).project == "shop");
  CHECK(checkouts.config("shop-fix", service).routes.at(0).hosts.at(0) ==
        "web.shop-topic.localhost");
  CHECK(checkouts.config("shop-fix/apps/api", service).project == "api");
}

TEST_CASE("worktree: the label joins the name below the domain", "[config]") {
  ProxySettings proxy;
  proxy.domains = {"localhost", "test", "shop.internal"};
  Worktree flat;
  flat.label = "fix";
  Worktree nested = flat;
  nested.form = WorktreeForm::nested;
  struct Row {
    const char* host;
    const char* flat;
    const char* nested;
  };
  const Row rows[] = {
      {"shop.localhost", "shop-fix.localhost", "fix.shop.localhost"},
      {"web.shop.localhost", "web.shop-fix.localhost", "web.fix.shop.localhost"},
      {"a.b.shop.localhost", "a.b.shop-fix.localhost", "a.b.fix.shop.localhost"},
      {"*.shop.localhost", "*.shop-fix.localhost", "*.fix.shop.localhost"},
      {"*.localhost", "*.fix.localhost", "*.fix.localhost"},
      {"localhost", "fix.localhost", "fix.localhost"},
      {"shop.test", "shop-fix.test", "fix.shop.test"},
      {"shop.internal", "fix.shop.internal", "fix.shop.internal"},
      {"web.shop.internal", "web-fix.shop.internal", "fix.web.shop.internal"},
      // Somebody else's, or everybody's.
      {"shop.example.com", "shop.example.com", "shop.example.com"},
      {"notlocalhost", "notlocalhost", "notlocalhost"},
      {"*", "*", "*"},
  };
  for (const Row& row : rows) {
    INFO(row.host);
    CHECK(host_in(flat, proxy, row.host) == row.flat);
    CHECK(host_in(nested, proxy, row.host) == row.nested);
    CHECK(host_in(Worktree(), proxy, row.host) == row.host);
  }
  Worktree off = flat;
  off.form = WorktreeForm::off;
  CHECK(host_in(off, proxy, "shop.localhost") == "shop.localhost");
  const std::string longest = host_in(flat, proxy, std::string(63, 'a') + ".localhost");
  CHECK(longest.find('.') == 63);
}

TEST_CASE("worktree: explicit hosts get the label, those with {worktree} have it", "[config]") {
  const Checkouts checkouts;
  checkouts.branch("fix", "topic");
  const Config config = checkouts.config(
      "fix",
      toml_with(R"("shop.localhost", "x.example.com", "api-{worktree}.localhost", "*.shop.test")") +
          R"([services.old]
redirect = "https://shop.localhost:6289/x"
[services.away]
redirect = "https://blog.localhost/"
[[routes]]
service = "web"
path = "/more"
)");
  CHECK(config.routes.at(0).hosts ==
        std::vector<std::string>{"shop-topic.localhost", "x.example.com", "api-topic.localhost",
                                 "*.shop-topic.test"});
  CHECK(config.routes.at(3).hosts == config.routes.at(0).hosts);
  CHECK(std::get<RedirectTarget>(config.services.at(1).target).to ==
        "https://shop-topic.localhost:6289/x");
  CHECK(std::get<RedirectTarget>(config.services.at(2).target).to == "https://blog.localhost/");
}

TEST_CASE("worktree: the key chooses the form", "[config]") {
  const Checkouts checkouts;
  checkouts.branch("fix", "topic");
  const auto host = [&](const std::string& folder, const std::string& form) {
    return checkouts
        .config(folder, "worktree = \"" + form + "\"\n" + toml_with("\"shop.localhost\""))
        .routes.at(0)
        .hosts.at(0);
  };
  CHECK(host("fix", "flat") == "shop-topic.localhost");
  CHECK(host("fix", "nested") == "topic.shop.localhost");
  CHECK(host("fix", "off") == "shop.localhost");
  CHECK(host("fix", "folder") == "shop-fix.localhost");
  CHECK(host("shop", "folder") == "shop.localhost");
  // A copy that no version control knows of.
  checkouts.write("shop-2/x", "");
  CHECK(host("shop-2", "folder") == "shop-2.localhost");
  CHECK(host("shop-2", "flat") == "shop.localhost");
}

TEST_CASE("worktree: a stable TCP port stays with the main checkout", "[config]") {
  const Checkouts checkouts;
  checkouts.branch("fix", "topic");
  const std::string toml = "name = \"shop\"\n[services.db]\nport = 54321\nlisten = 5432\n";
  CHECK(checkouts.config("shop", toml).tcp.size() == 1);
  const Config linked = checkouts.config("fix", toml);
  CHECK(linked.tcp.empty());
  CHECK(linked.routes.empty());
  CHECK(linked.worktree.left_ports == std::vector<std::uint16_t>{5432});
  CHECK(checkouts.config("fix", "worktree = \"off\"\n" + toml).tcp.size() == 1);
  // What only this checkout says is meant for it.
  checkouts.write("fix/devproxy.local.toml", "[services.db]\nlisten = 5433\n");
  const Config local = checkouts.config("fix", toml);
  REQUIRE(local.tcp.size() == 1);
  CHECK(local.tcp[0].port == 5433);
  CHECK(local.worktree.left_ports.empty());
}

}  // namespace
}  // namespace devproxy
