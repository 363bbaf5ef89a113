// The table: what each command takes.
#include <array>

#include "cli/command_line/command_tree.h"

namespace devproxy {
namespace {

constexpr std::array common{
    Parameter{"-c,--config", "FILE",
              "the configuration; default: devproxy.toml here or in a folder above",
              &Invocation::config_file, Suggest::files},
    Parameter{"--json", "", "print JSON; the first key names its form", &Invocation::json},
    Parameter{"-h,--help", "", "this help", &Invocation::help},
};

constexpr Parameter version_flag{"--version", "", "print the version", &Invocation::version};

void set_log(Invocation& into, const std::string& form) {
  into.log_json = form == "json";
}
constexpr Parameter log_form{"--log",  "FORM",           "form of the request lines",
                             &set_log, Suggest::choices, "words json"};

constexpr std::array up{
    log_form,
    Parameter{"-d,--detach", "", "in the background; devproxy down ends it", &Invocation::detach},
    Parameter{"--force", "", "take hosts that another project claims too", &Invocation::force},
    Parameter{"SERVICE", "", "start these and what they depend on; else all", &Invocation::services,
              Suggest::services},
};
constexpr std::array serve{log_form};
constexpr std::array run{
    Parameter{"--name", "NAME", "stands before the project in its host", &Invocation::service_name},
    Parameter{"--force", "", "take a host that another project claims too", &Invocation::force},
    Parameter{"COMMAND", "", "what to run, with its arguments", &Invocation::words,
              Suggest::program, "", true},
};
constexpr std::array url{
    Parameter{"SERVICE", "", "its name in the file", &Invocation::argument, Suggest::services, "",
              true},
};
constexpr std::array open{
    Parameter{"SERVICE", "", "its name in the file; else the first URL of the project",
              &Invocation::argument, Suggest::services},
};
constexpr std::array restart{
    Parameter{"SERVICE", "", "their names in the file", &Invocation::services, Suggest::services,
              "", true},
};
constexpr std::array wait{
    Parameter{"SERVICE", "", "their names in the file; else all", &Invocation::services,
              Suggest::services},
    Parameter{"--timeout", "DURATION", "how long to wait; default: 60s", &Invocation::timeout,
              Suggest::examples, "10s 60s 5m"},
};
constexpr std::array logs{
    Parameter{"SERVICE", "", "its name in the file; else all", &Invocation::argument,
              Suggest::services},
    Parameter{"-f,--follow", "", "go on with what comes", &Invocation::follow},
    Parameter{"-n,--lines", "COUNT", "how many of the last lines; default: 100",
              &Invocation::lines},
};
constexpr std::array history{
    Parameter{"--all", "", "of every project that runs", &Invocation::all},
};
constexpr std::array rollback{
    Parameter{"GENERATION", "", "its number in devproxy history; else the one before",
              &Invocation::argument},
};
constexpr std::array init{
    Parameter{"--dry-run", "", "show the file, write nothing", &Invocation::dry_run},
};
constexpr std::array explain{
    Parameter{"URL", "", "what a client would ask for", &Invocation::argument, Suggest::nothing, "",
              true},
    Parameter{"-X,--method", "METHOD", "the request's method; default: GET", &Invocation::method,
              Suggest::examples, "GET HEAD POST PUT PATCH DELETE OPTIONS"},
    Parameter{"-H,--header", "'NAME: VALUE'", "a field of the request, as often as needed",
              &Invocation::headers},
};
constexpr std::array ports{
    Parameter{"PORT", "", "only this one; an address or a URL will do", &Invocation::argument},
    Parameter{"--free", "", "print a free port, outside the ephemeral range", &Invocation::free},
    Parameter{"--watch", "", "follow the changes, one a line; Ctrl-C ends", &Invocation::watch},
};
constexpr std::array doctor{
    Parameter{"--fix", "", "mend what needs no root, and say what was done", &Invocation::fix},
};
constexpr std::array check{
    Parameter{"FILE", "", "the same as -c FILE", &Invocation::argument, Suggest::files},
};
constexpr std::array help{
    Parameter{"COMMAND", "", "the command to explain", &Invocation::argument, Suggest::commands},
};
constexpr Parameter dry_commands{"--dry-run", "", "show the commands, run none",
                                 &Invocation::dry_run};
constexpr std::array trust{
    Parameter{"--check", "", "look only; exit 1 when a store does not trust", &Invocation::check},
    Parameter{"--java", "", "the stores of JDKs too", &Invocation::java},
    dry_commands,
};
constexpr std::array untrust{dry_commands};
constexpr std::array setup{
    dry_commands,
    Parameter{"--yes", "", "do not ask", &Invocation::yes},
    Parameter{"--undo", "", "take back what setup put in", &Invocation::undo},
    Parameter{"--socket-unit", "",
              "let systemd listen and hand the ports to devproxy serve of this project",
              &Invocation::socket_unit},
};
constexpr std::array hosts{
    Parameter{"ACTION", "", "what to do with the names", &Invocation::argument, Suggest::choices,
              "sync clean print", true},
    Parameter{"--file", "FILE", "the hosts file; default: /etc/hosts", &Invocation::hosts_file,
              Suggest::files},
    Parameter{"--from", "FILE", "sync: the names as hosts print wrote them",
              &Invocation::names_file, Suggest::files},
    Parameter{"--dry-run", "", "show the changes, make none", &Invocation::dry_run},
    Parameter{"--dns", "", "print: how resolvers ask devproxy", &Invocation::dns},
};
constexpr std::array service{
    Parameter{"ACTION", "", "what to do with it", &Invocation::argument, Suggest::choices,
              "install status uninstall", true},
    Parameter{"--dry-run", "", "show the file and the commands, do nothing", &Invocation::dry_run},
};
constexpr std::array completion{
    Parameter{"SHELL", "", "which shell", &Invocation::argument, Suggest::choices, "bash zsh fish",
              true},
};

}  // namespace

std::span<const Parameter> own_parameters(CommandId command) {
  switch (command) {
    case CommandId::up:
      return up;
    case CommandId::serve:
      return serve;
    case CommandId::run:
      return run;
    case CommandId::url:
      return url;
    case CommandId::open:
      return open;
    case CommandId::restart:
      return restart;
    case CommandId::wait:
      return wait;
    case CommandId::logs:
      return logs;
    case CommandId::history:
      return history;
    case CommandId::rollback:
      return rollback;
    case CommandId::init:
      return init;
    case CommandId::explain:
      return explain;
    case CommandId::ports:
      return ports;
    case CommandId::doctor:
      return doctor;
    case CommandId::check:
      return check;
    case CommandId::help:
      return help;
    case CommandId::trust:
      return trust;
    case CommandId::untrust:
      return untrust;
    case CommandId::setup:
      return setup;
    case CommandId::service:
      return service;
    case CommandId::hosts:
      return hosts;
    case CommandId::completion:
      return completion;
    case CommandId::none:
    case CommandId::version:
    case CommandId::status:
    case CommandId::down:
    case CommandId::stop:
    case CommandId::reload:
    case CommandId::routes:
    case CommandId::env:
    case CommandId::schema:
      break;
  }
  return {};
}

std::span<const Parameter> common_parameters() {
  return common;
}
const Parameter& version_parameter() {
  return version_flag;
}

}  // namespace devproxy
