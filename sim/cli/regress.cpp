#include "sim/regress/regress.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "sim/cli/commands.h"
#include "sim/cli/data_folders.h"
#include "sim/cli/interrupt.h"
#include "sim/cli/progress_line.h"
#include "sim/cli/regression_output.h"
#include "sim/families.h"
#include "sim/regress/regression_report.h"
#include "sim/regress/suite.h"

namespace lacuna::cli {
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
  check_outputs(arguments.output);
  say_when_ended("nothing was written; the same command runs the suite anew");
  RegressionSuite suite = load_suite(arguments.suite, families());
  select_runs(suite, arguments.only, arguments.engines);
  const RegressionReport report = run_with_progress(arguments, suite);
  write_outputs(arguments.output, report);
  if (!arguments.quiet || !report.passed()) {
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
