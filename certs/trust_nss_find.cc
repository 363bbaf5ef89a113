// Which NSS databases a user's browsers read.
#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "certs/trust_nss.h"

namespace devproxy {
namespace {

namespace fs = std::filesystem;

bool is_database(const std::string& folder) {
  return is_there(folder + "/cert9.db");
}

/// An XDG folder; relative values are ignored, as the specification asks.
std::string xdg(const Surroundings& surroundings, const char* variable, const char* otherwise) {
  const auto value = surroundings.environment(variable);
  if (value && value->starts_with('/')) return *value;
  return surroundings.home + otherwise;
}

constexpr std::array<const char*, 11> chromium_programs{"chromium",
                                                        "chromium-browser",
                                                        "google-chrome",
                                                        "google-chrome-stable",
                                                        "chrome",
                                                        "google-chrome-beta",
                                                        "google-chrome-unstable",
                                                        "brave-browser",
                                                        "microsoft-edge",
                                                        "vivaldi",
                                                        "opera"};

bool has_chromium(const Surroundings& surroundings) {
  // Playwright's browsers are in no PATH.
  if (is_there(surroundings.home + "/.cache/ms-playwright")) return true;
  return std::any_of(chromium_programs.begin(), chromium_programs.end(), [&](const char* program) {
    return surroundings.runner.find(program).has_value();
  });
}

// Chromium reads ~/.pki/nssdb where that exists; since version 146 otherwise, and then only,
// $XDG_DATA_HOME/pki/nssdb. So what exists is used, and with neither the older place is made, which
// every version reads. Never the older beside the newer: that would hide the user's own
// certificates from a new Chromium.
void add_chromium(const Surroundings& surroundings, std::vector<NssDatabase>& found) {
  constexpr const char* name = "Chrome, Chromium";
  const std::string older = surroundings.home + "/.pki/nssdb";
  const std::string newer = xdg(surroundings, "XDG_DATA_HOME", "/.local/share") + "/pki/nssdb";
  const std::size_t before = found.size();
  // An empty folder decides as a full one does: Chromium makes its database there.
  if (is_there(older)) found.push_back({name, older, !is_database(older), ""});
  if (newer != older && is_database(newer)) found.push_back({name, newer, false, ""});
  if (found.size() > before) return;
  const bool installed = has_chromium(surroundings);
  found.push_back({name, installed ? older : "", installed, ""});
}

struct Boxed {
  const char* name;
  const char* mark;  ///< exists when the application was installed and started, or nearly so
  std::array<const char*, 2> databases;
};

// Under snap and flatpak an application has a home of its own; which of the two places is in use
// is the application's version's choice, so only what exists is written to.
constexpr std::array<Boxed, 3> boxed{{
    {"Chromium (snap)",
     "/snap/chromium",
     {"/snap/chromium/current/.pki/nssdb", "/snap/chromium/current/.local/share/pki/nssdb"}},
    {"Chromium (flatpak)",
     "/.var/app/org.chromium.Chromium",
     {"/.var/app/org.chromium.Chromium/.pki/nssdb",
      "/.var/app/org.chromium.Chromium/data/pki/nssdb"}},
    {"Chrome (flatpak)",
     "/.var/app/com.google.Chrome",
     {"/.var/app/com.google.Chrome/.pki/nssdb", "/.var/app/com.google.Chrome/data/pki/nssdb"}},
}};

void add_boxed(const Surroundings& surroundings, std::vector<NssDatabase>& found) {
  for (const Boxed& box : boxed) {
    if (!is_there(surroundings.home + box.mark)) continue;
    const std::size_t before = found.size();
    for (const char* database : box.databases) {
      const std::string folder = surroundings.home + database;
      if (is_database(folder)) found.push_back({box.name, folder, false, ""});
    }
    if (found.size() == before)
      found.push_back({box.name, "", false, "start it once, then devproxy trust"});
  }
}

/// Every folder in `profiles` with a database, by name.
std::vector<std::string> profiles_in(const std::string& profiles) {
  std::vector<std::string> result;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(profiles, failed)) {
    if (is_database(entry.path().string())) result.push_back(entry.path().string());
  }
  std::sort(result.begin(), result.end());
  return result;
}

void add_firefox(const Surroundings& surroundings, std::vector<NssDatabase>& found) {
  const std::string& home = surroundings.home;
  const std::array<std::pair<const char*, std::string>, 5> places{{
      {"Firefox", home + "/.mozilla/firefox"},
      // Since version 147, for new users.
      {"Firefox", xdg(surroundings, "XDG_CONFIG_HOME", "/.config") + "/mozilla/firefox"},
      {"Firefox (snap)", home + "/snap/firefox/common/.mozilla/firefox"},
      {"Firefox (flatpak)", home + "/.var/app/org.mozilla.firefox/.mozilla/firefox"},
      {"Firefox (flatpak)", home + "/.var/app/org.mozilla.firefox/config/mozilla/firefox"},
  }};
  const std::size_t before = found.size();
  for (const auto& [name, folder] : places) {
    for (std::string& profile : profiles_in(folder))
      found.push_back({name, std::move(profile), false, ""});
  }
  if (found.size() > before) return;
  const bool installed =
      surroundings.runner.find("firefox") || surroundings.runner.find("firefox-esr") ||
      is_there(home + "/snap/firefox") || is_there(home + "/.var/app/org.mozilla.firefox");
  found.push_back({"Firefox", "", false, installed ? "start it once, then devproxy trust" : ""});
}

}  // namespace

std::vector<NssDatabase> find_nss_databases(const Surroundings& surroundings) {
  std::vector<NssDatabase> found;
  if (surroundings.home.empty()) return found;
  add_chromium(surroundings, found);
  add_boxed(surroundings, found);
  add_firefox(surroundings, found);
  return found;
}

}  // namespace devproxy
