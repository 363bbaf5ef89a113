#include <array>
#include <iterator>
#include <utility>

#include "certs/trust_java.h"
#include "certs/trust_keychain.h"
#include "certs/trust_nss.h"
#include "certs/trust_store.h"
#include "certs/trust_system.h"
#include "certs/trust_windows.h"

namespace devproxy {

TrustStores find_stores(const Surroundings& surroundings, bool with_java) {
  TrustStores stores;
  TrustStores of_root;
  const auto add = [&](std::unique_ptr<TrustStore> store) {
    if (!store) return;
    (store->label().needs_root ? of_root : stores).push_back(std::move(store));
  };
  auto keychain = keychain_store(surroundings);
  if (!keychain) {  // there, browsers and programs all read the keychain
    for (NssDatabase& database : find_nss_databases(surroundings))
      add(nss_store(surroundings.runner, std::move(database)));
  }
  add(windows_store(surroundings));
  if (with_java) {
    for (auto& store : java_stores(surroundings)) add(std::move(store));
  }
  if (keychain) {
    add(std::move(keychain));
  } else {
    add(system_store(surroundings));
  }
  stores.insert(stores.end(), std::make_move_iterator(of_root.begin()),
                std::make_move_iterator(of_root.end()));
  return stores;
}

std::string install_command(CommandRunner& runner, std::span<const std::string_view, 5> names) {
  constexpr std::array<std::array<std::string_view, 2>, 5> managers{
      {{"apt-get", "sudo apt install "},
       {"dnf", "sudo dnf install "},
       {"zypper", "sudo zypper install "},
       {"pacman", "sudo pacman -S "},
       {"apk", "sudo apk add "}}};
  for (std::size_t i = 0; i < managers.size(); ++i) {
    if (runner.find(managers[i][0]))
      return std::string(managers[i][1]) + std::string(names[i]) + ", then devproxy trust";
  }
  return "install the package " + std::string(names[0]) + " (Debian's name), then devproxy trust";
}

}  // namespace devproxy
