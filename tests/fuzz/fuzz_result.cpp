#include <nlohmann/json.hpp>

// Result JSON, as compare, regress and report read it.

#include "models/common/error.h"
#include "sim/page/pages.h"
#include "sim/regress/regression_report.h"
#include "sim/report/compare_results.h"
#include "sim/report/read_result.h"
#include "sim/report/result_csv.h"
#include "tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace lacuna;
  const fuzz::InputFile file(bytes, size);
  fuzz::expect_error_or_none<Error>([&file] {
    const auto result = read_result(file.path());
    const auto other = nlohmann::ordered_json::parse(
        R"({"schema": "lacuna.result/2", "layers": [{"name": "a", "cycles": 1}], "totals": {"cycles": 2}})");
    RegressionOutcome outcome;
    outcome.status = RegressionOutcome::Status::changed;
    outcome.comparison = compare_results(result, other, {});
    RegressionReport report;
    report.suite = "fuzz";
    report.outcomes = {outcome};
    regression_text(report);
    regression_json(report).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    compare_results(other, result, {{"cycles", 0.1}});
  });
  fuzz::expect_error_or_none<Error>([&file] {
    const auto result = read_report_source(file.path());
    page::result_page(result, "fuzz");
    page::sweep_page(result, "fuzz");
    page::training_page(result, "fuzz");
  });
  return 0;
}
