#include "cli/reporters/access_line.h"

#include "base/json.h"
#include "cli/terminal/time_text.h"
#include "tests/cli/configs.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

using std::chrono::microseconds;

ExchangeRecord sample() {
  ExchangeRecord record;
  record.began =
      std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'123));
  record.method = "GET";
  record.host = "shop.localhost:6289";
  record.target = "/api/users?token=secret";
  record.status = 200;
  record.took = microseconds(12'345);
  record.service = "api";
  record.protocol = "HTTP/1.1";
  record.bytes_in = 7;
  record.bytes_out = 1234;
  return record;
}

LineLayout layout_of(std::size_t width, std::size_t host, std::size_t service) {
  LineLayout layout;
  layout.width = width;
  layout.host = host;
  layout.service = service;
  return layout;
}

std::string words(const ExchangeRecord& record, const LineLayout& layout,
                  AccessLogMode mode = AccessLogMode::path) {
  AccessLines lines;
  std::string text;
  lines.append_words(text, record, layout, mode);
  return text;
}

Json json(const ExchangeRecord& record, AccessLogMode mode = AccessLogMode::path,
          bool event = false) {
  AccessLines lines;
  std::string text;
  lines.append_json(text, record, mode, event);
  REQUIRE(text.back() == '\n');
  REQUIRE(text.find('\n') == text.size() - 1);
  return parse_json(text);
}

TEST_CASE("access line: a TCP connection tells its bytes and how it ended", "[cli]") {
  ExchangeRecord record = sample();
  record.method = "TCP";
  record.host = "127.0.0.1:5432";
  record.target = "";
  record.status = 0;
  record.took = microseconds(12'300'000);
  record.service = "db";
  record.protocol = "tcp";
  record.bytes_in = 812;
  record.bytes_out = 1'300'000'000;
  record.note = "closed by the client";
  AccessLines lines;
  CHECK(
      words(record, layout_of(0, 15, 3)) ==
      lines.clock(record.began) +
          "  TCP     127.0.0.1:5432   812 B in, 1.2 GiB out               -  12.3 s  db (closed by "
          "the client)\n");
  CHECK(json(record)["protocol"] == "tcp");
  CHECK(json(record)["path"] == "");
  CHECK(json(record, AccessLogMode::path, true)["event"] == "connection");
  CHECK(json(sample(), AccessLogMode::path, true)["event"] == "request");
}

TEST_CASE("access line: columns in order, without the query and our own port", "[cli]") {
  AccessLines lines;
  const std::string clock = lines.clock(sample().began);
  CHECK(clock.size() == 8);
  CHECK(words(sample(), layout_of(0, 14, 3)) ==
        clock + "  GET     shop.localhost  /api/users                        200   12 ms  api\n");
}

TEST_CASE("access line: the query is shown when it is asked for", "[cli]") {
  CHECK_THAT(words(sample(), {}, AccessLogMode::full),
             ContainsSubstring("/api/users?token=secret"));
  CHECK(json(sample(), AccessLogMode::full)["path"] == "/api/users?token=secret");
  CHECK(json(sample())["path"] == "/api/users");
}

TEST_CASE("access line: a line fits the terminal and keeps its columns", "[cli]") {
  ExchangeRecord record = sample();
  const std::string path = "/" + std::string(200, 'p');
  record.target = path;
  const LineLayout layout = layout_of(80, 14, 3);
  const std::string shorter = words(sample(), layout);
  const std::string cut = words(record, layout);
  CHECK(cut.size() <= 81);
  CHECK(cut.find(" 200 ") == shorter.find(" 200 "));
  CHECK_THAT(cut, ContainsSubstring("ppp... "));
  CHECK_THAT(words(record, {}), ContainsSubstring(path));
}

TEST_CASE("access line: bytes outside printable ASCII are escaped", "[cli]") {
  ExchangeRecord record = sample();
  record.method = "G\x1bT";
  record.host = "a\r\nb";
  record.target = "/\x1b[2J\x07\xff";
  record.note = "bad\nnews";
  for (const AccessLogMode mode : {AccessLogMode::path, AccessLogMode::full}) {
    const std::string line = words(record, {}, mode);
    for (const char c : line.substr(0, line.size() - 1)) CHECK((c >= 0x20 && c < 0x7f));
    CHECK_THAT(line, ContainsSubstring("\\x1b[2J\\x07\\xff"));
  }
  CHECK(json(record)["host"] == "a\r\nb");
}

TEST_CASE("access line: the cause stands behind the service, or below when there is no room",
          "[cli]") {
  ExchangeRecord record = sample();
  record.note = "connection refused";
  CHECK_THAT(words(record, {}), ContainsSubstring("  api (connection refused)\n"));
  const std::string narrow = words(record, layout_of(80, 14, 3));
  CHECK_THAT(narrow, ContainsSubstring("  api\n          connection refused\n"));
  record.service = "";
  CHECK_THAT(words(record, {}), ContainsSubstring("12 ms  (connection refused)\n"));
}

TEST_CASE("access line: the status decides the colour", "[cli]") {
  ExchangeRecord record = sample();
  LineLayout coloured;
  coloured.colour = true;
  const auto colour_of = [&](int status) {
    record.status = status;
    const std::string line = words(record, coloured);
    const std::size_t end = line.find("m" + std::to_string(status));
    REQUIRE(end != std::string::npos);
    return line.substr(end - 2, 2);
  };
  CHECK(colour_of(101) == "35");
  CHECK(colour_of(204) == "32");
  CHECK(colour_of(308) == "36");
  CHECK(colour_of(404) == "33");
  CHECK(colour_of(503) == "31");
}

TEST_CASE("access line: the JSON form has every field", "[cli]") {
  const auto object = json(sample());
  CHECK(object["time"] == "2023-11-14T22:13:20.123Z");
  CHECK(object["method"] == "GET");
  CHECK(object["host"] == "shop.localhost:6289");
  CHECK(object["status"] == 200);
  CHECK(object["ms"] == 12.345);
  CHECK(object["service"] == "api");
  CHECK(object["protocol"] == "HTTP/1.1");
  CHECK(object["bytes_in"] == 7);
  CHECK(object["bytes_out"] == 1234);
  CHECK(object["note"] == "");
  CHECK_FALSE(object.contains("schema"));
  const auto event = json(sample(), AccessLogMode::path, true);
  CHECK(event["schema"] == "devproxy.event/v1");
  CHECK(event["event"] == "request");
  CHECK(event["time"] == object["time"]);
}

TEST_CASE("access line: the JSON form is valid whatever a client sent", "[cli]") {
  ExchangeRecord record = sample();
  record.target = "/\"\\\x01\xc3\xa4\xff";
  record.host = "\"";
  CHECK(json(record)["host"] == "\"");
  CHECK(json(record)["path"] == "/\"\\\x01\xc3\xa4\xef\xbf\xbd");
}

TEST_CASE("access line: durations are short and never wider than their column", "[cli]") {
  CHECK(duration_text(microseconds(0)) == "0.0 ms");
  CHECK(duration_text(microseconds(9'900)) == "9.9 ms");
  CHECK(duration_text(microseconds(9'990)) == "10 ms");
  CHECK(duration_text(microseconds(123'400)) == "123 ms");
  CHECK(duration_text(microseconds(9'999'400)) == "9999 ms");
  CHECK(duration_text(microseconds(9'999'900)) == "10.0 s");
  CHECK(duration_text(microseconds(99'990'000)) == "1m 39s");
  CHECK(duration_text(microseconds(245'000'000)) == "4m 05s");
  CHECK(duration_text(std::chrono::minutes(182)) == "3h 02m");
}

TEST_CASE("access line: the layout takes the widest host and service, within reason", "[cli]") {
  Config config;
  config.services = {{"a-service", PortTarget{1}, {}, {}}};
  config.routes = {route("a-service", {"shop.localhost", "a.shop.localhost"})};
  const LineLayout layout = LineLayout::for_config(config, 80, false);
  CHECK(layout.host == 16);
  CHECK(layout.service == 9);
  config.routes.front().hosts.push_back(std::string(200, 'h'));
  CHECK(LineLayout::for_config(config, 80, false).host == 32);
}

}  // namespace
}  // namespace devproxy
