// Projects of one user that share a proxy: the real program, started in folders of their own. Test
// thread.
#pragma once

#include <signal.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/services/program.h"
#include "tests/support/process.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {

/// The folders of a user, in which processes are started and found.
class User {
 public:
  Command command(const std::string& folder, std::vector<std::string> words,
                  const char* program = DEVPROXY_BINARY) const {
    words.insert(words.begin(), program);
    Command command;
    command.arguments = std::move(words);
    command.folder = folder;
    for (const char* name : {"HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"})
      command.environment.emplace_back(name, home_.path());
    return command;
  }
  Json status() const {
    const Finished done = run(command(home_.path(), {"status", "--json"}));
    return parse_json(done.output)["proxies"];
  }
  /// What the shared proxy says of itself; null: there is none.
  Json shared_status() const {
    for (const Json& proxy : status()) {
      if (proxy["shared"] == true) return proxy;
    }
    return {};
  }
  /// Its pid, or 0.
  pid_t shared() const {
    const Json proxy = shared_status();
    return proxy.is_null() ? 0 : proxy["pid"].get<pid_t>();
  }
  /// What the shared proxies have said.
  std::string log() const { return home_.read("devproxy/proxy.log"); }
  const TempDir& home() const { return home_; }

 private:
  TempDir home_;
};

/// A project that redirects from its host, so that no server is needed.
class Project {
 public:
  Project(const User& user, const std::string& name, std::uint16_t port,
          const std::string& more = "")
      : user_(user), name_(name), port_(port) {
    folder_.write("devproxy.toml",
                  "name = \"" + name + "\"\n[proxy]\nlisten = \"127.0.0.1:" + std::to_string(port) +
                      "\"\n[services.web]\nhost = \"" + name +
                      ".localhost\"\nredirect = \"https://" + name + ".example\"\n" + more);
  }

  Process& up(std::vector<std::string> words = {"up", "--json"},
              const char* program = DEVPROXY_BINARY) {
    process_ = std::make_unique<Process>(user_.command(folder_.path(), std::move(words), program));
    return *process_;
  }
  void wait_until_up() { wait_for(R"("event":"listening")"); }
  std::string wait_for(const std::string& part, std::size_t from = 0) {
    return process_->wait_for_line(
        [&](const std::string& line) { return line.find(part) != std::string::npos; }, from);
  }
  Finished run(std::vector<std::string> words) const {
    return devproxy::run(user_.command(folder_.path(), std::move(words)));
  }
  Process& process() { return *process_; }
  TempDir& folder() { return folder_; }

  /// 0: nobody listens.
  int status(const std::string& host = "") const {
    try {
      return RawClient(port_)
          .ask("GET / HTTP/1.1\r\nHost: " + (host.empty() ? name_ : host) +
               ".localhost\r\nConnection: close\r\n\r\n")
          .status();
    } catch (const std::exception&) {
      return 0;
    }
  }
  void kill() {
    process_->signal(SIGKILL);
    process_->wait();
  }
  void stop() {
    process_->signal(SIGTERM);
    CHECK(process_->wait().code == 0);
  }

 private:
  const User& user_;
  std::string name_;
  std::uint16_t port_;
  TempDir folder_;
  std::unique_ptr<Process> process_;
};

}  // namespace devproxy
