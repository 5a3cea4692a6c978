# lacuna_library(NAME SOURCES ... LINKS ...) : a static library lacuna_NAME (alias lacuna::NAME) with the project's
# warnings. lacuna_test(NAME SOURCES ... LINKS ... [LABEL slow] [THREADS] [ONE_BY_ONE]) : a Catch2 program, one CTest test
# per case. THREADS: it uses threads, and so is built by the target `tests_with_threads`; its cases have the label `threads`.
# ONE_BY_ONE: its files use the same names for things of their own, so that they cannot be compiled in batches.

include(GNUInstallDirs)

add_library(lacuna_options INTERFACE)
# No fused multiply-add: energies in results are the same bytes on every machine.
target_compile_options(lacuna_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -ffp-contract=off)
if(LACUNA_WERROR)
  target_compile_options(lacuna_options INTERFACE -Werror)
endif()
# The libraries can become part of a shared one (a Python module, say), and are called as fast as without.
target_compile_options(lacuna_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-fno-semantic-interposition>)
if(LACUNA_SANITIZE)
  # `undefined` leaves out what floating point can do: numbers that fit no integer, division by zero.
  set(sanitizers -fsanitize=address,undefined,float-cast-overflow,float-divide-by-zero)
  target_compile_options(lacuna_options INTERFACE ${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(lacuna_options INTERFACE ${sanitizers})
  # Indices beyond a vector's size but within its capacity, which AddressSanitizer does not see.
  target_compile_definitions(lacuna_options INTERFACE _GLIBCXX_ASSERTIONS)
  # A hundred programs with sanitizers: LLVM's linker takes a third of the time.
  include(CheckLinkerFlag)
  check_linker_flag(CXX -fuse-ld=lld LACUNA_LLD)
  if(LACUNA_LLD)
    target_link_options(lacuna_options INTERFACE -fuse-ld=lld)
  endif()
endif()
if(LACUNA_FUZZ)
  target_compile_options(lacuna_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(LACUNA_THREAD_SANITIZE)
  target_compile_options(lacuna_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(lacuna_options INTERFACE -fsanitize=thread)
endif()
if(LACUNA_COVERAGE)
  target_compile_options(lacuna_options INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(lacuna_options INTERFACE --coverage)
endif()

# lacuna_batches(TARGET): its files are compiled in batches, where builds do so (LACUNA_UNITY).
function(lacuna_batches target)
  if(LACUNA_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${LACUNA_UNITY_BATCH})
    # A name of one file's own may be a parameter's in the next; the other builds look for real shadowing.
    target_compile_options(${target} PRIVATE -Wno-shadow)
  endif()
endfunction()

function(lacuna_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(lacuna_${name} STATIC ${ARG_SOURCES})
  add_library(lacuna::${name} ALIAS lacuna_${name})
  target_include_directories(lacuna_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                                   $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/lacuna>)
  target_compile_features(lacuna_${name} PUBLIC cxx_std_17)
  target_link_libraries(lacuna_${name} PUBLIC ${ARG_LINKS} PRIVATE $<BUILD_INTERFACE:lacuna_options>)
  set_target_properties(lacuna_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  if(LACUNA_SANITIZE AND CMAKE_CURRENT_SOURCE_DIR MATCHES "^${PROJECT_SOURCE_DIR}/sim(/|$)")
    # Null pointers end a program anyway, and here, unlike in models/, no pointer becomes one to a type of stricter
    # alignment but to memory just allocated. These checks are a fifth of the time that compiling takes.
    target_compile_options(lacuna_${name} PRIVATE -fno-sanitize=null,alignment,object-size)
  endif()
  set_property(GLOBAL APPEND PROPERTY LACUNA_LIBRARIES lacuna_${name})
  lacuna_batches(lacuna_${name})
endfunction()

# lacuna_archives(OUT libraries...): the libraries, where Debian's archives (.a) are for programs alone: they are not
# position-independent, so a shared library takes the shared one beside the archive.
function(lacuna_archives out)
  set(type "$<TARGET_PROPERTY:TYPE>")
  set(libraries "")
  foreach(library IN LISTS ARGN)
    string(REGEX REPLACE "\\.a$" "${CMAKE_SHARED_LIBRARY_SUFFIX}" shared "${library}")
    if(library MATCHES "\\.a$" AND EXISTS "${shared}")
      set(library "$<IF:$<OR:$<STREQUAL:${type},MODULE_LIBRARY>,$<STREQUAL:${type},SHARED_LIBRARY>>,${shared},${library}>")
    endif()
    list(APPEND libraries "${library}")
  endforeach()
  set(${out} "${libraries}" PARENT_SCOPE)
endfunction()

function(lacuna_test name)
  cmake_parse_arguments(ARG "THREADS;ONE_BY_ONE" "LABEL" "SOURCES;LINKS" ${ARGN})
  add_executable(test_${name} ${ARG_SOURCES})
  # What takes time in tests is compiling them, most of all with sanitizers.
  target_compile_options(test_${name} PRIVATE $<$<CONFIG:Release>:-O1> $<$<BOOL:${LACUNA_SANITIZE}>:-O0>)
  if(LACUNA_SANITIZE)
    # What these look for in a test ends the test anyway; without them its files compile in four fifths of the time.
    target_compile_options(test_${name} PRIVATE -fno-sanitize=null,alignment,vptr,object-size)
  endif()
  target_link_libraries(test_${name} PRIVATE ${ARG_LINKS} lacuna_test_main lacuna_options)
  if(NOT ARG_ONE_BY_ONE)
    lacuna_batches(test_${name})
  endif()
  if(ARG_LABEL STREQUAL slow AND LACUNA_SANITIZE)
    set_target_properties(test_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    return()
  endif()
  set(timeout_seconds 600)
  if(ARG_LABEL STREQUAL slow)
    set(timeout_seconds 3600) # one compiles 1024 PEs of RTL
  endif()
  set(properties TIMEOUT ${timeout_seconds})
  if(ARG_LABEL)
    list(APPEND properties LABELS ${ARG_LABEL})
  endif()
  if(ARG_THREADS)
    list(APPEND properties LABELS threads)
    add_dependencies(tests_with_threads test_${name})
  endif()
  # A semicolon in a case's name would make CTest lose the program's other cases without a word.
  add_test(NAME "${name}/names" COMMAND sh -c "! $<TARGET_FILE:test_${name}> --list-test-names-only | grep ';'")
  catch_discover_tests(test_${name} TEST_PREFIX "${name}/" PROPERTIES ${properties})
endfunction()
