// IDX files (MNIST), plain or gzip.

#include "models/common/error.h"
#include "sim/network/input_images.h"
#include "tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const lacuna::fuzz::InputFile file(bytes, size);
  lacuna::fuzz::expect_error_or_none<lacuna::InputDataError>([&file] { lacuna::read_idx(file.path()); });
  return 0;
}
