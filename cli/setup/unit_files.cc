#include "cli/setup/unit_files.h"

#include <fmt/format.h>

#include <string_view>

#include "config/values.h"

namespace devproxy {

const char* const unit_mark = "Written by devproxy; devproxy takes it away again.";

namespace {

/// systemd.syntax(7): a word in quotes. `dollar`: where variables would be expanded.
std::string quoted_word(std::string_view word, bool dollar) {
  std::string text = "\"";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      text += fmt::format("\\x{:02x}", byte);
      continue;
    }
    if (c == '"' || c == '\\') text += '\\';
    if (c == '%' || (dollar && c == '$')) text += c;
    text += c;
  }
  return text + "\"";
}

/// "alice@corp" would be an instance of a template.
std::string label_of(const Autostarted& what) {
  return make_label(what.user, fmt::format("{}", what.uid));
}

/// What both services have in common.
std::string service_section(const Autostarted& what) {
  std::string text = fmt::format(
      "[Service]\n"
      "Type=notify\n"
      "ExecStart={} serve -c {}\n"
      "ExecReload=/bin/kill -HUP $MAINPID\n"
      "Restart=on-failure\n"
      "RestartSec=5\n"
      "# 2: the file is wrong, and would be so again.\n"
      "RestartPreventExitStatus=2\n"
      "# It lets requests finish and stops its services; only what is left then is killed.\n"
      "KillMode=mixed\n"
      "TimeoutStopSec=60\n",
      quoted_word(what.program, true), quoted_word(what.file, true));
  for (const auto& [name, value] : what.environment)
    text += fmt::format("Environment={}\n", quoted_word(fmt::format("{}={}", name, value), false));
  return text;
}

std::string xml(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '&') {
      text += "&amp;";
    } else if (c == '<') {
      text += "&lt;";
    } else if (c == '>') {
      text += "&gt;";
    } else {
      text += c;
    }
  }
  return text;
}

std::string plist_sockets() {
  std::string text = "  <key>Sockets</key>\n  <dict>\n    <key>Listeners</key>\n    <array>\n";
  for (const char* const port : {"80", "443"}) {
    for (const auto& [host, family] : {std::pair{"127.0.0.1", "IPv4"}, std::pair{"::1", "IPv6"}}) {
      text += fmt::format(
          "      <dict>\n"
          "        <key>SockNodeName</key>\n        <string>{}</string>\n"
          "        <key>SockServiceName</key>\n        <string>{}</string>\n"
          "        <key>SockFamily</key>\n        <string>{}</string>\n"
          "      </dict>\n",
          host, port, family);
    }
  }
  return text + "    </array>\n  </dict>\n";
}

}  // namespace

bool is_ours(const std::string& text) {
  return text.find(unit_mark) != std::string::npos;
}

std::string user_unit_name(const Autostarted& what) {
  return fmt::format("devproxy-{}.service", what.project);
}

std::string user_unit(const Autostarted& what) {
  return fmt::format(
      "# {}\n"
      "[Unit]\n"
      "Description=devproxy, project {}\n"
      "\n{}"
      "\n[Install]\n"
      "WantedBy=default.target\n",
      unit_mark, what.project, service_section(what));
}

std::string socket_unit_name(const Autostarted& what) {
  return fmt::format("devproxy-{}.socket", label_of(what));
}

std::string socket_unit(const Autostarted& what, bool has_ipv6) {
  std::string listen;
  for (const char* const port : {"80", "443"}) {
    listen += fmt::format("ListenStream=127.0.0.1:{}\n", port);
    if (has_ipv6) listen += fmt::format("ListenStream=[::1]:{}\n", port);
  }
  return fmt::format(
      "# {}\n"
      "[Unit]\n"
      "Description=ports 80 and 443 for the devproxy of {}\n"
      "\n[Socket]\n{}"
      "\n[Install]\n"
      "WantedBy=sockets.target\n",
      unit_mark, what.user, listen);
}

std::string socket_service_name(const Autostarted& what) {
  return fmt::format("devproxy-{}.service", label_of(what));
}

std::string socket_service(const Autostarted& what) {
  // Other commands of this user look for it below /run/user, which is there only while somebody is
  // logged in or needs it.
  return fmt::format(
      "# {0}\n"
      "[Unit]\n"
      "Description=devproxy of {1}, project {2}\n"
      "Requires={3} user-runtime-dir@{4}.service\n"
      "After={3} user-runtime-dir@{4}.service\n"
      "\n{5}"
      "User={4}\n"
      "Environment=XDG_RUNTIME_DIR=/run/user/{4}\n"
      "\n[Install]\n"
      "WantedBy=multi-user.target\n",
      unit_mark, what.user, what.project, socket_unit_name(what), what.uid, service_section(what));
}

std::string agent_label(const Autostarted& what) {
  return "dev.devproxy." + what.project;
}

std::string launch_agent(const Autostarted& what, bool with_low_ports) {
  std::string variables;
  for (const auto& [name, value] : what.environment)
    variables += fmt::format("    <key>{}</key>\n    <string>{}</string>\n", xml(name), xml(value));
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
      "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
      "<!-- {} -->\n"
      "<plist version=\"1.0\">\n<dict>\n"
      "  <key>Label</key>\n  <string>{}</string>\n"
      "  <key>ProgramArguments</key>\n"
      "  <array>\n    <string>{}</string>\n    <string>serve</string>\n    <string>-c</string>\n"
      "    <string>{}</string>\n  </array>\n"
      "  <key>EnvironmentVariables</key>\n  <dict>\n{}  </dict>\n"
      "  <key>RunAtLoad</key>\n  <true/>\n"
      "  <key>KeepAlive</key>\n  <dict>\n    <key>SuccessfulExit</key>\n    <false/>\n  </dict>\n"
      "  <key>ExitTimeOut</key>\n  <integer>60</integer>\n"
      "  <key>StandardErrorPath</key>\n  <string>{}</string>\n"
      "{}</dict>\n</plist>\n",
      unit_mark, agent_label(what), xml(what.program), xml(what.file), variables, xml(what.log),
      with_low_ports ? plist_sockets() : "");
}

}  // namespace devproxy
