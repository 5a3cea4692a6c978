#include "sim/cli/sweep.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/cli/commands.h"
#include "sim/cli/data_folders.h"
#include "sim/cli/long_work.h"
#include "sim/cli/options.h"
#include "sim/cli/shard_option.h"
#include "sim/families.h"
#include "sim/sweep/run_sweep.h"
#include "sim/sweep/shard.h"

namespace lacuna::cli {
namespace {

struct SweepArguments {
  std::string config;
  std::string folder;
  unsigned jobs = 0;
  std::uint64_t checks = 0;
  SweepOverrides overrides;
  std::string shard;
  std::string results;
  std::string reuse;
  bool allow_failed = false;
  bool quiet = false;

  FailedPoints failed_points() const { return allow_failed ? FailedPoints::accept : FailedPoints::refuse; }
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

SweepRequest request_of(const SweepArguments& arguments, unsigned jobs) {
  const auto absolute = [](const std::string& path) { return std::filesystem::absolute(path).string(); };
  SweepRequest request{absolute(arguments.config), arguments.overrides, jobs};
  if (request.overrides.energy) {
    request.overrides.energy = absolute(*request.overrides.energy);
  }
  return request;
}

SweepSummary sweep_with_progress(const SweepArguments& arguments, const Sweep& sweep,
                                 const CrewMaker& maker) {
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  SweepProgress last;
  SweepOptions options;
  options.folders = data_folders();
  const unsigned default_jobs = maker ? 1U : std::max(1U, std::thread::hardware_concurrency());
  options.jobs = arguments.jobs != 0 ? arguments.jobs : default_jobs;
  options.crew = maker ? maker(request_of(arguments, options.jobs)) : PointCrew();
  options.checks = arguments.checks;
  options.results = parse_result_formats(arguments.results);
  options.reuse = arguments.reuse;
  if (const std::optional<Shard> shard = shard_of(arguments.shard)) {
    options.shard = make_shard_record(*shard, ShardRecord::Of::sweep, arguments.config, arguments.overrides);
  }
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

void run(SweepArguments& arguments, const CrewMaker& maker) {
  if (arguments.overrides.energy) {
    arguments.overrides.energy = energy_table_path(*arguments.overrides.energy);
  }
  say_when_ended("what is done is kept; the same command goes on from there");
  const Sweep sweep = load_sweep(arguments.config, families(), arguments.overrides);
  const SweepSummary summary = sweep_with_progress(arguments, sweep, maker);
  if (!arguments.quiet) {
    std::cout << summary_text(sweep, summary) << std::flush;
  }
  if (!summary.passed(arguments.failed_points())) {
    throw Failure{};
  }
}

}  // namespace

void add_sweep(CLI::App& app) {
  add_sweep(app, {});
}

void add_sweep(CLI::App& app, const CrewMaker& maker) {
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
  command
      ->add_option(
          "-j,--jobs", arguments->jobs,
          maker ? "points at a time in each rank; default: one" : "points at a time; default: one per core")
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
  add_set_option(*command, arguments->overrides.assignments, "the sweep file");
  add_shard_option(*command, arguments->shard);
  add_results_option(*command, arguments->results);
  command
      ->add_option(
          "--reuse", arguments->reuse,
          "folder of another sweep, made by the same program: points that both have are not run again")
      ->type_name("DIR");
  command->add_flag("--allow-failed", arguments->allow_failed,
                    "points that cannot be run are no reason for exit code 1");
  command->add_flag("--quiet", arguments->quiet, "print nothing but errors");
  command->footer(
      "Exit code 1 if a point failed (a layer that does not fit a machine, say; the other points are run) or "
      "a\n"
      "check did; 130 if interrupted: what is done is kept, and the same command goes on from there.\n"
      "Example:\n"
      "  lacuna sweep configs/sweeps/fifo-depth.yaml --out fifo-depth -j 4 --check 5\n"
      "  lacuna sweep configs/sweeps/pe-count-front.yaml --out front");
  command->callback([arguments, maker] { run(*arguments, maker); });
}

}  // namespace lacuna::cli
