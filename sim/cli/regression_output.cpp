#include "sim/cli/regression_output.h"

#include <nlohmann/json.hpp>

#include "sim/cli/interrupt.h"
#include "sim/files/output_file.h"
#include "sim/regress/regression_report.h"
#include "sim/report/text_formats.h"

namespace lacuna::cli {

void add_output_options(CLI::App& command, RegressionOutput& output) {
  command.add_option("--json", output.json, "write every value that moved as JSON to FILE")
      ->type_name("FILE");
  command.add_option("--junit", output.junit, "write JUnit XML, for CI services, to FILE")->type_name("FILE");
  command.add_flag("--force", output.force, "replace output files that exist");
}

void check_outputs(const RegressionOutput& output) {
  check_output("--json", output.json, if_exists(output.force));
  check_output("--junit", output.junit, if_exists(output.force));
}

void write_outputs(const RegressionOutput& output, const RegressionReport& report) {
  const InterruptBlock block;
  if (!output.json.empty()) {
    write_output(output.json, pretty_json(regression_json(report)));
  }
  if (!output.junit.empty()) {
    write_output(output.junit, junit_xml(report));
  }
}

}  // namespace lacuna::cli
