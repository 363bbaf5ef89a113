# What the program prints of itself, installed beside it: man pages, completions, the schema. A build for another system
# leaves it out unless CMAKE_CROSSCOMPILING_EMULATOR can run the program.
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  return()
endif()

set(printed_folder ${CMAKE_BINARY_DIR}/printed)
file(MAKE_DIRECTORY ${printed_folder})
set(printed_files "")
function(devproxy_printed name destination)
  set(file ${printed_folder}/${name})
  add_custom_command(OUTPUT ${file} COMMAND devproxy ${ARGN} > ${file} DEPENDS devproxy VERBATIM COMMENT "${name}")
  install(FILES ${file} DESTINATION ${destination})
  set(printed_files ${printed_files} ${file} PARENT_SCOPE)
endfunction()

devproxy_printed(devproxy.1 ${CMAKE_INSTALL_MANDIR}/man1 __man devproxy.1)
devproxy_printed(devproxy.toml.5 ${CMAKE_INSTALL_MANDIR}/man5 __man devproxy.toml.5)
devproxy_printed(devproxy ${CMAKE_INSTALL_DATADIR}/bash-completion/completions completion bash)
devproxy_printed(_devproxy ${CMAKE_INSTALL_DATADIR}/zsh/site-functions completion zsh)
devproxy_printed(devproxy.fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d completion fish)
devproxy_printed(devproxy.schema.json ${CMAKE_INSTALL_DATADIR}/devproxy schema)
add_custom_target(devproxy_printed ALL DEPENDS ${printed_files})
