#include "proxy/page.h"

#include <string_view>

#include "base/text.h"
#include "proxy/http/http1_writer.h"

namespace devproxy {
namespace {

constexpr std::string_view style = R"css(
:root{color-scheme:light dark;--paper:#f6f5f1;--card:#fff;--ink:#1d1f24;--soft:#636873;--line:#e2dfd6;--mark:#b4441f;--code:#f0eee7;--link:#1f5fa8}
@media(prefers-color-scheme:dark){:root{--paper:#15171b;--card:#1d2026;--ink:#e9e7e1;--soft:#9aa0ab;--line:#30343c;--mark:#f0875e;--code:#262a32;--link:#7fb2ec}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:2rem 1rem;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:44rem;background:var(--card);border:1px solid var(--line);border-top:4px solid var(--mark);border-radius:10px;padding:2rem 2.25rem}
.status{margin:0;color:var(--mark);font-weight:600;font-size:.875rem;letter-spacing:.02em}
h1{margin:.35rem 0 .75rem;font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}
p{margin:.5rem 0;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.25rem;margin:1.25rem 0;padding:1rem 0;border-block:1px solid var(--line)}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
code,pre,dd{font-family:ui-monospace,"SF Mono",Menlo,Consolas,monospace;font-size:.9em}
pre{background:var(--code);border-radius:6px;padding:.75rem 1rem;overflow-x:auto;margin:.75rem 0}
ul{list-style:none;margin:1.25rem 0;padding:0;border-top:1px solid var(--line)}
li{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.1rem 1rem;padding:.5rem 0;border-bottom:1px solid var(--line)}
li span{color:var(--soft);font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.85em}
a{color:var(--link);overflow-wrap:anywhere}
footer{margin-top:1.5rem;color:var(--soft);font-size:.85rem}
.wait{display:inline-block;width:.6em;height:.6em;margin-right:.5em;border-radius:50%;background:var(--mark);animation:pulse 1.2s ease-in-out infinite}
@keyframes pulse{50%{opacity:.25}}
@media(prefers-reduced-motion:reduce){.wait{animation:none}}
)css";

// Asks for the same page until the answer is not ours any more; only what a GET showed can be shown
// again. A tab that nobody sees asks when it is seen.
constexpr std::string_view reload_script = R"js(
(function(){
  function ask(){
    fetch(location.href,{cache:"no-store",headers:{Accept:"text/html"},redirect:"manual"}).then(function(answer){
      if(answer.headers.get("devproxy-error")==="service-down")again();else location.reload();
    },again);
  }
  function again(){
    if(document.hidden)document.addEventListener("visibilitychange",ask,{once:true});else setTimeout(ask,700);
  }
  again();
})();
)js";

void append_facts(std::string& html, const Page& page) {
  if (page.facts.empty() && page.nearby.empty()) return;
  html.append("<dl>");
  for (const auto& [name, value] : page.facts) {
    html.append("<dt>")
        .append(escape_html(name))
        .append("</dt><dd>")
        .append(escape_html(value))
        .append("</dd>");
  }
  for (const std::string& words : page.nearby)
    html.append("<dt>listens nearby</dt><dd>").append(escape_html(words)).append("</dd>");
  html.append("</dl>\n");
}

void append_lines(std::string& html, const Page& page) {
  if (page.lines.empty()) return;
  html.append("<pre>");
  for (const std::string& line : page.lines) html.append(escape_html(line)).append("\n");
  html.append("</pre>\n");
}

void append_routes(std::string& html, const Page& page) {
  if (page.routes.empty()) return;
  html.append("<ul>\n");
  for (const auto& [url, target] : page.routes) {
    const std::string text = escape_html(url);
    const bool is_link = url.find('*') == std::string::npos;
    html.append("<li>");
    if (is_link)
      html.append("<a href=\"").append(text).append("\">").append(text).append("</a>");
    else
      html.append("<code>").append(text).append("</code>");
    html.append("<span>").append(escape_html(target)).append("</span></li>\n");
  }
  html.append("</ul>\n");
}

void append_member(std::string& json, std::string_view name, std::string_view value) {
  json.append(",\"").append(name).append("\":\"").append(escape_json(value)).append("\"");
}

void append_list(std::string& json, std::string_view name, const std::vector<std::string>& lines) {
  json.append(",\"").append(name).append("\":[");
  for (const std::string& line : lines) {
    if (json.back() != '[') json.push_back(',');
    json.append("\"").append(escape_json(line)).append("\"");
  }
  json.append("]");
}

void append_routes(std::string& json,
                   const std::vector<std::pair<std::string, std::string>>& routes) {
  json.append(",\"routes\":[");
  for (const auto& [url, target] : routes) {
    if (json.back() != '[') json.push_back(',');
    json.append("{\"url\":\"")
        .append(escape_json(url))
        .append("\",\"target\":\"")
        .append(escape_json(target))
        .append("\"}");
  }
  json.append("]");
}

}  // namespace

std::string render_html(const Page& page) {
  std::string html;
  html.reserve(8 * 1024);
  html.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
  html.append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
  html.append("<link rel=\"icon\" href=\"data:,\">\n");
  if (page.reloads)
    html.append("<noscript><meta http-equiv=\"refresh\" content=\"2\"></noscript>\n");
  html.append("<title>")
      .append(escape_html(page.title))
      .append("</title>\n<style>")
      .append(style)
      .append("</style>\n</head>\n");
  html.append("<body>\n<main>\n<p class=\"status\">")
      .append(std::to_string(page.status))
      .append(" ");
  html.append(reason_of(page.status))
      .append("</p>\n<h1>")
      .append(escape_html(page.title))
      .append("</h1>\n");
  if (!page.detail.empty()) html.append("<p>").append(escape_html(page.detail)).append("</p>\n");
  append_facts(html, page);
  append_lines(html, page);
  if (!page.hint.empty()) html.append("<p>").append(escape_html(page.hint)).append("</p>\n");
  if (!page.command.empty())
    html.append("<pre>").append(escape_html(page.command)).append("</pre>\n");
  append_routes(html, page);
  if (page.reloads) {
    html.append(
        "<p role=\"status\"><span class=\"wait\" aria-hidden=\"true\"></span>This page reloads "
        "itself as soon as the service answers.</p>\n");
  }
  html.append("<footer>Answered by devproxy, not by the service.</footer>\n</main>\n");
  if (page.reloads) html.append("<script>").append(reload_script).append("</script>\n");
  html.append("</body>\n</html>\n");
  return html;
}

std::string render_problem_json(const Page& page) {
  std::string json = "{\"type\":\"about:blank\"";
  append_member(json, "title", page.title);
  json.append(",\"status\":").append(std::to_string(page.status));
  if (!page.detail.empty()) append_member(json, "detail", page.detail);
  if (!page.hint.empty()) append_member(json, "hint", page.hint);
  if (!page.command.empty()) append_member(json, "command", page.command);
  for (const auto& [name, value] : page.facts) append_member(json, escape_json(name), value);
  if (!page.nearby.empty()) append_list(json, "nearby", page.nearby);
  if (!page.lines.empty()) append_list(json, "last_lines", page.lines);
  if (!page.routes.empty()) append_routes(json, page.routes);
  json.append("}\n");
  return json;
}

}  // namespace devproxy
