# `cpack` makes Debian packages: lacuna (program, configurations, traces, manual page, completion), lacuna-dev (headers, archives,
# CMake package) and, where it was built, lacuna-python3. What they depend on is read off the programs by dpkg-shlibdeps.
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

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME lacuna)
# The RTL engine compiles machines when it runs.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "verilator, g++, make, bash-completion")
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "The program, its configurations, traces and manual page")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME lacuna-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "lacuna, libsystemc-dev, libboost-dev, libfmt-dev, libyaml-cpp-dev, libcli11-dev, nlohmann-json3-dev, libhdf5-dev, libssl-dev, libzip-dev, libsqlite3-dev, libonnx-dev, libprotobuf-dev")

set(CPACK_DEBIAN_PYTHON_PACKAGE_NAME lacuna-python3)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "lacuna, python3, python3-numpy, python3-pandas")
set(CPACK_DEBIAN_PYTHON_PACKAGE_SUGGESTS "python3-torch, python3-scipy")

set(CPACK_COMPONENTS_ALL program data dev)
if(TARGET lacuna_python)
  list(APPEND CPACK_COMPONENTS_ALL python)
endif()
include(CPack)
cpack_add_component_group(program DESCRIPTION "Cycle-accurate simulator of hardware that runs compressed neural networks")
cpack_add_component_group(development DESCRIPTION "Lacuna's libraries, their headers and CMake package")
cpack_add_component_group(python DESCRIPTION "The Python package of Lacuna")
cpack_add_component(program GROUP program)
cpack_add_component(data GROUP program)
cpack_add_component(dev GROUP development)
cpack_add_component(python GROUP python)
