#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/cli/commands.h"
#include "sim/cli/data_folders.h"
#include "sim/cli/long_work.h"
#include "sim/families.h"
#include "sim/sweep/run_sweep.h"

namespace lacuna::cli {
namespace {

struct SweepArguments {
  std::string config;
  std::string folder;
  unsigned jobs = 0;
  std::uint64_t checks = 0;
  SweepOverrides overrides;
  bool quiet = false;
};

/// "points 120 of 729, 350/s, 2 s left".
std::string progress_text(const SweepProgress& progress) {
  std::string text = fmt::format("{} {} of {}", progress.doing, progress.done, progress.total);
  const std::uint64_t run = progress.done - progress.kept;
  if (run > 0 && progress.seconds > 0.0) {
    const double rate = static_cast<double>(run) / progress.seconds;
    text += fmt::format(", {:.3g}/s, {:.0f} s left", rate,
                        static_cast<double>(progress.total - progress.done) / rate);
  }
  return text;
}

SweepSummary sweep_with_progress(const SweepArguments& arguments, const Sweep& sweep) {
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  SweepProgress last;
  SweepOptions options;
  options.folders = data_folders();
  options.jobs = arguments.jobs != 0 ? arguments.jobs : std::max(1U, std::thread::hardware_concurrency());
  options.checks = arguments.checks;
  options.progress = [&](const SweepProgress& progress) {
    last = progress;
    check_for_interrupt();
    line.show_text(progress_text(progress));
  };
  try {
    return run_sweep(sweep, arguments.folder, options);
  } catch (const Interrupted&) {
    line.clear();
    std::cerr << fmt::format("{} of {} {} are done; the same command goes on from there\n", last.done,
                             last.total, last.doing)
              << std::flush;
    throw;
  }
}

void run(SweepArguments& arguments) {
  if (arguments.overrides.energy) {
    arguments.overrides.energy = energy_table_path(*arguments.overrides.energy);
  }
  say_when_ended("what is done is kept; the same command goes on from there");
  const Sweep sweep = load_sweep(arguments.config, families(), arguments.overrides);
  const SweepSummary summary = sweep_with_progress(arguments, sweep);
  if (!arguments.quiet) {
    std::cout << summary_text(sweep, summary) << std::flush;
  }
  if (!summary.passed()) {
    throw Failure{};
  }
}

}  // namespace

void add_sweep(CLI::App& app) {
  auto arguments = std::make_shared<SweepArguments>();
  CLI::App* const command =
      app.add_subcommand("sweep", "Run many machines and workloads: design-space exploration");
  command->add_option("SWEEP", arguments->config, "sweep file (YAML)")->required();
  command
      ->add_option("--out", arguments->folder,
                   "folder for the results; if the same sweep was begun there, only the rest is run")
      ->type_name("DIR")
      ->required();
  constexpr unsigned max_jobs = 1024;
  command->add_option("-j,--jobs", arguments->jobs, "points at a time; default: one per core")
      ->type_name("N")
      ->check(CLI::Range(1U, max_jobs));
  command
      ->add_option("--engine", arguments->overrides.engine,
                   "timeline (default), or another engine of the family")
      ->type_name("NAME");
  command
      ->add_option("--energy", arguments->overrides.energy,
                   "energy table: a shipped one's name, such as bottom-up-45nm, or a file")
      ->type_name("TABLE");
  command
      ->add_option(
          "--check", arguments->checks,
          "run N random points again on the reference engine and demand equal cycles, classes and events")
      ->type_name("N");
  command
      ->add_option("--set", arguments->overrides.assignments, "change a value of the sweep file; repeatable")
      ->type_name("path.to.key=value")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  command->add_flag("--quiet", arguments->quiet, "print nothing but errors");
  command->footer(
      "Exit code 1 if a point failed (a layer that does not fit a machine, say; the other points are run) or "
      "a\n"
      "check did; 130 if interrupted: what is done is kept, and the same command goes on from there.\n"
      "Example:\n"
      "  lacuna sweep configs/sweeps/fifo-depth.yaml --out fifo-depth -j 4 --check 5\n"
      "  lacuna sweep configs/sweeps/pe-count-front.yaml --out front");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace lacuna::cli
