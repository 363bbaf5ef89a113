#define CATCH_CONFIG_RUNNER
#include <csignal>

#include "tests/support/test.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return Catch::Session().run(argc, argv);
}
