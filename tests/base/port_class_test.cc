#include "base/port_class.h"

#include "base/free_port.h"
#include "tests/base/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

TEST_CASE("port class: IANA's three classes, to the port", "[base]") {
  struct Row {
    std::uint16_t port;
    PortClass port_class;
  };
  const Row rows[] = {{0, PortClass::well_known},     {1023, PortClass::well_known},
                      {1024, PortClass::registered},  {6289, PortClass::registered},
                      {49151, PortClass::registered}, {49152, PortClass::dynamic},
                      {62893, PortClass::dynamic},    {65535, PortClass::dynamic}};
  for (const Row& row : rows) {
    CAPTURE(row.port);
    CHECK(class_of(row.port) == row.port_class);
    CHECK(range_of(row.port_class).contains(row.port));
  }
  CHECK(name_of(PortClass::well_known) == "well-known");
}

TEST_CASE("port class: browsers refuse what the fetch standard lists", "[base]") {
  for (const std::uint16_t port :
       std::vector<std::uint16_t>{0, 1, 22, 25, 2049, 4190, 5060, 6000, 6665, 6697, 10080}) {
    CAPTURE(port);
    CHECK(browsers_refuse(port));
  }
  for (const std::uint16_t port :
       std::vector<std::uint16_t>{80, 443, 3000, 5173, 6289, 8080, 62893}) {
    CAPTURE(port);
    CHECK_FALSE(browsers_refuse(port));
  }
}

TEST_CASE("port class: the kernel's texts are read, and nothing is made of others", "[base]") {
  CHECK(parse_port_range("32768\t60999\n") == PortSpan{32768, 60999});
  CHECK(parse_port_range("1024 65535") == PortSpan{1024, 65535});
  for (const char* bad : {"", "\n", "32768", "60999 32768", "1 65536", "a b", "-1 5"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_port_range(bad).has_value());
  }
  CHECK(parse_port_list("8080,9148,30000-30010\n") ==
        std::vector<PortSpan>{{8080, 8080}, {9148, 9148}, {30000, 30010}});
  CHECK(parse_port_list("\n").empty());
  CHECK(parse_port_list("x,5-4,70000,1-2-3,7") == std::vector<PortSpan>{{7, 7}});
}

TEST_CASE("port class: a reserved port of the ephemeral range is not handed out", "[base]") {
  KernelPorts kernel;
  kernel.ephemeral = {32768, 60999};
  kernel.reserved = {{40000, 40010}};
  CHECK(kernel.hands_out(32768));
  CHECK(kernel.hands_out(60999));
  CHECK_FALSE(kernel.hands_out(40005));
  CHECK_FALSE(kernel.hands_out(62893));
  CHECK_FALSE(kernel.hands_out(5173));
}

TEST_CASE("port class: what may be chosen for a server", "[base]") {
  KernelPorts kernel;
  kernel.ephemeral = {32768, 60999};
  for (const std::uint16_t port :
       std::vector<std::uint16_t>{1024, 5173, 20000, 32767, 61000, 62893}) {
    CAPTURE(port);
    CHECK(is_assignable(port, kernel));
  }
  for (const std::uint16_t port : std::vector<std::uint16_t>{80, 6000, 6289, 10080, 32768, 60999}) {
    CAPTURE(port);
    CHECK_FALSE(is_assignable(port, kernel));
  }
  kernel.first_unprivileged = 2000;
  CHECK_FALSE(is_assignable(1999, kernel));
}

TEST_CASE("port class: this machine's kernel has a range", "[base]") {
  const KernelPorts kernel = kernel_ports();
  CHECK(kernel.ephemeral.first > 0);
  CHECK(kernel.ephemeral.first < kernel.ephemeral.last);
}

TEST_CASE("free port: one on which anybody listens, on whatever address, is none", "[base]") {
  for (const char* ip : {"127.0.0.1", "127.0.0.2", "0.0.0.0", "::1", "::"}) {
    CAPTURE(ip);
    const ListeningSocket listener(ip);
    if (listener.number() < 0) continue;  // a system without IPv6
    CHECK_FALSE(is_free(listener.port()));
  }
}

TEST_CASE("free port: it is found, assignable, free, and agreed to", "[base]") {
  const KernelPorts kernel = kernel_ports();
  std::uint16_t refused = 0;
  const auto port = find_free_port(kernel, [&refused](std::uint16_t candidate) {
    if (refused != 0) return candidate != refused;
    refused = candidate;
    return false;
  });
  REQUIRE(port.has_value());
  CHECK(refused != 0);
  CHECK(port != refused);
  CHECK(is_assignable(*port, kernel));
  CHECK_FALSE(find_free_port(kernel, [](std::uint16_t) { return false; }).has_value());
}

TEST_CASE("free port: where the range takes all the low ones, a high one is found", "[base]") {
  KernelPorts kernel;
  kernel.ephemeral = {1024, 59999};
  const auto port = find_free_port(kernel, [](std::uint16_t) { return true; });
  REQUIRE(port.has_value());
  CHECK(*port >= 60000);
}

}  // namespace
}  // namespace devproxy
