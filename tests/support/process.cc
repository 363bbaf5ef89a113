#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace devproxy {
namespace {

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) give_up(std::string("cannot make a pipe: ") + strerror(errno));
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  return {ends[0], ends[1]};
}

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> result;
  for (const char* name : {"PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                           "LSAN_OPTIONS", "TSAN_OPTIONS"}) {
    const bool given = std::any_of(command.environment.begin(), command.environment.end(),
                                   [name](const auto& pair) { return pair.first == name; });
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets any
    if (!given && value != nullptr) result.push_back(std::string(name) + "=" + value);
  }
  // A proxy that a test started ends with its last project.
  result.push_back("DEVPROXY_LINGER=0s");
  for (const auto& [name, value] : command.environment) result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

/// The end of a pipe that the child cannot be run: the error is printed by it, after fork, with
/// nothing but write().
[[noreturn]] void end_child(const char* what) {
  const ssize_t ignored = write(STDERR_FILENO, what, strlen(what));
  (void)ignored;
  _exit(127);
}

}  // namespace

Process::Process(const Command& command) : name_(command.arguments.at(0)) {
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = environment_of(command);
  const std::vector<char*> argv = pointers_to(arguments);
  const std::vector<char*> envp = pointers_to(environment);
  const Pipe out = make_pipe();
  const Pipe err = make_pipe();
  const pid_t parent = getpid();

  pid_ = fork();
  if (pid_ < 0) give_up(std::string("cannot fork: ") + strerror(errno));
  if (pid_ == 0) {
    // Between fork and exec only calls that are safe after a fork of a program with threads.
#if defined(__linux__)
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
#endif
    dup2(out.write, STDOUT_FILENO);
    dup2(err.write, STDERR_FILENO);
    const int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO);
    if (!command.folder.empty() && chdir(command.folder.c_str()) != 0)
      end_child("cannot change the folder\n");
    if (command.descriptors) {
      const rlimit limit{*command.descriptors, *command.descriptors};
      if (setrlimit(RLIMIT_NOFILE, &limit) != 0) end_child("cannot set the limit of descriptors\n");
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    execve(argv[0], argv.data(), envp.data());
    end_child("cannot run the program\n");
  }
  (void)parent;
  close(out.write);
  close(err.write);
  out_.fd = out.read;
  err_.fd = err.read;
  reader_ = std::thread([this] { read_output(); });
  waiter_ = std::thread([this] { await_end(); });
}

Process::~Process() {
  signal(SIGKILL);
  waiter_.join();
  reader_.join();
  close(out_.fd);
  close(err_.fd);
}

void Process::read_output() {
  std::array<Capture*, 2> captures{&out_, &err_};
  std::array<pollfd, 2> polled{pollfd{out_.fd, POLLIN, 0}, pollfd{err_.fd, POLLIN, 0}};
  std::array<char, 16384> buffer{};
  while (polled[0].fd >= 0 || polled[1].fd >= 0) {
    if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) break;
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].fd < 0 || polled[i].revents == 0) continue;
      const ssize_t got = read(polled[i].fd, buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      const std::lock_guard lock(mutex_);
      if (got <= 0) {
        polled[i].fd = -1;
      } else {
        captures[i]->text.append(buffer.data(), static_cast<std::size_t>(got));
      }
      changed_.notify_all();
    }
  }
  const std::lock_guard lock(mutex_);
  output_over_ = true;
  changed_.notify_all();
}

// Waits without reaping first, so that signal() never meets a number that the system has given away
// again.
void Process::await_end() {
  siginfo_t info{};
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  const std::lock_guard lock(mutex_);
  waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
  exit_ = info.si_code == CLD_EXITED ? Exit{info.si_status, 0} : Exit{-1, info.si_status};
  changed_.notify_all();
}

bool Process::is_running() const {
  const std::lock_guard lock(mutex_);
  return !exit_.has_value();
}

void Process::signal(int number) {
  const std::lock_guard lock(mutex_);
  if (!exit_) kill(pid_, number);
}

std::string Process::wait_for_line(const Wanted& wanted, std::size_t from, WaitLimit deadline) {
  return wait_for_line_of(out_, wanted, from, deadline);
}

std::string Process::wait_for_error_line(const Wanted& wanted, std::size_t from,
                                         WaitLimit deadline) {
  return wait_for_line_of(err_, wanted, from, deadline);
}

std::string Process::wait_for_line_of(const Capture& capture, const Wanted& wanted,
                                      std::size_t from, WaitLimit deadline) {
  std::unique_lock lock(mutex_);
  std::optional<std::string> found;
  // Each line is looked at once, however much is printed.
  std::size_t line = 0;
  std::size_t begin = 0;
  changed_.wait_until(lock, deadline.at(), [&] {
    for (std::size_t end = capture.text.find('\n', begin); end != std::string::npos && !found;
         end = capture.text.find('\n', begin)) {
      std::string text = capture.text.substr(begin, end - begin);
      begin = end + 1;
      if (line++ >= from && wanted(text)) found = std::move(text);
    }
    return found.has_value() || output_over_;
  });
  if (!found) give_up("the line that the test waits for was not printed; " + seen());
  return *found;
}

std::size_t Process::lines() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count(out_.text.begin(), out_.text.end(), '\n'));
}

std::size_t Process::error_lines() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count(err_.text.begin(), err_.text.end(), '\n'));
}

std::string Process::output() const {
  const std::lock_guard lock(mutex_);
  return out_.text;
}

std::string Process::errors() const {
  const std::lock_guard lock(mutex_);
  return err_.text;
}

Exit Process::wait(WaitLimit deadline) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_until(lock, deadline.at(),
                           [this] { return exit_.has_value() && output_over_; })) {
    give_up("the program did not end; " + seen());
  }
  return *exit_;
}

std::string Process::seen() const {
  std::string text = name_;
  if (exit_) {
    text += exit_->code >= 0 ? " ended with " + std::to_string(exit_->code)
                             : " was ended by signal " + std::to_string(exit_->signal);
  } else {
    text += " runs";
  }
  return text + "\n--- standard output:\n" + out_.text + "\n--- standard error:\n" + err_.text +
         "\n---";
}

std::size_t Process::resident_bytes() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::stoul(line.substr(6)) * 1024;
  }
  return 0;
}

std::chrono::milliseconds Process::cpu_time() const {
  std::ifstream stat("/proc/" + std::to_string(pid_) + "/stat");
  std::string text;
  std::getline(stat, text);
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::chrono::milliseconds(0);
  std::istringstream rest(text.substr(name_end + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) rest >> skipped;
  long user = 0;
  long system = 0;
  rest >> user >> system;
  return std::chrono::milliseconds((user + system) * 1000 / sysconf(_SC_CLK_TCK));
}

std::size_t Process::open_descriptors() const {
  std::error_code error;
  std::filesystem::directory_iterator entries("/proc/" + std::to_string(pid_) + "/fd", error);
  if (error) return 0;
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

Finished run(const Command& command, WaitLimit deadline) {
  Process process(command);
  const Exit exit = process.wait(deadline);
  return {exit, process.output(), process.errors()};
}

}  // namespace devproxy
