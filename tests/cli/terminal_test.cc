// `up` on a terminal: a pseudo-terminal whose other end the test holds.
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include "cli/terminal/environment.h"
#include "tests/support/raw_client.h"
#include "tests/support/sockets.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"
#include "tests/support/wait.h"

namespace devproxy {
namespace {

class Terminal final {
 public:
  /// Runs `devproxy up` on `file` in a session of its own, with this terminal.
  explicit Terminal(const std::string& file, const char* variable = "UNUSED=1") {
    std::array<int, 2> pipe_ends{};
    if (::pipe(pipe_ends.data()) != 0) give_up("no pipe");
    alive_ = Descriptor(pipe_ends[0]);
    const winsize size{40, 80, 0, 0};
    // Everything that the child needs is made before the fork.
    std::vector<std::string> words{DEVPROXY_BINARY, "up", "-c", file};
    std::vector<std::string> variables{"TERM=xterm", variable, "PATH=/usr/bin:/bin",
                                       "DEVPROXY_LINGER=0s"};
    for (const char* name : {"HOME=", "XDG_STATE_HOME=", "XDG_RUNTIME_DIR="})
      variables.push_back(name + file.substr(0, file.rfind('/')));
    if (const auto options = environment("ASAN_OPTIONS"))
      variables.push_back("ASAN_OPTIONS=" + *options);
    const auto pointers = [](std::vector<std::string>& texts) {
      std::vector<char*> list;
      for (std::string& text : texts) list.push_back(text.data());
      list.push_back(nullptr);
      return list;
    };
    const auto arguments = pointers(words);
    const auto environment = pointers(variables);
    int master = -1;
    pid_ = ::forkpty(&master, nullptr, nullptr, &size);
    if (pid_ == 0) {
      ::execve(arguments[0], arguments.data(), environment.data());
      ::_exit(127);
    }
    ::close(pipe_ends[1]);  // the child keeps its end until it is gone
    if (pid_ < 0) give_up("no pseudo-terminal");
    master_ = Descriptor(master);
  }
  ~Terminal() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// What the terminal was sent, until `mark` is in it.
  std::string read_until(const std::string& mark) {
    const WaitLimit deadline;
    while (text_.find(mark) == std::string::npos) {
      if (!wait_ready(master_.fd(), POLLIN, deadline)) give_up("no \"" + mark + "\" in: " + text_);
      std::array<char, 4096> buffer{};
      const ssize_t count = ::read(master_.fd(), buffer.data(), buffer.size());
      if (count <= 0) give_up("the terminal ended without \"" + mark + "\": " + text_);
      text_.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text_;
  }
  void type(const std::string& keys) const {
    if (::write(master_.fd(), keys.data(), keys.size()) != static_cast<ssize_t>(keys.size()))
      give_up("cannot type");
  }
  void close() { master_.reset(); }
  void signal(int number) const { ::kill(pid_, number); }
  /// The exit code; -1: ended by a signal.
  int wait() {
    if (!wait_ready(alive_.fd(), POLLIN, WaitLimit())) give_up("it did not end; it said: " + text_);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  Descriptor master_;
  Descriptor alive_;
  pid_t pid_ = -1;
  std::string text_;
};

std::string write_project(const TempDir& folder, std::uint16_t service) {
  return folder.write("devproxy.toml", "[services.web]\nhost = \"shop.localhost\"\nport = " +
                                           std::to_string(service) +
                                           "\n[proxy]\nlisten = [\"127.0.0.1:0\"]\n");
}

std::uint16_t port_in(const std::string& text) {
  const std::string mark = "https://shop.localhost:";
  return static_cast<std::uint16_t>(std::stoul(text.substr(text.find(mark) + mark.size())));
}

TEST_CASE("terminal: colours, and Ctrl-C ends with 0", "[cli]") {
  const TempDir folder;
  const ReservedPort service;
  Terminal terminal(write_project(folder, service.number()));
  const std::string table = terminal.read_until("Ctrl-C stops.");
  CHECK_THAT(table, ContainsSubstring("\x1b[36mhttps://shop.localhost:"));
  RawClient(port_in(table)).ask(get("shop.localhost", "/seen"));
  CHECK_THAT(terminal.read_until("/seen"), ContainsSubstring("shop.localhost  /seen"));
  CHECK_THAT(terminal.read_until("web\r\n"), ContainsSubstring("\x1b[31m503\x1b[0m"));
  terminal.type("\x03");
  terminal.read_until("\rSIGINT: stopping");
  CHECK(terminal.wait() == 0);
}

TEST_CASE("terminal: the services of up have a terminal too, and keep their colours", "[cli]") {
  const TempDir folder;
  Terminal terminal(folder.write("devproxy.toml", R"(
[services.web]
command = "test -t 1 && printf '\\033[32mgreen\\033[0m \\033[2Jin '; stty size; exec sleep 1000"
ready = { log = "green" }
[proxy]
listen = "127.0.0.1:0"
)"));
  const std::string text = terminal.read_until("web is ready");
  // 80 columns, less "web | ".
  CHECK_THAT(text, ContainsSubstring("web |\x1b[0m \x1b[32mgreen\x1b[0m in 40 74\x1b[0m\r\n"));
  terminal.type("\x03");
  terminal.read_until("web was ended by SIGTERM");
  CHECK(terminal.wait() == 0);
}

TEST_CASE("terminal: NO_COLOR is obeyed", "[cli]") {
  const TempDir folder;
  Terminal terminal(write_project(folder, 4001), "NO_COLOR=1");
  CHECK(terminal.read_until("Ctrl-C stops.").find('\x1b') == std::string::npos);
}

TEST_CASE("terminal: SIGHUP reloads while the terminal is there, and ends when it is gone",
          "[cli]") {
  const TempDir folder;
  Terminal terminal(write_project(folder, 4001));
  terminal.read_until("Ctrl-C stops.");
  terminal.signal(SIGHUP);
  terminal.read_until("no route changed");
  terminal.close();
  CHECK(terminal.wait() == 0);
}

}  // namespace
}  // namespace devproxy
