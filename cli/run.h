// run() is the whole program: reads the command line, runs one command, reports how it failed. Main
// thread.
#pragma once

namespace devproxy {

/// Returns the exit code of the process. SIGPIPE must be ignored already.
int run(int argc, const char* const* argv);

}  // namespace devproxy
