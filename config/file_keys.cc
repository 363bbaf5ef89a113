#include "config/file_keys.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "config/files.h"

namespace devproxy {

std::optional<std::string> FileKeys::path(const Member* member) {
  const auto text = reader_.text(member);
  return text ? readable(*text, member->key, "a PEM file") : std::nullopt;
}

std::vector<std::string> FileKeys::paths(const Member* member, std::string_view what) {
  std::vector<std::string> found;
  for (const Text& text : reader_.texts(member)) {
    if (auto path = readable(text, member->key, what)) found.push_back(*std::move(path));
  }
  return found;
}

std::optional<std::string> FileKeys::folder(const Member* member) {
  const auto text = reader_.text(member);
  auto path = text ? absolute(*text, member->key, "a folder") : std::nullopt;
  if (!path) return std::nullopt;
  std::error_code failed;
  if (std::filesystem::is_directory(*path, failed)) return path;
  report_.add("config.unreadable", text->where,
              std::string(member->key) + ": " + sources_.printed(*path) +
                  (std::filesystem::exists(*path, failed) ? " is no folder" : " does not exist"),
              "paths are relative to the file that names them");
  return std::nullopt;
}

std::optional<std::string> FileKeys::future_path(const Member* member, std::string_view what) {
  const auto text = reader_.text(member);
  return text ? absolute(*text, member->key, what) : std::nullopt;
}

std::optional<std::string> FileKeys::absolute(const Text& text, std::string_view key,
                                              std::string_view what) {
  if (text.value.empty()) {
    report_.add("config.value", text.where, std::string(key) + " is empty",
                "write the path of " + std::string(what));
    return std::nullopt;
  }
  if (text.value.front() == '~') {
    const std::size_t slash = std::min(text.value.find('/'), text.value.size());
    report_.add("config.value", text.where,
                in_quotes(text.value) + " begins with \"~\", which is not expanded",
                slash == 1 ? "write " + in_quotes("${HOME}" + std::string(text.value.substr(1)))
                           : "write the whole path");
    return std::nullopt;
  }
  const std::string& named_in = sources_.path(text.where.spot.file);
  return absolute_path(folder_of(named_in), std::string(text.value));
}

std::optional<std::string> FileKeys::readable(const Text& text, std::string_view key,
                                              std::string_view what) {
  auto path = absolute(text, key, what);
  if (!path) return std::nullopt;
  if (std::find(files_.begin(), files_.end(), *path) == files_.end()) files_.push_back(*path);
  if (const auto content = read_file(*path); !content) {
    report_.add(
        "config.unreadable", text.where,
        std::string(key) + ": cannot read " + sources_.printed(*path) + ": " + content.error().why,
        content.error().missing ? "paths are relative to the file that names them"
                                : "name " + std::string(what) + " that you may read");
    return std::nullopt;
  }
  return path;
}

std::optional<CertificateFiles> FileKeys::certificate(const Member* tls) {
  if (tls == nullptr) return std::nullopt;
  const Fields fields = reader_.fields(tls->value, Place::tls, "");
  const bool has_cert = tls->value.find("cert") != nullptr;
  const bool has_key = tls->value.find("key") != nullptr;
  if ((!has_cert || !has_key) && !incomplete_) {
    report_.add(
        "config.value", tls->value.where,
        has_cert  ? "tls has a cert and no key"
        : has_key ? "tls has a key and no cert"
                  : "tls has neither cert nor key",
        "write { cert = \"x.pem\", key = \"x-key.pem\" }, or leave tls out for the local CA");
  }
  auto cert = path(fields[Key::cert]);
  auto key = path(fields[Key::key]);
  if (!cert || !key) return std::nullopt;
  return CertificateFiles{*std::move(cert), *std::move(key),
                          sources_.position(tls->value.where.spot)};
}

}  // namespace devproxy
