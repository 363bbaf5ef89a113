#include "router/route_table.h"

#include "tests/router/tables.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

ConfigBuilder letters() {
  ConfigBuilder builder;
  for (const char* name : {"a", "b", "c", "d", "e"}) builder.service(name, PortTarget{4001});
  return builder;
}

TEST_CASE("route table: an exact host beats wildcards, the longer suffix the shorter, * is last",
          "[router]") {
  const auto table = letters()
                         .route("a", {"*"})
                         .route("b", {"*.test"})
                         .route("c", {"*.shop.test"})
                         .route("d", {"x.shop.test"})
                         .build();
  struct Row {
    const char* host;
    const char* service;
  };
  const Row rows[] = {
      {"x.shop.test", "d"}, {"y.shop.test", "c"}, {"y.x.shop.test", "c"},
      {"shop.test", "b"},   {"test", "a"},        {".shop.test", "b"},
      {".test", "a"},       {"xshop.test", "b"},  {"", "a"},
      {"x.shop.tes", "a"},  {"X.shop.test", "c"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.host);
    CHECK(service_for(*table, {row.host, "/", "GET"}) == row.service);
  }
}

TEST_CASE("route table: the longest path prefix wins, by segments", "[router]") {
  const auto table = letters()
                         .route("a", {"h"})
                         .route("b", {"h"}, "/api")
                         .route("c", {"h"}, "/api/v2")
                         .route("d", {"h"}, "/api-docs")
                         .route("e", {"h"}, "/ap")
                         .build();
  struct Row {
    const char* path;
    const char* service;
  };
  const Row rows[] = {
      {"/", "a"},         {"/x", "a"},       {"/api", "b"},        {"/api/", "b"},
      {"/api/v1", "b"},   {"/api/v2", "c"},  {"/api/v2/x/y", "c"}, {"/api/v22", "b"},
      {"/api-docs", "d"}, {"/api-doc", "a"}, {"/apix", "a"},       {"/ap/i", "e"},
      {"/api.", "a"},     {"/API", "a"},     {"/api;v", "a"},      {"/api/v2;x", "b"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CHECK(service_for(*table, {"h", row.path, "GET"}) == row.service);
  }
}

TEST_CASE("route table: more conditions win, then the file's order", "[router]") {
  const auto table = letters()
                         .route("a", {"h"})
                         .route("b", {"h"}, "/", {"GET", "HEAD"})
                         .route("c", {"h"}, "/", {"GET"}, {{"x-tenant", "acme"}})
                         .route("d", {"h"}, "/", {}, {{"x-tenant", "acme"}})
                         .route("e", {"h"}, "/", {}, {{"x-tenant", "acme"}})
                         .build();
  const FieldMap acme{{"x-tenant", "acme"}};
  const FieldMap other{{"x-tenant", "ACME"}};
  CHECK(service_for(*table, {"h", "/", "GET", &acme}) == "c");
  CHECK(service_for(*table, {"h", "/", "HEAD", &acme}) == "b");
  CHECK(service_for(*table, {"h", "/", "POST", &acme}) == "d");
  CHECK(service_for(*table, {"h", "/", "POST", &other}) == "a");
  CHECK(service_for(*table, {"h", "/", "GET", &other}) == "b");
  CHECK(service_for(*table, {"h", "/", "get", nullptr}) == "a");
}

TEST_CASE("route table: precedence is among the routes that match, over all host patterns",
          "[router]") {
  const auto table = letters()
                         .route("a", {"h.test"}, "/api", {"GET"})
                         .route("b", {"*.test"}, "/api")
                         .route("c", {"*"}, "/api/deep")
                         .build();
  CHECK(service_for(*table, {"h.test", "/api/deep", "GET"}) == "a");
  CHECK(service_for(*table, {"h.test", "/api/deep", "PUT"}) == "b");
  CHECK(service_for(*table, {"h", "/api/deep", "PUT"}) == "c");
  CHECK(table->match({"h.test", "/", "GET"}) == nullptr);
}

TEST_CASE("route table: a route may name many hosts, and one of them twice", "[router]") {
  const auto table = letters().route("a", {"h", "*.h", "h"}).build();
  CHECK(service_for(*table, {"h", "/", "GET"}) == "a");
  CHECK(service_for(*table, {"x.h", "/", "GET"}) == "a");
  CHECK(table->explain({"h", "/", "GET"}).size() == 1);
}

TEST_CASE("route table: an empty one matches nothing", "[router]") {
  const auto table = RouteTable::build(Config{});
  CHECK(table->match({"localhost", "/", "GET"}) == nullptr);
  CHECK(table->explain({"localhost", "/", "GET"}).empty());
  CHECK_FALSE(table->knows_host("localhost"));
}

TEST_CASE("route table: knows the hosts that routes name, whatever their path; * names none",
          "[router]") {
  const auto table =
      letters().route("a", {"h.test"}, "/api").route("b", {"*.w.test"}).route("c", {"*"}).build();
  CHECK(table->knows_host("h.test"));
  CHECK(table->knows_host("x.w.test"));
  CHECK_FALSE(table->knows_host("w.test"));
  CHECK_FALSE(table->knows_host("evil.example"));
}

TEST_CASE("route table: hosts with very many labels cost no more than the longest suffix",
          "[router]") {
  const auto table = letters().route("a", {"*.b.test"}).build();
  std::string host;
  for (int i = 0; i < 100'000; ++i) host += "b.";
  CHECK(service_for(*table, {host + "test", "/", "GET"}) == "a");
  CHECK(table->match({host + "tess", "/", "GET"}) == nullptr);
}

TEST_CASE("route table: thousands of paths on one host are all found", "[router]") {
  ConfigBuilder builder;
  builder.service("a", PortTarget{1});
  constexpr std::size_t count = 5000;
  for (std::size_t i = 0; i < count; ++i) {
    builder.route("a", {"h"}, "/svc/" + std::to_string(i));
  }
  const auto table = builder.build();
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string path = "/svc/" + std::to_string(i);
    for (const std::string& tail : {std::string(), std::string("/x")}) {
      const Route* route = table->match({"h", path + tail, "GET"});
      wrong += route == nullptr || route->order != i ? 1 : 0;
    }
  }
  CHECK(wrong == 0);
  CHECK(table->match({"h", "/svc", "GET"}) == nullptr);
  CHECK(table->match({"h", "/svc/5000", "GET"}) == nullptr);
}

TEST_CASE("route table: explain tells why each candidate lost", "[router]") {
  const auto table = letters()
                         .route("a", {"*"})
                         .route("b", {"h.test"}, "/api")
                         .route("c", {"h.test"}, "/api", {"PUT", "POST"})
                         .route("d", {"h.test"}, "/api", {}, {{"x-tenant", "acme"}})
                         .route("e", {"h.test"}, "/other")
                         .route("e", {"*.test"})
                         .route("e", {"h.test"})
                         .route("e", {"h.test"}, "/api")
                         .route("e", {"elsewhere"})
                         .build();
  const auto render = [&](const Lookup& lookup) {
    std::vector<std::string> lines;
    for (const Candidate& candidate : table->explain(lookup)) {
      lines.push_back((candidate.matched ? "> " : "  ") + candidate.host +
                      candidate.route->rule.path + ": " + candidate.reason);
    }
    return lines;
  };
  const FieldMap other{{"x-tenant", "o\x1b"}};
  CHECK(render({"h.test", "/api/x", "GET", &other}) ==
        std::vector<std::string>{
            "  h.test/other: path /api/x is not below /other",
            "  h.test/api: method GET is not PUT, POST",
            R"(  h.test/api: header x-tenant is "o\x1b", not "acme")",
            "> h.test/api: matches",
            "  h.test/api: the route at devproxy.toml:2 stands earlier",
            "  h.test/: path /api is longer than /",
            "  *.test/: h.test is more exact than *.test",
            "  */: h.test is more exact than *",
        });
  const FieldMap acme{{"x-tenant", "acme"}};
  CHECK(render({"h.test", "/api", "PUT", &acme})[2] ==
        "  h.test/api: the route at devproxy.toml:3 stands earlier");
  CHECK(render({"h.test", "/api", "PUT", &acme})[3] ==
        "  h.test/api: the route at devproxy.toml:3 has more conditions");
  CHECK(render({"h.test", "/api", "GET"})[2] ==
        R"(  h.test/api: header x-tenant is missing, "acme" is asked for)");
  CHECK(render({"x.test", "/", "GET"}) ==
        std::vector<std::string>{"> *.test/: matches", "  */: *.test is more exact than *"});
}

TEST_CASE("route table: keeps routes and services in file order", "[router]") {
  const auto table = letters().route("b", {"x"}).route("a", {"y"}).build();
  REQUIRE(table->routes().size() == 2);
  CHECK(table->routes()[0].service == 1);
  CHECK(table->routes()[0].order == 0);
  CHECK(table->routes()[1].service == 0);
  CHECK(table->routes()[1].order == 1);
  CHECK(table->services().size() == 5);
  CHECK(table->match({"y", "/", "GET"}) == &table->routes()[1]);
}

}  // namespace
}  // namespace devproxy
