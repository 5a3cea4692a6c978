// The sweep store: the SQLite file, and the counts in it.

#include <string>

#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/eie/sweep/eie_metrics.h"
#include "sim/sweep/sweep_folder.h"
#include "sim/tomato/tomato_counts.h"
#include "sim/tomato/tomato_metric.h"
#include "tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace lacuna;
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  fuzz::expect_error_or_none<InputDataError>([&text] { decode_counts(text, "fuzz"); });
  fuzz::expect_error_or_none<InputDataError>([&text] {
    const auto counts = tomato::decode_tomato_counts(text, "fuzz");
    tomato::tomato_figures(counts, {}, nullptr);
  });
  const fuzz::InputFile file(bytes, size);
  // The hash of the sweep in the seeds (tests/fuzz/README.md).
  fuzz::expect_error_or_none<Error>([&file] {
    const SweepStore store(file.path(), std::string(64, 'a'));
    store.for_each([&store](const std::string& hash, const PointOutcome&) {
      store.has(hash);
      store.get(hash);
    });
  });
  return 0;
}
