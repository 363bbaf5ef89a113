// Many stores at once: each by itself, root last.
#include "tests/certs/trust_stage.h"

namespace devproxy {
namespace {

/// A store that is a program called like it: `put NAME`, `take NAME`.
class PlayedStore final : public TrustStore {
 public:
  PlayedStore(CommandRunner& runner, const std::string& name, bool needs_root)
      : runner_(runner), label_{StoreKind::browser, name, "/" + name, needs_root} {}
  const StoreLabel& label() const override { return label_; }
  TrustCheck check(const Anchor& /*anchor*/) override {
    const bool in = runner_.run({"look", label_.name}, {})->worked();
    return {in ? TrustState::trusted : TrustState::not_trusted, in ? "" : "not in it", ""};
  }
  StorePlan put(const Anchor& /*anchor*/) override {
    return {{{"prepare", label_.name}, {"put", label_.name}}};
  }
  StorePlan take_back(std::span<const Anchor> /*anchors*/) override {
    if (!runner_.run({"look", label_.name}, {})->worked()) return {};
    return {{{"take", label_.name}}};
  }

 private:
  CommandRunner& runner_;
  StoreLabel label_;
};

struct Many {
  TrustStage stage;
  std::set<std::string> in;
  std::set<std::string> broken;
  TrustStores stores;
  Surroundings surroundings = stage.surroundings();

  Many() {
    FakeRunner& runner = stage.runner;
    runner.install("sudo");
    runner.install("look", [this](const Words& words) {
      return in.contains(words.at(1)) ? FakeRunner::worked() : FakeRunner::failed("");
    });
    runner.install("prepare");
    runner.install("put", [this](const Words& words) {
      if (broken.contains(words.at(1))) return FakeRunner::failed("first line\nit is broken\n");
      in.insert(words.at(1));
      return FakeRunner::worked();
    });
    runner.install("take", [this](const Words& words) {
      if (broken.contains(words.at(1))) return FakeRunner::failed("it holds on\n");
      in.erase(words.at(1));
      return FakeRunner::worked();
    });
    for (const char* name : {"a", "b", "c"}) add(name, false);
    for (const char* name : {"r", "s"}) add(name, true);
  }
  void add(const std::string& name, bool needs_root) {
    stores.push_back(std::make_unique<PlayedStore>(stage.runner, name, needs_root));
  }
  std::vector<std::string> commands() const { return stage.runner.commands({"look"}); }
};

TEST_CASE("trust: one store that fails never stops the others", "[trust]") {
  Many many;
  many.broken = {"b", "r"};
  TrustRun run(many.surroundings, many.stores, many.stage.anchors);
  run.begin(TrustAction::put, false);
  CHECK(many.commands() ==
        std::vector<std::string>{"prepare a", "put a", "prepare b", "put b", "prepare c", "put c"});
  CHECK_FALSE(many.stage.runner.asked_on_terminal());
  CHECK(report_of(run, "a").state == TrustState::trusted);
  CHECK(report_of(run, "b").failed);
  CHECK(report_of(run, "b").why == "it is broken");
  CHECK(report_of(run, "b").next == "put b");
  CHECK(report_of(run, "c").state == TrustState::trusted);
  CHECK_FALSE(report_of(run, "r").failed);
  CHECK(run.root_commands() == std::vector<Words>{{"sudo", "prepare", "r"},
                                                  {"sudo", "put", "r"},
                                                  {"sudo", "prepare", "s"},
                                                  {"sudo", "put", "s"}});
  many.stage.runner.clear();
  run.run_root_commands();
  CHECK(many.commands() ==
        std::vector<std::string>{"sudo prepare r", "sudo put r", "sudo prepare s", "sudo put s"});
  CHECK(report_of(run, "r").failed);
  CHECK(report_of(run, "r").next == "sudo put r");
  CHECK(report_of(run, "s").state == TrustState::trusted);
  CHECK_FALSE(run.needs_root());
  CHECK(run.any_failed());
}

TEST_CASE("trust: commands of a store stop at the first that fails", "[trust]") {
  Many many;
  FakeRunner& runner = many.stage.runner;
  FakeRunner picky;
  picky.install("look", [](const Words&) { return FakeRunner::failed(""); });
  picky.install("prepare", [](const Words&) { return FakeRunner::failed("no room"); });
  picky.install("put");
  const Surroundings surroundings = many.stage.surroundings(picky, true);
  TrustStores stores;
  stores.push_back(std::make_unique<PlayedStore>(picky, "a", false));
  TrustRun run(surroundings, stores, many.stage.anchors);
  run.begin(TrustAction::put, false);
  CHECK(picky.commands({"look"}) == std::vector<std::string>{"prepare a"});
  CHECK(report_of(run, "a").why == "no room");
  CHECK(runner.commands().empty());
}

TEST_CASE("trust: a dry run looks, and runs nothing", "[trust]") {
  Many many;
  many.in = {"a"};
  TrustRun run(many.surroundings, many.stores, many.stage.anchors);
  run.begin(TrustAction::put, true);
  CHECK(many.commands().empty());
  const std::vector<Words> all = run.all_commands();
  REQUIRE(all.size() == 8);
  CHECK(all.front() == Words{"prepare", "b"});
  CHECK(all.back() == Words{"sudo", "put", "s"});
  run.begin(TrustAction::take_back, true);
  CHECK(run.all_commands() == std::vector<Words>{{"take", "a"}});
  CHECK(many.commands().empty());
}

TEST_CASE("trust: root needs no sudo, and no second step", "[trust]") {
  Many many;
  many.surroundings.is_root = true;
  TrustRun run(many.surroundings, many.stores, many.stage.anchors);
  run.begin(TrustAction::put, false);
  CHECK(many.commands().size() == 10);
  CHECK(many.commands().back() == "put s");
  CHECK_FALSE(run.needs_root());
  CHECK_FALSE(run.any_failed());
}

TEST_CASE("trust: where there is only doas, that is used", "[trust]") {
  Many many;
  FakeRunner doas;
  doas.install("doas");
  doas.install("look", [](const Words&) { return FakeRunner::failed(""); });
  const Surroundings surroundings = many.stage.surroundings(doas, false);
  TrustStores stores;
  stores.push_back(std::make_unique<PlayedStore>(doas, "r", true));
  TrustRun run(surroundings, stores, many.stage.anchors);
  run.begin(TrustAction::put, false);
  CHECK(run.root_commands().front() == Words{"doas", "prepare", "r"});
}

TEST_CASE("trust: what cannot be taken back is told", "[trust]") {
  Many many;
  many.in = {"a", "b", "r"};
  many.broken = {"b"};
  TrustRun run(many.surroundings, many.stores, many.stage.anchors);
  run.begin(TrustAction::take_back, false);
  CHECK(report_of(run, "a").changed);
  CHECK_FALSE(report_of(run, "a").failed);
  CHECK(report_of(run, "b").failed);
  CHECK(report_of(run, "b").why == "it holds on");
  CHECK_FALSE(report_of(run, "c").changed);
  CHECK(run.needs_root());
  run.run_root_commands();
  CHECK(many.in == std::set<std::string>{"b"});
  CHECK(run.any_failed());
}

}  // namespace
}  // namespace devproxy
