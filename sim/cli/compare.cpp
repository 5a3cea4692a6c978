#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/cli/commands.h"
#include "sim/cli/regression_output.h"
#include "sim/regress/regression_report.h"
#include "sim/report/compare_results.h"
#include "sim/report/read_result.h"

namespace lacuna::cli {
namespace {

constexpr std::size_t max_shown = 50;

struct CompareArguments {
  std::string base;
  std::string now;
  std::vector<std::string> tolerances;
  RegressionOutput output;
};

RegressionReport report_of(const std::string& path, Comparison comparison) {
  using Status = RegressionOutcome::Status;
  RegressionOutcome outcome;
  outcome.run = std::filesystem::path(path).filename().string();
  outcome.status = comparison.differences.empty() ? Status::passed : Status::changed;
  outcome.comparison = std::move(comparison);
  return {"compare", {std::move(outcome)}, {}};
}

void compare(const CompareArguments& arguments) {
  check_outputs(arguments.output);
  std::vector<Tolerance> tolerances;
  for (const std::string& text : arguments.tolerances) {
    tolerances.push_back(parse_tolerance(text));
  }
  const RegressionReport report = report_of(
      arguments.now, compare_results(read_result(arguments.base), read_result(arguments.now), tolerances));
  write_outputs(arguments.output, report);
  const Comparison& comparison = report.outcomes.front().comparison;
  std::cout << changes_text(report, max_shown) << notes_text(report, max_shown)
            << fmt::format("{} values compared, {} differ beyond tolerance\n", comparison.compared,
                           comparison.differences.size())
            << std::flush;
  if (!report.passed()) {
    throw Failure{};
  }
}

}  // namespace

void add_compare(CLI::App& app) {
  auto arguments = std::make_shared<CompareArguments>();
  CLI::App* const command = app.add_subcommand(
      "compare", "Compare the layers and totals of two results; exit code 1 when they differ");
  command->add_option("BASE", arguments->base, "result JSON that is expected")->required();
  command->add_option("NEW", arguments->now, "result JSON to check")->required();
  command
      ->add_option(
          "--tolerance", arguments->tolerances,
          "how far a metric, or all below it, may differ from the base; repeatable; default: not at all")
      ->type_name("metric=1%")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  add_output_options(*command, arguments->output);
  command->footer(
      "Prints what moved, worst first. Differences in version, engine, configuration and inputs are printed\n"
      "as notes and do not count.\n"
      "Example:\n"
      "  lacuna compare base.json new.json --tolerance cycles=1% --tolerance energy_pj=2%");
  command->callback([arguments] { compare(*arguments); });
}

}  // namespace lacuna::cli
