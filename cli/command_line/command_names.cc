// The table: the commands, their names and words.
#include <array>

#include "cli/command_line/command_tree.h"

namespace devproxy {
namespace {

constexpr auto table = std::to_array<CommandInfo>({
    {CommandId::init, "init", "write a commented devproxy.toml from what is found in this folder",
     "devproxy init            look at package.json, Procfile and compose file, write "
     "devproxy.toml\n"
     "devproxy init --dry-run  show it, write nothing\n"},
    {CommandId::up, "up", "start the proxy and the services here, show the URLs, then what happens",
     "devproxy up                     with the devproxy.toml of this folder or one above\n"
     "devproxy up web                 start this service and what it depends on, no other\n"
     "devproxy up -c ../devproxy.toml  with that file\n"
     "devproxy up -d                  in the background; devproxy down ends it\n"
     "devproxy up --log json | jq .   every request as a JSON object\n"},
    {CommandId::down, "down", "stop the services of this project and take its routes away",
     "devproxy down  ends the devproxy up of this project, wherever it runs\n"},
    {CommandId::run, "run", "run one command with a port and a URL, without any file",
     "devproxy run -- npm run dev               at https://FOLDER.localhost:6289\n"
     "devproxy run --name api -- ./server       at https://api.FOLDER.localhost:6289\n"
     "devproxy run -- my-server --port '{port}' where a program ignores PORT\n"},
    {CommandId::serve, "serve", "the same for containers and CI: plain output",
     "devproxy serve -c /etc/devproxy.toml\n"
     "devproxy serve --json  one JSON object per line: listening, request, reload\n"},
    {CommandId::status, "status", "what runs: proxies, their services, who listens",
     "devproxy status\n"
     "devproxy status --json | jq '.proxies[].services'\n"},
    {CommandId::logs, "logs", "what the services printed that devproxy runs",
     "devproxy logs             the last 100 lines of all\n"
     "devproxy logs web -n 500  of one\n"
     "devproxy logs -f --json   as it comes, one JSON object a line; Ctrl-C ends\n"},
    {CommandId::restart, "restart", "stop a service and start it again, until it is ready",
     "devproxy restart api\n"
     "devproxy restart api web\n"},
    {CommandId::wait, "wait", "until services can be reached",
     "devproxy wait              all of the file, for at most 60 s; exit 6 when that was too "
     "short\n"
     "devproxy wait api db --timeout 5m\n"},
    {CommandId::url, "url", "print the URL of a service; fails when it cannot be reached",
     "curl \"$(devproxy url api)/users\"\n"},
    {CommandId::stop, "stop", "end the shared proxy and every project that it carries",
     "devproxy stop\n"},
    {CommandId::open, "open", "show the project, or one of its services, in the browser",
     "devproxy open                      the project's first URL\n"
     "devproxy open admin                that of a service\n"
     "BROWSER=firefox devproxy open docs  in this browser\n"},
    {CommandId::reload, "reload", "read the file again and tell what changed",
     "devproxy reload  saving the file does the same\n"},
    {CommandId::history, "history",
     "the reloads since the start, what each changed, which one counts",
     "devproxy history        of this project, the newest last\n"
     "devproxy history --all  of every project that runs\n"
     "devproxy history --json | jq '.projects[].entries[-1]'\n"},
    {CommandId::rollback, "rollback", "back to routes and services as they were before a reload",
     "devproxy rollback    to the generation before; the file is not touched\n"
     "devproxy rollback 2  to that one of devproxy history\n"
     "devproxy reload      takes the file again, and so does its next change\n"},
    {CommandId::check, "check", "validate the file: every problem with line and column",
     "devproxy check                 the devproxy.toml of this folder or one above\n"
     "devproxy check other.toml      that file\n"
     "devproxy check --json | jq .   for editors and CI; exit 2 on any problem\n"},
    {CommandId::routes, "routes", "list the routes: URL, service, target",
     "devproxy routes\n"
     "devproxy routes --json | jq -r '.routes[].url'\n"},
    {CommandId::explain, "explain", "why a URL goes where it goes, and whether its service listens",
     "devproxy explain https://shop.localhost:6289/api/users\n"
     "devproxy explain shop.localhost/api -X POST -H 'x-tenant: acme'\n"},
    {CommandId::ports, "ports", "who listens on which port, what a port means, which one is free",
     "devproxy ports          every TCP port that somebody listens on\n"
     "devproxy ports 62893    one: who, since when, in which folder; exit 3 when nobody\n"
     "devproxy ports --free   a port that a server can have\n"
     "devproxy ports --watch  changes as they happen\n"},
    {CommandId::doctor, "doctor",
     "what commonly breaks, looked at here: each finding with its mend",
     "devproxy doctor        names, listeners, trust, ports, limits, leftovers; exit 1 on a "
     "problem\n"
     "devproxy doctor --fix  mend what needs no root\n"
     "devproxy doctor --json | jq '.findings[] | select(.health != \"ok\")'\n"},
    {CommandId::trust, "trust", "make browsers and programs here trust https of local names",
     "devproxy trust            every store found here; asks once where root is needed\n"
     "devproxy trust --check    look only: exit 1 when a store does not trust\n"
     "devproxy trust --dry-run  show the commands, run none\n"
     "devproxy trust --java     the JDKs' stores too\n"},
    {CommandId::untrust, "untrust", "take the local CA out of every store again",
     "devproxy untrust            exactly what trust put in\n"
     "devproxy untrust --dry-run  show the commands, run none\n"},
    {CommandId::setup, "setup", "ports 80 and 443 without root: https://shop.localhost, no number",
     "devproxy setup                 what this system needs for it, shown, then done after one "
     "yes\n"
     "devproxy setup --dry-run       show the commands, run none\n"
     "devproxy setup --socket-unit   by systemd, for this user only: Linux that others use too\n"
     "devproxy setup --undo          take back exactly what was put in\n"},
    {CommandId::service, "service", "start devproxy serve for this project at login",
     "devproxy service install    a unit of your own systemd, an agent of launchd; no root\n"
     "devproxy service status     is it there, does it run? exit 3 when it does not\n"
     "devproxy service uninstall  stop it and take it away\n"},
    {CommandId::hosts, "hosts", "names for programs that ask the system: in /etc/hosts, or by DNS",
     "devproxy hosts sync            those of this project and of all that run; asks once for "
     "root\n"
     "devproxy hosts sync --dry-run  show the changes, make none\n"
     "devproxy hosts clean           take them out again\n"
     "devproxy hosts print           show the lines\n"
     "devproxy hosts print --dns     how resolvers here ask devproxy instead\n"},
    {CommandId::env, "env", "the variables that make Node, Python, curl and others trust it",
     "eval \"$(devproxy env)\"      in this shell\n"
     "devproxy env --json         for other programs\n"},
    {CommandId::completion, "completion", "print what makes a shell complete devproxy's words",
     "source <(devproxy completion bash)         in ~/.bashrc\n"
     "source <(devproxy completion zsh)          in ~/.zshrc, behind compinit\n"
     "devproxy completion fish | source          in ~/.config/fish/config.fish\n"},
    {CommandId::schema, "schema", "print the JSON schema of devproxy.toml, for editors",
     "devproxy schema > devproxy.schema.json  and `#:schema ./devproxy.schema.json` as the file's "
     "first line\n"},
    {CommandId::version, "version", "print the version",
     "devproxy version\ndevproxy version --json\n"},
    {CommandId::help, "help", "explain a command", "devproxy help\ndevproxy help explain\n"},
});

constexpr auto later =
    std::to_array<std::string_view>({"requests", "replay", "har", "fault", "export", "mcp"});

}  // namespace

std::span<const CommandInfo> commands() {
  return table;
}
std::span<const std::string_view> later_commands() {
  return later;
}

}  // namespace devproxy
