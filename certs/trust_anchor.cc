#include "certs/trust_anchor.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/dirs.h"
#include "base/files.h"
#include "certs/authority.h"
#include "certs/openssl.h"

namespace devproxy {
namespace {

constexpr std::string_view begin_line = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view end_line = "-----END CERTIFICATE-----";

std::string without_spaces(std::string_view text) {
  std::string result(text);
  std::erase_if(result, [](char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; });
  return result;
}

std::string digest(const X509& certificate, const EVP_MD* algorithm) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  if (::X509_digest(&certificate, algorithm, bytes.data(), &size) != 1) return "";
  return fmt::format("{:02x}", fmt::join(bytes.begin(), bytes.begin() + size, ""));
}

std::string folder_of(const std::string& state) {
  return state + "/trusted";
}

std::string file_of(const std::string& state, const Anchor& anchor) {
  return folder_of(state) + "/" + anchor.sha256 + ".pem";
}

}  // namespace

std::vector<std::string> certificates_in(std::string_view text) {
  std::vector<std::string> result;
  for (std::size_t begin = text.find(begin_line); begin != std::string_view::npos;
       begin = text.find(begin_line, begin)) {
    begin += begin_line.size();
    const std::size_t end = text.find(end_line, begin);
    if (end == std::string_view::npos) break;
    result.push_back(without_spaces(text.substr(begin, end - begin)));
    begin = end;
  }
  return result;
}

bool holds(std::string_view text, const Anchor& anchor) {
  const std::vector<std::string> found = certificates_in(text);
  return std::find(found.begin(), found.end(), anchor.base64) != found.end();
}

Result<Anchor> read_anchor(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  const std::vector<X509Ptr> certificates = certificates_from_pem(*text);
  if (certificates.size() != 1)
    return fail(Code::invalid, Source::system, path + " is not one certificate in PEM form");
  const X509& certificate = *certificates.front();
  Anchor anchor;
  anchor.path = path;
  anchor.name = common_name(certificate);
  anchor.base64 = certificates_in(to_pem(certificate)).front();
  anchor.sha256 = digest(certificate, ::EVP_sha256());
  anchor.sha1 = digest(certificate, ::EVP_sha1());
  anchor.not_before = not_before(certificate);
  anchor.not_after = not_after(certificate);
  return anchor;
}

std::vector<Anchor> remembered_anchors(const std::string& state) {
  std::vector<Anchor> anchors;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder_of(state), failed)) {
    if (entry.path().extension() != ".pem") continue;
    if (auto anchor = read_anchor(entry.path().string())) anchors.push_back(std::move(*anchor));
  }
  std::sort(anchors.begin(), anchors.end(),
            [](const Anchor& a, const Anchor& b) { return a.path < b.path; });
  return anchors;
}

bool is_remembered(const std::string& state) {
  const Result<std::string> ca = read_file(Authority::certificate_path(state));
  if (!ca) return false;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder_of(state), failed)) {
    if (const auto text = read_file(entry.path().string()); text && *text == *ca) return true;
  }
  return false;
}

Result<void> remember(const std::string& state, const Anchor& anchor) {
  const Result<std::string> text = read_file(anchor.path);
  if (!text) return tl::unexpected(text.error());
  if (auto made = make_private_dir(folder_of(state)); !made) return made;
  return write_atomically(file_of(state, anchor), *text, 0600);
}

void forget(const std::string& state, const Anchor& anchor) {
  std::error_code ignored;
  std::filesystem::remove(file_of(state, anchor), ignored);
}

}  // namespace devproxy
