# Run by cpack when the files of a Debian package, `package`, are together: its manual pages are compressed, and `changes` with them.
set(share "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share")
# Both stand in the package's copyright.
file(REMOVE "${share}/doc/${package}/LICENSE" "${share}/doc/${package}/NOTICE")
file(COPY "${changes}" DESTINATION "${share}/doc/${package}")
file(GLOB pages "${share}/man/man1/*.1")
foreach(page IN LISTS pages ITEMS "${share}/doc/${package}/changelog")
  execute_process(COMMAND gzip --best --no-name --force "${page}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
