#include "sim/regress/regress.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/notice.h"
#include "sim/cli/commands.h"
#include "sim/cli/data_folders.h"
#include "sim/cli/long_work.h"
#include "sim/cli/outputs.h"
#include "sim/families.h"
#include "sim/regress/regression_report.h"
#include "sim/regress/suite.h"
#include "sim/report/compare_results.h"
#include "sim/report/read_result.h"
#include "sim/report/text_formats.h"

namespace lacuna::cli {
namespace {

/// Files that `regress` and `compare` write.
struct RegressionOutput {
  std::string json;
  std::string junit;
  bool force = false;
};

/// --json, --junit and --force.
void add_output_options(CLI::App& command, RegressionOutput& output) {
  command.add_option("--json", output.json, "write every value that moved as JSON to FILE")
      ->type_name("FILE");
  command.add_option("--junit", output.junit, "write JUnit XML, for CI services, to FILE")->type_name("FILE");
  command.add_flag("--force", output.force, "replace output files that exist");
}

/// Whether an output takes standard output. Throws ConfigurationError when one cannot be written.
bool check_report_outputs(const RegressionOutput& output) {
  return check_outputs({{"--json", output.json}, {"--junit", output.junit}}, if_exists(output.force));
}

void write_report(const RegressionOutput& output, const RegressionReport& report) {
  write_outputs({{output.json, pretty_json(regression_json(report))}, {output.junit, junit_xml(report)}});
}

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
  return {"compare", {std::move(outcome)}, {}, {}};
}

void compare(const CompareArguments& arguments) {
  const bool output_taken = check_report_outputs(arguments.output);
  std::vector<Tolerance> asked;
  for (const std::string& text : arguments.tolerances) {
    asked.push_back(parse_tolerance(text, {"--tolerance", 0, {}}));
  }
  std::vector<std::string> notes;
  const std::vector<Tolerance> tolerances = last_of_each(asked, notes);
  RegressionReport report = report_of(
      arguments.now, compare_results(read_result(arguments.base), read_result(arguments.now), tolerances));
  report.notes = std::move(notes);
  write_report(arguments.output, report);
  const Comparison& comparison = report.outcomes.front().comparison;
  if (!output_taken) {
    std::cout << changes_text(report, max_shown) << notes_text(report, max_shown)
              << fmt::format("{} values compared, {} differ beyond tolerance\n", comparison.compared,
                             comparison.differences.size())
              << std::flush;
  }
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

namespace {

struct RegressArguments {
  std::string suite;
  std::vector<std::string> only;
  std::vector<std::string> engines;
  unsigned jobs = 0;
  bool update = false;
  bool quiet = false;
  RegressionOutput output;
};

RegressionReport run_with_progress(const RegressArguments& arguments, const RegressionSuite& suite) {
  if (arguments.quiet) {
    listen(nullptr);
  }
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  RegressionOptions options;
  options.folders = data_folders();
  options.families = families();
  options.jobs = arguments.jobs != 0 ? arguments.jobs : std::max(1U, std::thread::hardware_concurrency());
  options.update = arguments.update;
  options.partial = !arguments.only.empty() || !arguments.engines.empty();
  options.progress = [&line](std::size_t done, std::size_t total) {
    check_for_interrupt();
    line.show_text(fmt::format("runs {} of {}", done, total));
  };
  try {
    return run_suite(suite, options);
  } catch (const Interrupted&) {
    line.clear();
    std::cerr << "nothing was written; the same command runs the suite anew\n" << std::flush;
    throw;
  }
}

void regress(const RegressArguments& arguments) {
  const bool output_taken = check_report_outputs(arguments.output);
  say_when_ended("nothing was written; the same command runs the suite anew");
  RegressionSuite suite = load_suite(arguments.suite, families());
  select_runs(suite, arguments.only, arguments.engines);
  const RegressionReport report = run_with_progress(arguments, suite);
  write_report(arguments.output, report);
  if (!output_taken && (!arguments.quiet || !report.passed())) {
    std::cout << regression_text(report) << std::flush;
  }
  if (!report.passed()) {
    throw Failure{};
  }
}

CLI::Option* repeatable(CLI::Option* option) {
  return option->type_name("NAME")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

}  // namespace

void add_regress(CLI::App& app) {
  auto arguments = std::make_shared<RegressArguments>();
  CLI::App* const command = app.add_subcommand(
      "regress", "Run a suite and compare with its golden results; exit code 1 when something moved");
  command->add_option("SUITE", arguments->suite, "regression suite (YAML)")->required();
  repeatable(command->add_option("--only", arguments->only, "run only this run of the suite; repeatable"));
  repeatable(command->add_option("--engine", arguments->engines, "run only on this engine; repeatable"));
  constexpr unsigned max_jobs = 1024;
  command->add_option("-j,--jobs", arguments->jobs, "runs at a time; default: one per core")
      ->type_name("N")
      ->check(CLI::Range(1U, max_jobs));
  command->add_flag("--update", arguments->update,
                    "write the golden results anew and show what moved, tolerated or not");
  add_output_options(*command, arguments->output);
  command->add_flag("--quiet", arguments->quiet, "print nothing when all is as expected");
  command->footer(
      "Example:\n"
      "  lacuna regress configs/regression/suite.yaml --junit regression.xml");
  command->callback([arguments] { regress(*arguments); });
}

}  // namespace lacuna::cli
