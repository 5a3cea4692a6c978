// HDF5 traces, byte by byte.

#include "models/common/error.h"
#include "sim/data/trace/trace_file.h"
#include "tests/fuzz/input_file.h"
#include "tests/hdf5_leaks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const lacuna::fuzz::InputFile file(bytes, size);
  lacuna::fuzz::expect_error_or_none<lacuna::InputDataError>([&file] { lacuna::read_trace(file.path()); });
  return 0;
}
