#include "sim/cli/merge.h"

#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include <CLI/CLI.hpp>

#include "models/common/error.h"
#include "sim/cli/commands.h"
#include "sim/cli/data_folders.h"
#include "sim/cli/long_work.h"
#include "sim/cli/options.h"
#include "sim/cli/training_program.h"
#include "sim/families.h"
#include "sim/sweep/merge.h"
#include "sim/sweep/shard.h"

namespace lacuna::cli {
namespace {

bool has_shard_of_search(const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    const std::optional<ShardRecord> record = read_shard_record(folder);
    if (record && record->of == ShardRecord::Of::search) {
      return true;
    }
  }
  return false;
}

/// The options as words of a command line that give the same arguments.
std::vector<std::string> words_of(const MergeArguments& arguments) {
  if (!arguments.results.empty() || arguments.allow_failed) {
    throw ConfigurationError({{}, 0, arguments.allow_failed ? "--allow-failed" : "--results"},
                             "stands beside shards of a search", "only --sweep and --quiet");
  }
  std::vector<std::string> words = {merge_word, "--out", arguments.out};
  if (!arguments.file.empty()) {
    words.insert(words.end(), {"--sweep", arguments.file});
  }
  if (arguments.quiet) {
    words.emplace_back("--quiet");
  }
  words.emplace_back("--");
  words.insert(words.end(), arguments.folders.begin(), arguments.folders.end());
  return words;
}

void run(const MergeArguments& arguments) {
  if (has_shard_of_search(arguments.folders)) {
    start_training_program("merge", words_of(arguments));
  }
  MergeOptions options;
  options.folders = data_folders();
  options.sweep_file = arguments.file;
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

void add_merge_options(CLI::App& command, MergeArguments& arguments) {
  command.add_option("DIR", arguments.folders, "folders of the shards; they are only read")->required();
  command.add_option("--out", arguments.out, "folder for the whole; may hold what was joined before")
      ->type_name("DIR")
      ->required();
  command
      .add_option("--sweep", arguments.file,
                  "the sweep or search file, where it no longer lies where the shards had it")
      ->type_name("FILE");
  add_results_option(command, arguments.results);
  command.add_flag("--allow-failed", arguments.allow_failed,
                   "points that cannot be run are no reason for exit code 1");
  command.add_flag("--quiet", arguments.quiet, "print nothing but errors and what is missing");
  command.footer(
      "Exit code 1 if points are missing (they are listed; what is there is joined) or failed.\n"
      "Example:\n"
      "  lacuna sweep configs/sweeps/fifo-depth.yaml --shard 1/2 --out part1\n"
      "  lacuna sweep configs/sweeps/fifo-depth.yaml --shard 2/2 --out part2\n"
      "  lacuna merge part1 part2 --out fifo-depth");
}

void add_merge(CLI::App& app) {
  auto arguments = std::make_shared<MergeArguments>();
  CLI::App* const command = app.add_subcommand(
      "merge", "Join the shards of a sweep or search: the results of one run in one folder");
  add_merge_options(*command, *arguments);
  command->callback([arguments] { run(*arguments); });
}

}  // namespace lacuna::cli
