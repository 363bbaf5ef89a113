// devproxy.toml(5).
#include <fmt/format.h>

#include <array>

#include "cli/command_line/man_page.h"
#include "cli/command_line/roff.h"
#include "config/keys.h"

namespace devproxy {
namespace {

struct Section {
  Place place;
  std::string_view title;
  std::string_view about;
};

constexpr std::array<Section, 9> sections{{
    {Place::root, "AT THE TOP OF THE FILE", "Before any table."},
    {Place::service, "SERVICES: [services.NAME]",
     "A service is something that answers; its name is a DNS label. Exactly one key of those that "
     "are called a kind below makes a service. The other keys make the service's own route."},
    {Place::ready, "READY: ready = { ... }", "How to know that a command answers: one of these."},
    {Place::follow, "FOLLOW: follow = { ... }",
     "Which process or container is meant: one or more of these, all true of the same one."},
    {Place::route, "ROUTES: [[routes]]", "More routes to the services."},
    {Place::when, "SERVICE_WHEN: service_when = { ... }",
     "One of `cookie`, `header` and `query`, and the service that answers requests with it. Of a "
     "list of such tables the first that a request meets counts; if it meets none, the route's own "
     "service answers."},
    {Place::proxy, "PROXY: [proxy]", "The proxy's own settings."},
    {Place::listen, "LISTEN: listen = [{ ... }]",
     "An entry of `listen` is a string, or a table with these keys."},
    {Place::tls, "TLS: tls = { ... }", "A certificate of your own. Both keys are needed."},
}};

void add_keys(ManPage& page, Place place) {
  for (const KeyInfo& key : all_keys()) {
    if (key.key == Key::none || !key.stands_in(place)) continue;
    page.item(fmt::format("{}", key.name), fmt::format("{}.", key.meaning));
    const std::string fallback =
        key.fallback.empty() ? "" : fmt::format("; default: {}", key.fallback);
    page.more(fmt::format("{}{}. Since {}.", describe(key.type), fallback, keys_since));
  }
}

}  // namespace

std::string file_page() {
  ManPage page("devproxy.toml", 5, "File Formats", "which name leads to which service");
  page.heading("DESCRIPTION");
  page.paragraph(
      "The configuration of a project, in TOML, read by devproxy(1). It is looked for in the "
      "current folder and in those above it, up to the root of the git work tree. `devproxy check` "
      "shows every problem with line and column; an unknown key is one.");
  page.paragraph(
      "Files that `include` names are read first, then devproxy.toml, then devproxy.local.toml "
      "beside it, which is for this machine only. Tables merge, scalars and lists replace; a "
      "service that sets a kind drops the lower layer's kind and what belongs to it; the "
      "`[[routes]]` are added.");
  page.heading("EXAMPLE");
  page.code(
      "name = \"shop\"\n"
      "\n"
      "[services.web]            # https://shop.localhost:6289\n"
      "host = \"shop.localhost\"\n"
      "port = 5173\n"
      "\n"
      "[services.api]            # https://shop.localhost:6289/api\n"
      "host = \"shop.localhost\"\n"
      "path = \"/api\"\n"
      "command = \"npm run dev\"");
  page.heading("VALUES");
  page.paragraph(
      "In strings, `${NAME}` is a variable of the environment or of the file .env beside this one, "
      "`${NAME:-default}` has a default, and `$$` is a dollar. Where they make sense, `{port}`, "
      "`{url}`, `{project}`, `{service}`, `{worktree}` and `{services.NAME.port}` expand. "
      "Durations are a whole number with a unit: `250ms`, `10s`, `2m`, `1h`.");
  for (const Section& section : sections) {
    page.heading(section.title);
    page.paragraph(section.about);
    add_keys(page, section.place);
  }
  page.heading("SEE ALSO");
  page.paragraph("devproxy(1)");
  return page.text();
}

}  // namespace devproxy
