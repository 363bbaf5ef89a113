# Runs one Catch2 program (2.13 or 3) after it was built and writes a ctest entry for each of its tests. Tags become
# labels: [threads] tests run under TSan too, [soak] ones are the long ones. Catch2's own discovery knows no labels on 2.13.
# In: program, folder, catch_major, out.
cmake_minimum_required(VERSION 3.25)
set(labels threads soak)

function(list_tests result)
  if(catch_major LESS 3)
    set(list_option --list-test-names-only)
  else()
    set(list_option --list-tests --verbosity quiet)
  endif()
  execute_process(COMMAND ${program} ${ARGN} ${list_option} WORKING_DIRECTORY ${folder}
                  OUTPUT_VARIABLE names ERROR_VARIABLE errors RESULT_VARIABLE status)
  # Catch2 2.13 answers with the number of tests, so only a word (a signal) or an error text is a failure.
  if(NOT status MATCHES "^[0-9]+$" OR errors)
    message(FATAL_ERROR "${program} cannot list its tests: ${status}\n${errors}")
  endif()
  # Brackets and semicolons would confuse CMake's lists.
  string(REPLACE "[" "@lbr@" names "${names}")
  string(REPLACE "]" "@rbr@" names "${names}")
  string(REPLACE ";" "@semi@" names "${names}")
  string(REGEX REPLACE "\n+" ";" names "${names}")
  list(REMOVE_ITEM names "")
  set(${result} "${names}" PARENT_SCOPE)
endfunction()

list_tests(all)
foreach(label IN LISTS labels)
  list_tests(tests_${label} "[${label}]")
endforeach()

set(script "")
foreach(mangled IN LISTS all)
  set(test_labels "")
  set(timeout 120)
  foreach(label IN LISTS labels)
    if(mangled IN_LIST tests_${label})
      list(APPEND test_labels ${label})
    endif()
  endforeach()
  string(REPLACE "@lbr@" "[" name "${mangled}")
  string(REPLACE "@rbr@" "]" name "${name}")
  string(REPLACE "@semi@" ";" name "${name}")
  string(REGEX REPLACE "([][,\\\\])" "\\\\\\1" spec "${name}")
  # A name that matches nothing must fail, not pass.
  if(catch_major LESS 3)
    set(strict "-w NoTests")
  else()
    set(strict "--warn UnmatchedTestSpec")
  endif()
  string(APPEND script "add_test([==[${name}]==] [==[${program}]==] [==[${spec}]==] ${strict})\n"
    "set_tests_properties([==[${name}]==] PROPERTIES WORKING_DIRECTORY [==[${folder}]==] TIMEOUT ${timeout} "
    "LABELS \"${test_labels}\")\n")
endforeach()
file(WRITE ${out} "${script}")
