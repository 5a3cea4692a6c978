# Run by cpack when the files of a Debian package, `package`, are together: pages are compressed; licence and notice stand in its copyright.
set(share "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share")
set(doc "${share}/doc/${package}")
file(REMOVE "${doc}/LICENSE" "${doc}/NOTICE")
file(GLOB pages "${share}/man/man1/*.1")
foreach(page IN LISTS pages ITEMS "${doc}/changelog" "${doc}/NEWS")
  execute_process(COMMAND gzip --best --no-name --force "${page}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
