# Everything that we take from the system. Each line's why stands in the README.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

pkg_check_modules(libuv REQUIRED IMPORTED_TARGET libuv>=1.44)
add_library(uv::uv ALIAS PkgConfig::libuv)

find_package(OpenSSL 3.0 REQUIRED)
find_package(llhttp REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)

# Debian's libtomlplusplus is built with exceptions; we want none, so the headers alone.
find_path(tomlplusplus_include toml++/toml.h REQUIRED)
add_library(tomlplusplus::headers INTERFACE IMPORTED)
target_include_directories(tomlplusplus::headers SYSTEM INTERFACE ${tomlplusplus_include})
target_compile_definitions(tomlplusplus::headers INTERFACE TOML_HEADER_ONLY=1 TOML_EXCEPTIONS=0)
