// Accelergy's energy reference tables, and the maps that make technology tables of them.

#include "models/common/error.h"
#include "sim/eie/energy/ert_import.h"
#include "tests/fuzz/input_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace lacuna;
  const fuzz::InputFolder& folder = fuzz::input_folder();
  const std::string path = folder.write(bytes, size);
  fuzz::expect_error_or_none<Error>([&] { import_accelergy_ert(path, folder.path_of("map.yaml")); });
  fuzz::expect_error_or_none<Error>([&] { import_accelergy_ert(folder.path_of("ert.yaml"), path); });
  return 0;
}
