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

# What distributions backport is asked for by name, not by version.
include(CheckSymbolExists)
pkg_check_modules(libnghttp2 REQUIRED IMPORTED_TARGET libnghttp2>=1.52)
add_library(nghttp2::nghttp2 INTERFACE IMPORTED)
target_link_libraries(nghttp2::nghttp2 INTERFACE PkgConfig::libnghttp2)
set(CMAKE_REQUIRED_LIBRARIES PkgConfig::libnghttp2)
check_symbol_exists(nghttp2_option_set_stream_reset_rate_limit nghttp2/nghttp2.h DEVPROXY_NGHTTP2_HAS_RESET_RATE)
unset(CMAKE_REQUIRED_LIBRARIES)
if(DEVPROXY_NGHTTP2_HAS_RESET_RATE)
  target_compile_definitions(nghttp2::nghttp2 INTERFACE DEVPROXY_NGHTTP2_HAS_RESET_RATE)
endif()
