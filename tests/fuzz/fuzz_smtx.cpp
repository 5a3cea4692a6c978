// `.smtx` files of the Deep Learning Matrix Collection.

#include "models/common/error.h"
#include "sim/data/import/matrix_market.h"
#include "tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const lacuna::fuzz::InputFile file(bytes, size);
  lacuna::fuzz::expect_error_or_none<lacuna::InputDataError>([&file] { lacuna::read_smtx(file.path()); });
  return 0;
}
