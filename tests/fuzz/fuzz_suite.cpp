// Regression suites.

#include "models/common/error.h"
#include "sim/families.h"
#include "sim/regress/suite.h"
#include "tests/fuzz/input_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace lacuna;
  const std::string path = fuzz::input_folder().write(bytes, size);
  fuzz::expect_error_or_none<Error>([&] {
    RegressionSuite suite = load_suite(path, families());
    select_runs(suite, {}, {"timeline"});
    select_runs(suite, {"a"}, {});
  });
  return 0;
}
