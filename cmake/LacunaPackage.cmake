# What users of the project link: lacuna::models (the machines and their engines), lacuna::sim (configuration, traces,
# runs, reports), and one library per folder. `find_package(Lacuna)` gives the same from an installed package; the
# program lacuna and the files that it reads at run time are installed beside them.

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

# Folders that the program reads at run time, in ../share/lacuna beside its own folder; in a build they are links.
set(data_folders configs traces models/eie/rtl models/tomato/rtl)
foreach(folder IN LISTS data_folders)
  cmake_path(GET folder PARENT_PATH parent)
  file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/share/lacuna/${parent}")
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${folder}" "${PROJECT_BINARY_DIR}/share/lacuna/${folder}" SYMBOLIC)
endforeach()

if(NOT LACUNA_INSTALL)
  return()
endif()

include(CMakePackageConfigHelpers)

# What is installed beside the program is built with it.
add_dependencies(lacuna ${libraries})
install(TARGETS lacuna RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
# A build of the target lacuna alone has no manual, and is installed without.
install(FILES "${PROJECT_BINARY_DIR}/manual/lacuna.1" DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program OPTIONAL)
install(FILES "${PROJECT_BINARY_DIR}/manual/lacuna.bash" DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME lacuna
        COMPONENT program OPTIONAL)
install(TARGETS ${libraries} lacuna_models lacuna_sim EXPORT LacunaTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/lacuna COMPONENT dev)
install(EXPORT LacunaTargets NAMESPACE lacuna:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Lacuna COMPONENT dev)
install(DIRECTORY models sim DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/lacuna COMPONENT dev FILES_MATCHING PATTERN "*.h")
foreach(folder IN LISTS data_folders)
  cmake_path(GET folder PARENT_PATH parent)
  install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_DATADIR}/lacuna/${parent} COMPONENT data PATTERN "CMakeLists.txt" EXCLUDE)
endforeach()

install(FILES LICENSE NOTICE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/lacuna COMPONENT data)

configure_package_config_file(cmake/LacunaConfig.cmake.in ${PROJECT_BINARY_DIR}/LacunaConfig.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Lacuna)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/LacunaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/LacunaConfig.cmake ${PROJECT_BINARY_DIR}/LacunaConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Lacuna COMPONENT dev)

if(PROJECT_IS_TOP_LEVEL)
  include(LacunaDebian)
endif()
