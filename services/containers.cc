#include "services/containers.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/json.h"
#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::size_t largest_answer = 16U << 20U;
constexpr std::size_t shortest_id = 4;
constexpr const char* compose_label = "com.docker.compose.service";

std::string system_text(int error) {
  return lower(std::generic_category().message(error));
}

/// One question and its answer; the engine closes the connection then.
class Engine final {
 public:
  Engine() : descriptor_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    const timeval patience{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }
  ~Engine() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Result<std::string> ask(const std::string& path) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
      return fail(Code::invalid, Source::system, path + ": the path is too long for a socket");
    std::copy(path.begin(), path.end(), std::begin(address.sun_path));
    // HTTP/1.0: the answer is not chunked, and ends with the connection.
    constexpr std::string_view question =
        "GET /containers/json HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::send(descriptor_, question.data(), question.size(), MSG_NOSIGNAL) < 0)
      return failed(path, errno);
    std::string answer;
    std::array<char, 16384> block;
    for (;;) {
      const ssize_t size = ::recv(descriptor_, block.data(), block.size(), 0);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return failed(path, errno == EAGAIN ? ETIMEDOUT : errno);
      if (size == 0) return answer;
      answer.append(block.data(), static_cast<std::size_t>(size));
      if (answer.size() > largest_answer) return failed(path, EMSGSIZE);
    }
  }

 private:
  static tl::unexpected<Error> failed(const std::string& path, int error) {
    const Code code = error == EACCES                            ? Code::denied
                      : error == ENOENT || error == ECONNREFUSED ? Code::missing
                                                                 : Code::closed;
    return fail(code, Source::system, fmt::format("{}: {}", path, system_text(error)));
  }

  int descriptor_;
};

Result<std::vector<Container>> ask_one(const std::string& path) {
  const auto answer = Engine().ask(path);
  if (!answer) return tl::unexpected<Error>(answer.error());
  const std::size_t body = answer->find("\r\n\r\n");
  if (!answer->starts_with("HTTP/1.") || answer->substr(8, 4) != " 200" ||
      body == std::string::npos)
    return fail(Code::invalid, Source::system, path + ": it does not list its containers");
  return parse_containers(std::string_view(*answer).substr(body + 4));
}

template <class T>
T member(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) return {};
  if constexpr (std::is_same_v<T, std::string>) {
    return found->is_string() ? found->get<std::string>() : T();
  } else {
    return found->is_number_unsigned() ? found->get<T>() : T();
  }
}

Container read_container(const Json& json) {
  Container container;
  container.id = member<std::string>(json, "Id");
  if (const auto names = json.find("Names"); names != json.end() && names->is_array()) {
    for (const Json& name : *names) {
      if (!name.is_string()) continue;
      const std::string text = name.get<std::string>();
      container.names.push_back(text.starts_with('/') ? text.substr(1) : text);
    }
  }
  if (const auto labels = json.find("Labels"); labels != json.end() && labels->is_object())
    container.compose_service = member<std::string>(*labels, compose_label);
  if (const auto ports = json.find("Ports"); ports != json.end() && ports->is_array()) {
    for (const Json& port : *ports) {
      if (!port.is_object() || member<std::string>(port, "Type") != "tcp") continue;
      PublishedPort published{member<std::string>(port, "IP"),
                              member<std::uint16_t>(port, "PrivatePort"),
                              member<std::uint16_t>(port, "PublicPort")};
      if (published.outside != 0) container.ports.push_back(std::move(published));
    }
  }
  return container;
}

bool is_named(const Container& container, const std::string& name) {
  return std::find(container.names.begin(), container.names.end(), name) != container.names.end() ||
         (name.size() >= shortest_id && container.id.starts_with(name));
}

/// The name before what compose calls it, for which there may be several.
const Container* find_named(const std::vector<Container>& containers, const std::string& name) {
  for (const Container& container : containers) {
    if (is_named(container, name)) return &container;
  }
  for (const Container& container : containers) {
    if (container.compose_service == name) return &container;
  }
  return nullptr;
}

std::string shown_name(const Container& container) {
  return container.names.empty() ? container.id.substr(0, 12) : container.names.front();
}

}  // namespace

EngineSockets engine_sockets(
    const std::function<std::optional<std::string>(const std::string& name)>& variable) {
  constexpr std::string_view unix_scheme = "unix://";
  const std::string host = variable("DOCKER_HOST").value_or("");
  if (host.starts_with(unix_scheme)) return {{host.substr(unix_scheme.size())}, ""};
  if (!host.empty())
    return {{}, fmt::format("DOCKER_HOST is {}: only unix:// is asked for containers", host)};
  EngineSockets sockets{{"/var/run/docker.sock"}, ""};
  const std::string runtime = variable("XDG_RUNTIME_DIR").value_or("");
  if (!runtime.empty()) {
    sockets.paths.push_back(runtime + "/docker.sock");
    sockets.paths.push_back(runtime + "/podman/podman.sock");
  }
  sockets.paths.emplace_back("/run/podman/podman.sock");
  return sockets;
}

Result<std::vector<Container>> ask_containers(const EngineSockets& engines) {
  if (!engines.why_not.empty()) return fail(Code::invalid, Source::config, engines.why_not);
  std::vector<Container> all;
  std::string why_not;
  bool any = false;
  for (const std::string& path : engines.paths) {
    auto answer = ask_one(path);
    if (answer) {
      any = true;
      std::move(answer->begin(), answer->end(), std::back_inserter(all));
    } else if (answer.error().code != Code::missing && why_not.empty()) {
      why_not = answer.error().detail;
    }
  }
  if (any) return all;
  if (!why_not.empty()) return fail(Code::denied, Source::system, why_not);
  return fail(Code::missing, Source::system,
              fmt::format("no container engine answers at {}", fmt::join(engines.paths, ", ")));
}

Result<std::vector<Container>> parse_containers(std::string_view text) {
  const Json json = parse_json(text);
  if (!json.is_array())
    return fail(Code::invalid, Source::system, "the list of containers cannot be read");
  std::vector<Container> containers;
  for (const Json& entry : json) {
    if (entry.is_object()) containers.push_back(read_container(entry));
  }
  return containers;
}

Result<Found> find_container(const FollowTarget& rule,
                             const Result<std::vector<Container>>& containers) {
  if (!containers) return tl::unexpected<Error>(containers.error());
  const Container* const container = find_named(*containers, rule.container);
  if (container == nullptr) {
    return fail(Code::missing, Source::upstream,
                fmt::format("no running container is called {}", escape(rule.container)));
  }
  Found found;
  found.place = {0, false, false, false};
  std::uint16_t inside = 0;
  for (const PublishedPort& port : container->ports) {
    if (rule.port != 0 && port.inside != rule.port) continue;
    const bool ipv4 = port.host.empty() || port.host == "0.0.0.0" || port.host == "127.0.0.1";
    const bool ipv6 = port.host == "::" || port.host == "::1";
    if (!ipv4 && !ipv6) continue;
    // The lowest port inside; it may be published at one port for each family.
    if (inside != 0 && port.inside > inside) continue;
    if (port.inside != inside || (found.place.port != port.outside && ipv4 && !found.place.ipv4))
      found.place = {port.outside, false, false, false};
    if (found.place.port != port.outside) continue;
    inside = port.inside;
    (ipv4 ? found.place.ipv4 : found.place.ipv6) = true;
  }
  if (inside == 0) {
    return fail(Code::missing, Source::upstream,
                rule.port == 0
                    ? fmt::format("the container {} publishes no TCP port on loopback",
                                  escape(shown_name(*container)))
                    : fmt::format("the container {} does not publish its port {} on loopback",
                                  escape(shown_name(*container)), rule.port));
  }
  found.owner = fmt::format("container {}", escape(shown_name(*container)));
  const bool several =
      rule.port == 0 && std::any_of(container->ports.begin(), container->ports.end(),
                                    [&](const auto& each) { return each.inside != inside; });
  if (several)
    found.reason = fmt::format("{} inside is its lowest; port in follow says otherwise", inside);
  return found;
}

}  // namespace devproxy
