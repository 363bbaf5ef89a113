#include "config/versions.h"

#include "tests/support/test.h"

namespace devproxy {
namespace {

TEST_CASE("versions: the newer one of two, number by number", "[config]") {
  CHECK(is_newer("0.2.0", "0.1.9"));
  CHECK(is_newer("0.10.0", "0.9.0"));
  CHECK(is_newer("1.0", "0.9.9"));
  CHECK(is_newer("0.1.1", "0.1"));
  CHECK_FALSE(is_newer("0.1.0", "0.1.0"));
  CHECK_FALSE(is_newer("0.1.0", "0.1"));
  CHECK_FALSE(is_newer("0.1.9", "0.2.0"));
  CHECK_FALSE(is_newer("", "0.1.0"));
  CHECK_FALSE(is_newer("0.2.0", "what?"));
}

}  // namespace
}  // namespace devproxy
