#include "sim/cli/sweep.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/cli/commands.h"
#include "sim/cli/data_folders.h"
#include "sim/cli/long_work.h"
#include "sim/cli/options.h"
#include "sim/families.h"
#include "sim/sweep/merge.h"
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

std::optional<std::uint64_t> environment_number(const char* name) {
  const char* const text = std::getenv(name);
  if (text == nullptr || *text == '\0') {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const char* const end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, value);
  if (read.ec != std::errc() || read.ptr != end) {
    throw ConfigurationError({{}, 0, name}, fmt::format("'{:.40}' is no number", text), "--shard i/n");
  }
  return value;
}

/// The task of a Slurm job array with gaps in its numbers does not say which part it is.
std::optional<Shard> slurm_shard() {
  const auto id = environment_number("SLURM_ARRAY_TASK_ID");
  const auto count = environment_number("SLURM_ARRAY_TASK_COUNT");
  if (!id || !count) {
    return std::nullopt;
  }
  const std::uint64_t first = environment_number("SLURM_ARRAY_TASK_MIN").value_or(1);
  const std::uint64_t step = environment_number("SLURM_ARRAY_TASK_STEP").value_or(1);
  if (step == 0 || *id < first || (*id - first) % step != 0 || (*id - first) / step >= *count) {
    throw ConfigurationError({{}, 0, "SLURM_ARRAY_TASK_ID"},
                             fmt::format("{} is no part of {} tasks from {} on", *id, *count, first),
                             "an array without gaps, or --shard i/n");
  }
  return parse_shard(fmt::format("{}/{}", (*id - first) / step + 1, *count));
}

/// What --shard says. Without it: the task of a Slurm job array. "/n" takes the index of an indexed
/// Kubernetes job, which says its index but not how many there are.
std::optional<Shard> shard_of(const SweepArguments& arguments) {
  std::optional<Shard> shard;
  std::string source;
  if (!arguments.shard.empty() && arguments.shard.front() != '/') {
    shard = parse_shard(arguments.shard);
  } else if (!arguments.shard.empty()) {
    const auto index = environment_number("JOB_COMPLETION_INDEX");
    if (!index) {
      throw ConfigurationError({{}, 0, "--shard"}, "'/n' without an index: JOB_COMPLETION_INDEX is not set",
                               "i/n, such as 3/8");
    }
    shard = parse_shard(fmt::format("{}{}", *index + 1, arguments.shard));
    source = "JOB_COMPLETION_INDEX";
  } else {
    shard = slurm_shard();
    source = "SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT";
  }
  if (shard && !source.empty()) {
    std::cerr << fmt::format("note: shard {} by {}\n", shard->text(), source) << std::flush;
  }
  return shard && !shard->is_whole() ? shard : std::nullopt;
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
  if (const std::optional<Shard> shard = shard_of(arguments)) {
    options.shard = make_shard_record(*shard, arguments.config, arguments.overrides);
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

namespace {

void add_results(CLI::App& command, std::string& results) {
  command
      .add_option("--results", results,
                  "results to write: any of csv, json, jsonl, sqlite, separated by commas; default csv,json")
      ->type_name("LIST");
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
  command
      ->add_option(
          "--shard", arguments->shard,
          "run part i of n alone, for lacuna merge; /n takes i from JOB_COMPLETION_INDEX; default in a "
          "Slurm job array: its task; 1/1: all")
      ->type_name("i/n");
  add_results(*command, arguments->results);
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

namespace {

struct MergeArguments {
  std::vector<std::string> folders;
  std::string out;
  std::string sweep;
  std::string results;
  bool allow_failed = false;
  bool quiet = false;
};

void run_merge(const MergeArguments& arguments) {
  MergeOptions options;
  options.folders = data_folders();
  options.sweep_file = arguments.sweep;
  options.results = parse_result_formats(arguments.results);
  options.pulse = check_for_interrupt;
  const MergeSummary summary = merge_sweeps(arguments.folders, arguments.out, families(), options);
  if (!arguments.quiet || summary.missing > 0) {
    (summary.missing > 0 ? std::cerr : std::cout) << merge_text(summary) << std::flush;
  }
  const FailedPoints failed = arguments.allow_failed ? FailedPoints::accept : FailedPoints::refuse;
  if (summary.missing > 0 || !summary.results.passed(failed)) {
    throw Failure{};
  }
}

}  // namespace

void add_merge(CLI::App& app) {
  auto arguments = std::make_shared<MergeArguments>();
  CLI::App* const command =
      app.add_subcommand("merge", "Join the shards of a sweep: the results of one sweep in one folder");
  command->add_option("DIR", arguments->folders, "folders of the shards; they are only read")->required();
  command->add_option("--out", arguments->out, "folder for the joined sweep; may hold what was joined before")
      ->type_name("DIR")
      ->required();
  command
      ->add_option("--sweep", arguments->sweep,
                   "the sweep file, where it no longer lies where the shards had it")
      ->type_name("SWEEP");
  add_results(*command, arguments->results);
  command->add_flag("--allow-failed", arguments->allow_failed,
                    "points that cannot be run are no reason for exit code 1");
  command->add_flag("--quiet", arguments->quiet, "print nothing but errors and what is missing");
  command->footer(
      "Exit code 1 if points are missing (they are listed; what is there is joined) or failed.\n"
      "Example:\n"
      "  lacuna sweep configs/sweeps/fifo-depth.yaml --shard 1/2 --out part1\n"
      "  lacuna sweep configs/sweeps/fifo-depth.yaml --shard 2/2 --out part2\n"
      "  lacuna merge part1 part2 --out fifo-depth");
  command->callback([arguments] { run_merge(*arguments); });
}

}  // namespace lacuna::cli
