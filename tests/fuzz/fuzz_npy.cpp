// NumPy `.npy` files, and what is made of them.

#include "models/common/error.h"
#include "sim/data/import/npy_arrays.h"
#include "sim/data/import/npy_file.h"
#include "tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace lacuna;
  const fuzz::InputFile file(bytes, size);
  fuzz::expect_error_or_none<InputDataError>([&file] { read_npy(file.path()); });
  fuzz::expect_error_or_none<InputDataError>([&file] { read_matrix_npy(file.path()); });
  fuzz::expect_error_or_none<InputDataError>([&file] { read_activations_npy(file.path(), 3); });
  fuzz::expect_error_or_none<InputDataError>([&file] { read_labels_npy(file.path(), 2); });
  return 0;
}
