#include <csignal>

#include "cli/run.h"

int main(int argc, char** argv) {
  // A client or a reader of our output that vanishes is an error of one write, never the end of the
  // process.
  std::signal(SIGPIPE, SIG_IGN);
  return devproxy::run(argc, argv);
}
