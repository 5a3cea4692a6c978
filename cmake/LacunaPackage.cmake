# The CMake package Lacuna: `find_package(Lacuna)` gives lacuna::models (the machines and their engines), lacuna::sim
# (configuration, traces, runs, reports) and one library per folder; the program lacuna and the files that it reads at
# run time are installed beside them.

include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY LACUNA_LIBRARIES)
foreach(part models sim)
  add_library(lacuna_${part} INTERFACE)
  add_library(lacuna::${part} ALIAS lacuna_${part})
  set_target_properties(lacuna_${part} PROPERTIES EXPORT_NAME ${part})
endforeach()
foreach(library IN LISTS libraries)
  get_target_property(folder ${library} SOURCE_DIR)
  if(folder MATCHES "^${PROJECT_SOURCE_DIR}/models/")
    target_link_libraries(lacuna_models INTERFACE ${library})
  else()
    target_link_libraries(lacuna_sim INTERFACE ${library})
  endif()
endforeach()
target_link_libraries(lacuna_sim INTERFACE lacuna_models)

install(TARGETS lacuna RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS ${libraries} lacuna_models lacuna_sim EXPORT LacunaTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/lacuna)
install(EXPORT LacunaTargets NAMESPACE lacuna:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Lacuna)
install(DIRECTORY models sim DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/lacuna FILES_MATCHING PATTERN "*.h")
install(DIRECTORY configs traces DESTINATION ${CMAKE_INSTALL_DATADIR}/lacuna)
install(DIRECTORY models/eie/rtl DESTINATION ${CMAKE_INSTALL_DATADIR}/lacuna/models/eie
        PATTERN "CMakeLists.txt" EXCLUDE)

configure_package_config_file(cmake/LacunaConfig.cmake.in ${CMAKE_BINARY_DIR}/LacunaConfig.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Lacuna)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/LacunaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/LacunaConfig.cmake ${CMAKE_BINARY_DIR}/LacunaConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Lacuna)
