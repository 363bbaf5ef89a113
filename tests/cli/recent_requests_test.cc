#include "cli/running/recent_requests.h"

#include "tests/support/test.h"

namespace devproxy {
namespace {

ExchangeRecord record_of(std::string_view host, std::string_view target, std::string_view service,
                         int status = 200) {
  ExchangeRecord record;
  record.began = std::chrono::system_clock::time_point(std::chrono::seconds(1'000));
  record.method = "GET";
  record.host = host;
  record.target = target;
  record.service = service;
  record.status = status;
  record.took = std::chrono::microseconds(1'500);
  return record;
}

}  // namespace

TEST_CASE("recent requests: the last ones that fit, the oldest first", "[cli][requests]") {
  RecentRequests recent;
  CHECK(recent.last({}).empty());
  recent.add(record_of("shop.localhost:6289", "/1?token=secret", "web"));
  recent.add(record_of("shop.localhost:6289", "/api", "api"));
  recent.add(record_of("other.localhost", "/2", "web"));
  recent.add(record_of("[::1]:6289", "/3", ""));
  CHECK(recent.last({}).size() == 4);
  CHECK(recent.last({"web", "", 10}).size() == 2);
  const auto found = recent.last({"web", "SHOP.localhost", 10});
  REQUIRE(found.size() == 1);
  CHECK(found.front().path == "/1");
  CHECK(recent.last({"", "::1", 10}).size() == 1);
  const auto last = recent.last({"", "", 2});
  CHECK(last.front().path == "/2");
  CHECK(last.back().path == "/3");
}

TEST_CASE("recent requests: the ring is bounded and goes round", "[cli][requests]") {
  RecentRequests recent;
  for (std::size_t i = 0; i < RecentRequests::most * 2 + 7; ++i)
    recent.add(record_of("a", "/" + std::to_string(i), "web"));
  const auto all = recent.last({"", "", 1'000});
  REQUIRE(all.size() == RecentRequests::most);
  CHECK(all.front().path == "/" + std::to_string(RecentRequests::most + 7));
  CHECK(all.back().path == "/" + std::to_string(RecentRequests::most * 2 + 6));
  recent.add(record_of("a", "/" + std::string(10'000, 'x'), "web"));
  CHECK(recent.last({"", "", 1}).front().path.size() == RecentRequests::longest_path);
}

TEST_CASE("recent requests: the answer over the control socket", "[cli][requests]") {
  RecentRequests recent;
  recent.add(record_of("shop.localhost", "/\xff", "web", 502));
  recent.add(record_of("shop.localhost", "/b", "web"));
  const ControlCall call{"requests", {{"service", "web"}, {"count", "5"}}};
  const auto answer = read_requests_answer(requests_answer(&recent, call));
  REQUIRE(answer);
  CHECK(answer->measured);
  REQUIRE(answer->requests.size() == 2);
  CHECK(answer->requests[0].status == 502);
  CHECK(answer->requests[1].path == "/b");
  CHECK(answer->requests[1].took == std::chrono::microseconds(1'500));
  CHECK(answer->requests[1].began == record_of("", "", "").began);
  const auto unmeasured = read_requests_answer(requests_answer(nullptr, call));
  REQUIRE(unmeasured);
  CHECK_FALSE(unmeasured->measured);
  CHECK_FALSE(read_requests_answer("[]"));
}

}  // namespace devproxy
