// Lines of the control protocol: what is one, and what is refused.
#include "control/protocol.h"

#include "tests/support/test.h"

namespace devproxy {
namespace {

TEST_CASE("control protocol: a call is read as it was written", "[control]") {
  const ControlCall call{"logs", {{"service", "web"}, {"lines", "7"}, {"odd", "\"\n\x01 ü"}}};
  const std::string line = to_line(call);
  CHECK(line.find('\n') == std::string::npos);
  const auto read = read_call(line);
  REQUIRE(read);
  CHECK(read->name == call.name);
  CHECK(read->arguments == call.arguments);
  CHECK(read->argument("service") == "web");
  CHECK(read->argument("absent").empty());
}

TEST_CASE("control protocol: arguments may be left out, and what is unknown is ignored",
          "[control]") {
  CHECK(read_call(R"({"devproxy":1,"call":"status"})")->arguments.empty());
  CHECK(read_call(R"( {"call":"status" , "later":[1,{}], "devproxy":1} )")->name == "status");
}

TEST_CASE("control protocol: a line that is no call is refused", "[control]") {
  const std::string deep(30'000, '[');
  const std::string line = GENERATE_COPY(
      values<std::string>({"",
                           " ",
                           "x",
                           "status",
                           "null",
                           "1",
                           "\"status\"",
                           "[]",
                           "{}",
                           "{",
                           "}{",
                           R"({"devproxy":1})",
                           R"({"devproxy":1,"call":""})",
                           R"({"devproxy":1,"call":7})",
                           R"({"devproxy":1,"call":null})",
                           R"({"call":"status"})",
                           R"({"devproxy":"1","call":"status"})",
                           R"({"devproxy":1.5,"call":"status"})",
                           R"({"devproxy":null,"call":"status"})",
                           R"({"devproxy":true,"call":"status"})",
                           R"({"devproxy":1,"call":"status","arguments":[]})",
                           R"({"devproxy":1,"call":"status","arguments":"web"})",
                           R"({"devproxy":1,"call":"status","arguments":{"lines":7}})",
                           R"({"devproxy":1,"call":"status","arguments":{"service":null}})",
                           R"({"devproxy":1,"call":"status"}{"devproxy":1,"call":"status"})",
                           R"({"devproxy":1,"call":"status"} trailing)",
                           R"({"devproxy":1,"call":"sta)",
                           R"({"devproxy":1,"call":"status",})",
                           R"({'devproxy':1,'call':'status'})",
                           "{\"devproxy\":1,\"call\":\"\xFF\"}",
                           std::string("{\"devproxy\":1,\0}", 15),
                           "GET / HTTP/1.1\r",
                           deep,
                           deep + std::string(30'000, ']'),
                           R"({"devproxy":1,"call":)" + deep + std::string(30'000, ']') + "}"}));
  const auto call = read_call(line);
  REQUIRE_FALSE(call);
  CHECK(call.error().code == Code::invalid);
  CHECK_THAT(call.error().detail, ContainsSubstring("docs/control.md"));
}

TEST_CASE("control protocol: a call of another version is named as such", "[control]") {
  const std::string version =
      GENERATE(values<std::string>({"0", "2", "-1", "1000000", "9223372036854775807"}));
  const auto call = read_call(R"({"devproxy":)" + version + R"(,"call":"status"})");
  REQUIRE_FALSE(call);
  CHECK(call.error().code == Code::bad_version);
  CHECK_THAT(call.error().detail, ContainsSubstring("version " + version));
}

TEST_CASE("control protocol: replies are read as they were written", "[control]") {
  const auto event = read_reply(to_line(ControlReply{ControlReply::Kind::event, R"({"a":1})", {}}));
  REQUIRE(event);
  CHECK(event->kind == ControlReply::Kind::event);
  CHECK(event->json == R"({"a":1})");
  const auto answer = read_reply(to_line(ControlReply{ControlReply::Kind::answer, "{}", {}}));
  REQUIRE(answer);
  CHECK(answer->kind == ControlReply::Kind::answer);
  const ControlFailure why{4, "port.taken", "port \"1\" is\ntaken \xFF", "use another"};
  const auto failure = read_reply(to_line(ControlReply{ControlReply::Kind::failure, {}, why}));
  REQUIRE(failure);
  CHECK(failure->kind == ControlReply::Kind::failure);
  CHECK(failure->failure.exit == 4);
  CHECK(failure->failure.code == "port.taken");
  // What is no UTF-8 must not make a line that nobody can read.
  CHECK(failure->failure.message == "port \"1\" is\ntaken \xEF\xBF\xBD");
  CHECK(failure->failure.hint == "use another");
}

TEST_CASE("control protocol: a line that is no reply is refused", "[control]") {
  const std::string line = GENERATE(values<std::string>(
      {"", "x", "[]", "{}", "null", R"({"event":{},"answer":{}})", R"({"other":{}})",
       R"({"failure":null})", R"({"failure":{}} x)", R"({"failure":{"code":1}})",
       R"({"failure":{"exit":1,"code":"a","message":[],"hint":""}})", R"({"answer":)"}));
  CHECK_FALSE(read_reply(line));
}

}  // namespace
}  // namespace devproxy
