// Sweep files, with the files that they start from.

#include "models/common/error.h"
#include "sim/families.h"
#include "sim/sweep/sweep.h"
#include "tests/fuzz/input_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace lacuna;
  const std::string path = fuzz::input_folder().write(bytes, size);
  fuzz::expect_error_or_none<Error>([&] { load_sweep(path, families()); });
  return 0;
}
