// ONNX models.

#include "models/common/error.h"
#include "sim/network/onnx/onnx_network.h"
#include "tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const lacuna::fuzz::InputFile file(bytes, size);
  lacuna::fuzz::expect_error_or_none<lacuna::Error>([&file] { lacuna::read_onnx(file.path()); });
  return 0;
}
