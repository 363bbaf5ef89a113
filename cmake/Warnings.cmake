# devproxy_flags: how our own code is compiled. Third-party headers are SYSTEM and stay silent.
add_library(devproxy_flags INTERFACE)
target_compile_options(devproxy_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wextra-semi -Wcast-align -Wimplicit-fallthrough -Wformat=2)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(devproxy_flags INTERFACE -Wsuggest-override -Wduplicated-cond -Wlogical-op)
endif()
if(NOT DEVPROXY_UNITY)
  target_compile_options(devproxy_flags INTERFACE -Wshadow)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(devproxy_flags INTERFACE -Wshadow=local)  # a name of one file is no shadow of another's
endif()
if(DEVPROXY_WERROR)
  target_compile_options(devproxy_flags INTERFACE -Werror)
endif()
if(DEVPROXY_SANITIZE)
  # Without vptr: that check opens a pipe, so it sees ghosts in tests that leave no descriptor. Without null and alignment:
  # they are half of the code that UBSan adds, a null pointer ends in ASan all the same, and x86 and arm64 read unaligned.
  add_compile_options(-fsanitize=${DEVPROXY_SANITIZE} -fno-sanitize=vptr,null,alignment -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DEVPROXY_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Instrumented code makes GCC see uninitialised std::functions within the standard library (GCC bug 105562).
    target_compile_options(devproxy_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
if(DEVPROXY_STATIC_RUNTIME)
  add_link_options(-static-libstdc++ -static-libgcc)
endif()
