// The CSV files that energy tables refer to: memory macros and operations.

#include <limits>

#include "models/common/error.h"
#include "sim/energy/cost_tables.h"
#include "tests/fuzz/input_file.h"

namespace {

using namespace lacuna;

constexpr double sizes[] = {0.0, 1.0, 100.0, 1024.0, 1e30, std::numeric_limits<double>::infinity()};

void read_sram(const std::string& path) {
  const SramTable table(path, "a", {});
  for (const double capacity : sizes) {
    for (const double width : sizes) {
      fuzz::expect_error_or_none<ConfigurationError>([&] { table.figures(capacity, width, {}); });
    }
  }
}

void read_operations(const std::string& path) {
  const OperationTable table(path, "a", 1.0, 1024.0, {});
  for (const double bits : sizes) {
    fuzz::expect_error_or_none<ConfigurationError>([&] { table.energy_pj(bits, {}); });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const fuzz::InputFile file(bytes, size);
  fuzz::expect_error_or_none<Error>([&] { read_sram(file.path()); });
  fuzz::expect_error_or_none<Error>([&] { read_operations(file.path()); });
  return 0;
}
