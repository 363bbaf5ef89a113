// DNS messages, bytes in and bytes out.
#include "proxy/dns/dns_message.h"

#include "tests/support/test.h"

namespace devproxy {
namespace {

using std::string_literals::operator""s;

const std::vector<std::string> domains{"localhost", "test", "shop.internal"};

std::string number(unsigned value) {
  return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xffU)};
}

std::string name(std::string_view dotted) {
  std::string wire;
  while (!dotted.empty()) {
    const std::string_view label = dotted.substr(0, dotted.find('.'));
    wire += static_cast<char>(label.size());
    wire += label;
    dotted.remove_prefix(std::min(label.size() + 1, dotted.size()));
  }
  return wire + '\0';
}

constexpr unsigned a = 1;
constexpr unsigned aaaa = 28;
constexpr unsigned https = 65;

struct Message {
  unsigned flags = 0x0100;  // RD
  unsigned questions = 1;
  unsigned answers = 0;
  unsigned authorities = 0;
  unsigned additional = 0;
  std::string body;

  std::string bytes() const {
    return "\x12\x34"s + number(flags) + number(questions) + number(answers) + number(authorities) +
           number(additional) + body;
  }
};

std::string question(std::string_view host, unsigned type, unsigned class_ = 1) {
  return name(host) + number(type) + number(class_);
}

std::string ask(std::string_view host, unsigned type) {
  Message message;
  message.body = question(host, type);
  return message.bytes();
}

std::string edns(unsigned version, unsigned flags = 0, const std::string& options = "") {
  return "\0"s + number(41) + number(4096) + "\0"s + static_cast<char>(version) + number(flags) +
         number(static_cast<unsigned>(options.size())) + options;
}

unsigned word(const std::string& answer, std::size_t at) {
  REQUIRE(answer.size() >= at + 2);
  return static_cast<unsigned>(static_cast<unsigned char>(answer[at])) << 8U |
         static_cast<unsigned char>(answer[at + 1]);
}
unsigned reply(const std::string& answer) {
  return word(answer, 2) & 0x0fU;
}

std::string record(unsigned type, const std::string& address) {
  return "\xc0\x0c"s + number(type) + number(1) + number(0) + number(5) +
         number(static_cast<unsigned>(address.size())) + address;
}

}  // namespace

TEST_CASE("dns: names of ours are this machine, in both families", "[proxy]") {
  for (const char* const host :
       {"shop.test", "test", "a.b.c.test", "shop.localhost", "shop.internal", "x.shop.internal"}) {
    INFO(host);
    const std::string head = "\x12\x34\x85\x80\0\1\0\1\0\0\0\0"s;
    CHECK(dns_answer(ask(host, a), domains) == head + question(host, a) + record(a, "\x7f\0\0\1"s));
    CHECK(dns_answer(ask(host, aaaa), domains) ==
          head + question(host, aaaa) + record(aaaa, std::string(15, '\0') + '\1'));
  }
  CHECK(dns_ttl <= 5);
}

TEST_CASE("dns: letters of either case are the same, and come back as they were", "[proxy]") {
  const std::string answer = dns_answer(ask("Shop.TEST", a), domains);
  CHECK(answer.substr(12, 11) == name("Shop.TEST"));
  CHECK(word(answer, 6) == 1);
}

TEST_CASE("dns: other types have no data, other names do not exist", "[proxy]") {
  for (const unsigned type : {https, 15U, 16U, 6U, 2U, 12U}) {
    INFO(type);
    const std::string answer = dns_answer(ask("shop.test", type), domains);
    CHECK(reply(answer) == 0);
    CHECK(word(answer, 6) == 0);
    CHECK(answer.size() == ask("shop.test", type).size());
  }
  for (const char* const host : {"example.com", "atest", "shop.tests", "internal", "", "com"}) {
    INFO(host);
    const std::string answer = dns_answer(ask(host, a), domains);
    CHECK(reply(answer) == 3);
    CHECK(word(answer, 6) == 0);
    CHECK((word(answer, 2) & 0x0400U) == 0);
  }
  // "any" gets one record.
  CHECK(word(dns_answer(ask("shop.test", 255), domains), 6) == 1);
}

TEST_CASE("dns: EDNS is answered with EDNS, unknown options and versions are survived", "[proxy]") {
  Message message;
  message.additional = 1;
  message.body = question("shop.test", a) + edns(0, 0x8000, "\0\x0a\0\x08"s + "12345678");
  std::string answer = dns_answer(message.bytes(), domains);
  CHECK(word(answer, 6) == 1);
  CHECK(word(answer, 10) == 1);
  CHECK(answer.substr(answer.size() - 11) == "\0\0\x29\x04\xd0\0\0\x80\0\0\0"s);
  message.body = question("shop.test", a) + edns(1);
  answer = dns_answer(message.bytes(), domains);
  CHECK(reply(answer) == 0);
  CHECK(word(answer, 6) == 0);
  CHECK(answer[answer.size() - 6] == 1);  // the upper bits of BADVERS
  message.additional = 2;
  message.body = question("shop.test", a) + edns(0) + edns(0);
  CHECK(reply(dns_answer(message.bytes(), domains)) == 1);
}

TEST_CASE("dns: what is no question is met with silence", "[proxy]") {
  Message message;
  message.body = question("shop.test", a);
  message.flags = 0x8180;  // an answer
  CHECK(dns_answer(message.bytes(), domains).empty());
  CHECK(dns_answer("", domains).empty());
  CHECK(dns_answer(std::string(11, 'x'), domains).empty());
  message.flags = 0x0100;
  message.body += std::string(dns_message_max, '\0');
  CHECK(dns_answer(message.bytes(), domains).empty());
}

TEST_CASE("dns: broken questions get FORMERR and nothing else", "[proxy]") {
  struct Row {
    const char* what;
    Message message;
    unsigned reply;
  };
  const std::string good = question("shop.test", a);
  const Row rows[] = {
      {"no question", {0x0100, 0, 0, 0, 0, ""}, 1},
      {"two questions", {0x0100, 2, 0, 0, 0, good + good}, 1},
      {"nothing where the question should be", {0x0100, 1, 0, 0, 0, ""}, 1},
      {"a pointer in the question", {0x0100, 1, 0, 0, 0, "\xc0\x0c\0\1\0\1"s}, 1},
      {"a pointer behind a label", {0x0100, 1, 0, 0, 0, "\4shop\xc0\x0c\0\1\0\1"s}, 1},
      {"a label of 64", {0x0100, 1, 0, 0, 0, "\x40"s + std::string(64, 'a') + "\0\0\1\0\1"s}, 1},
      {"a name of 256",
       {0x0100, 1, 0, 0, 0,
        name(std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." +
             std::string(62, 'd')) +
            number(a) + number(1)},
       1},
      {"bytes behind the end", {0x0100, 1, 0, 0, 0, good + "x"}, 1},
      {"a record that is not there", {0x0100, 1, 0, 0, 1, good}, 1},
      {"a record that ends too early", {0x0100, 1, 0, 0, 1, good + edns(0).substr(0, 8)}, 1},
      {"many records that are not there", {0x0100, 1, 65535, 65535, 65535, good}, 1},
      {"EDNS among the answers", {0x0100, 1, 1, 0, 0, good + edns(0)}, 1},
      {"truncated", {0x0300, 1, 0, 0, 0, good}, 1},
      {"an update", {0x2800, 1, 0, 0, 0, good}, 4},
      {"another class", {0x0100, 1, 0, 0, 0, question("version.bind", 16, 3)}, 5},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    const std::string answer = dns_answer(row.message.bytes(), domains);
    REQUIRE(answer.size() == 12);
    CHECK(answer.substr(0, 2) == "\x12\x34");
    CHECK((word(answer, 2) & 0x8000U) != 0);
    CHECK(reply(answer) == row.reply);
    CHECK(answer.substr(4) == std::string(8, '\0'));
  }
}

TEST_CASE("dns: the longest name that there is is answered", "[proxy]") {
  const std::string host = std::string(63, 'a') + "." + std::string(63, 'b') + "." +
                           std::string(63, 'c') + "." + std::string(56, 'd') + ".test";
  REQUIRE(name(host).size() == 255);
  CHECK(word(dns_answer(ask(host, a), domains), 6) == 1);
}

TEST_CASE("dns: no cut and no changed byte makes an answer long, or none a crash", "[proxy]") {
  Message message;
  message.additional = 1;
  message.body = question("shop.test", aaaa) + edns(0, 0x8000, "\0\x0a\0\x02xy"s);
  const std::string whole = message.bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    INFO(length);
    const std::string answer = dns_answer(whole.substr(0, length), domains);
    if (length < 12) {
      CHECK(answer.empty());
    } else {
      CHECK(answer.size() == 12);
      CHECK(reply(answer) == 1);
    }
  }
  constexpr std::size_t one_record_and_edns = 28 + 11;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      std::string changed = whole;
      changed[at] = static_cast<char>(value);
      const std::string answer = dns_answer(changed, domains);
      if (answer.size() > changed.size() + one_record_and_edns) FAIL(at << " " << value);
    }
  }
}

}  // namespace devproxy
