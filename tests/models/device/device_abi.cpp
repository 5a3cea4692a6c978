// Prints the interface between drivers and devices: `device_abi header > models/device/lacuna_device.h`, and
// `device_abi tables` for docs/reference/device.md. A test holds both files against this.

#include <iostream>
#include <string>

#include "tests/models/device/families_abi.h"

int main(int argc, char** argv) {
  const std::string what = argc == 2 ? argv[1] : "";
  if (what == "header") {
    std::cout << lacuna::device::c_header(lacuna::test::families_abi());
  } else if (what == "tables") {
    std::cout << lacuna::device::markdown_tables(lacuna::test::families_abi());
  } else {
    std::cerr << "error: usage: device_abi header|tables\n";
    return 2;
  }
  return 0;
}
