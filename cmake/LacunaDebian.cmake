# `cpack` makes Debian packages: lacuna (program, configurations, traces, manual page, completion), lacuna-dev (headers, archives,
# CMake package) and, where it was built, lacuna-python3. Libraries that they depend on are read off the programs by dpkg-shlibdeps.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME lacuna)
set(CPACK_PACKAGE_VENDOR "Lacuna")
set(CPACK_PACKAGE_CONTACT "the Lacuna authors <lacuna@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "cycle-accurate simulator of hardware that runs compressed neural networks")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)

set(same_version "lacuna (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME lacuna)
# The RTL engine compiles machines when it runs.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "verilator, g++, make, bash-completion")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME lacuna-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
# What the CMake package looks for.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "${same_version}, pkg-config, libsystemc-dev, libboost-dev, libfmt-dev, libyaml-cpp-dev, libcli11-dev, nlohmann-json3-dev, libhdf5-dev, \
zlib1g-dev, libssl-dev, libzip-dev, libsqlite3-dev, libonnx-dev, libprotobuf-dev, protobuf-compiler")
get_property(with_pagmo GLOBAL PROPERTY LACUNA_PAGMO_FOUND)
if(with_pagmo)
  string(APPEND CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ", libpagmo-dev")
endif()
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "cmake, g++")

set(CPACK_DEBIAN_PYTHON_PACKAGE_NAME lacuna-python3)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SUGGESTS "python3-torch, python3-scipy")

set(components program data dev)
set(groups program development)
if(TARGET lacuna_python)
  # The extension is one version of Python's: 3.11 means 3.11~ to below 3.12.
  get_property(python GLOBAL PROPERTY LACUNA_PYTHON_VERSION)
  string(REGEX REPLACE "^3\\." "" minor "${python}")
  math(EXPR next "${minor} + 1")
  set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "${same_version}, python3 (>= ${python}~), python3 (<< 3.${next}~), python3-numpy, python3-pandas")
  list(APPEND components python)
  list(APPEND groups python)
endif()

# What Debian's policy wants beside: terms and changes of each package, compressed pages. For these packages alone.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS NOTICE CHANGELOG.md sim/page/web/vega.LICENCE.txt)
file(READ NOTICE notice)
file(READ sim/page/web/vega.LICENCE.txt vega_licence)
set(debian "${PROJECT_BINARY_DIR}/debian")
file(CONFIGURE OUTPUT "${debian}/copyright" CONTENT [[@notice@
The Apache License, Version 2.0, is in /usr/share/common-licenses/Apache-2.0 on Debian systems.

Terms of sim/page/web/vega.js, which the program holds
------------------------------------------------------
@vega_licence@]] @ONLY)
file(TIMESTAMP CHANGELOG.md changed "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(CONFIGURE OUTPUT "${debian}/changelog" CONTENT [[lacuna (@PROJECT_VERSION@) bookworm; urgency=medium

  * What changed stands in NEWS.gz.

 -- @CPACK_PACKAGE_CONTACT@  @changed@
]] @ONLY)
file(COPY_FILE CHANGELOG.md "${debian}/NEWS" ONLY_IF_DIFFERENT)
foreach(group IN LISTS groups)
  string(TOUPPER ${group} upper)
  set(name "${CPACK_DEBIAN_${upper}_PACKAGE_NAME}")
  install(FILES "${debian}/copyright" DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT debian_${group} EXCLUDE_FROM_ALL)
  install(FILES "${debian}/changelog" "${debian}/NEWS" DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT debian_${group} EXCLUDE_FROM_ALL)
  install(CODE "set(package \"${name}\")" COMPONENT debian_${group} EXCLUDE_FROM_ALL)
  install(SCRIPT "${CMAKE_CURRENT_LIST_DIR}/compress_pages.cmake" COMPONENT debian_${group} EXCLUDE_FROM_ALL)
  list(APPEND components debian_${group})
endforeach()
set(CPACK_COMPONENTS_ALL ${components})
# A build of the program alone gives the packages without Python's.
file(WRITE "${debian}/parts.cmake" "file(GLOB module \"${PROJECT_BINARY_DIR}/python/lacuna/_core*.so\")
if(NOT module)
  list(REMOVE_ITEM CPACK_COMPONENTS_ALL python debian_python)
endif()
")
set(CPACK_PROJECT_CONFIG_FILE "${debian}/parts.cmake")

set(holds_program "Machines and workloads are YAML files; results say cycles, energy and load
balance, layer by layer. This package holds the program, its configurations
and traces, the manual page and bash's completion.")
set(holds_development "This package holds the libraries as archives, their headers, and a CMake
package.")
set(holds_python "This package holds the module lacuna for Python: runs, sweeps and compression
with NumPy's arrays and pandas' tables.")
foreach(group IN LISTS groups)
  string(TOUPPER ${group} upper)
  set(CPACK_DEBIAN_${upper}_DESCRIPTION "${holds_${group}}")
endforeach()
include(CPack)
foreach(group IN LISTS groups)
  cpack_add_component_group(${group})
  cpack_add_component(debian_${group} GROUP ${group})
endforeach()
cpack_add_component(program GROUP program)
cpack_add_component(data GROUP program)
cpack_add_component(dev GROUP development)
cpack_add_component(python GROUP python)
