// Tensors of safetensors files.

#include "models/common/error.h"
#include "sim/data/import/safetensors.h"
#include "tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const lacuna::fuzz::InputFile file(bytes, size);
  for (const char* name : {"", "w", "s.weight"}) {
    lacuna::fuzz::expect_error_or_none<lacuna::InputDataError>(
        [&] { lacuna::read_safetensor(file.path(), name); });
  }
  return 0;
}
