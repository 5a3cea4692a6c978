# Writes `output` from `template` with the program's `version` and the commit of the tree `source`; leaves it alone when
# nothing has changed, so that nothing is compiled then. A tree inside another project's repository has no commit.

set(ENV{GIT_OPTIONAL_LOCKS} 0)  # looks only; a git command of the user's must not wait
execute_process(COMMAND git -C "${source}" rev-parse --show-toplevel
                OUTPUT_VARIABLE repository OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
set(commit "")
file(REAL_PATH "${source}" tree)
if(repository STREQUAL tree)
  execute_process(COMMAND git -C "${source}" describe --always --dirty --abbrev=12
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(commit STREQUAL "")
  set(commit unknown)
endif()
configure_file("${template}" "${output}" @ONLY)
