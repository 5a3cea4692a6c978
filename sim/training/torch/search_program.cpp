#include "sim/training/torch/search_program.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/long_work.h"
#include "sim/cli/merge.h"
#include "sim/cli/options.h"
#include "sim/cli/search_options.h"
#include "sim/cli/shard_option.h"
#include "sim/families.h"
#include "sim/family/configuration.h"
#include "sim/search/run/run_search.h"
#include "sim/search/run/search_file.h"
#include "sim/search/run/search_results.h"
#include "sim/search/run/skeletons.h"
#include "sim/sweep/shard.h"
#include "sim/training/torch/torch_network.h"
#include "sim/training/torch/torch_process.h"
#include "sim/yaml/overrides.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna::cli {
namespace {

Search load(const std::string& file, const std::vector<std::string>& assignments) {
  YamlNode document = load_yaml(file);
  apply_overrides(document, assignments);
  return load_search(document, families());
}

SearchOptions options_of(const SearchArguments& arguments, ProgressLine& line) {
  SearchOptions options;
  options.jobs = arguments.jobs > 0 ? arguments.jobs : std::max(1U, std::thread::hardware_concurrency());
  options.reuse = arguments.reuse;
  options.libraries = torch_description(1);
  options.make_network = [](const Network& network) -> std::unique_ptr<ScoredNetwork> {
    return std::make_unique<TorchNetwork>(network, 1);
  };
  options.stop = was_interrupted;
  options.progress = [&line](const SearchProgress& progress) {
    line.show_text(fmt::format("{} {} of {}", progress.doing, progress.done, progress.total));
    if (was_interrupted()) {
      line.clear();
      std::cerr << "what is done is kept; the same command goes on from there\n" << std::flush;
    }
    check_for_interrupt();
  };
  return options;
}

/// Of a file with skeletons, which has no shards.
std::optional<std::string> skeletons_text(const SearchArguments& arguments, bool has_shard) {
  YamlNode document = load_yaml(arguments.search);
  apply_overrides(document, arguments.assignments);
  if (!is_skeletons(document)) {
    return std::nullopt;
  }
  if (has_shard || !arguments.reuse.empty()) {
    throw ConfigurationError({{}, 0, has_shard ? "--shard" : "--reuse"}, "stands beside skeletons",
                             "a search, or skeletons as a whole");
  }
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  const SearchOptions options = options_of(arguments, line);
  say_when_ended("what is done is kept; the same command goes on from there");
  const std::string text = run_skeletons(document, families(), arguments.folder, options);
  line.clear();
  return text;
}

void run(const SearchArguments& arguments) {
  const std::optional<Shard> shard = shard_of(arguments.shard);
  if (const std::optional<std::string> text = skeletons_text(arguments, shard.has_value())) {
    if (!arguments.quiet) {
      std::cout << *text << std::flush;
    }
    return;
  }
  const Search search = load(arguments.search, arguments.assignments);
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  const SearchOptions options = options_of(arguments, line);
  say_when_ended("what is done is kept; the same command goes on from there");
  std::string text;
  if (shard) {
    ShardRecord record =
        make_shard_record(*shard, ShardRecord::Of::search, arguments.search, {arguments.assignments, {}, {}});
    record.libraries = options.libraries;
    text = shard_text(run_search_shard(search, arguments.folder, options, record));
  } else {
    text = outcome_text(search, run_search(search, arguments.folder, options));
  }
  line.clear();
  if (!arguments.quiet) {
    std::cout << text << std::flush;
  }
}

/// Points are found by the libraries that the shards had, which need not be this machine's.
void merge(const MergeArguments& arguments) {
  const CommonRecord common = common_record(arguments.folders, arguments.file);
  const Search search = load(common.record.file, common.record.overrides.assignments);
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  SearchOptions options = options_of({}, line);
  options.libraries = common.record.libraries;
  const SearchMergeSummary summary =
      merge_searches(search, arguments.folders, arguments.out, options, common);
  line.clear();
  if (summary.rest.count() > 0) {
    std::cerr << rest_text(summary, arguments.out) << std::flush;
    throw Failure{};
  }
  if (!arguments.quiet) {
    std::cout << outcome_text(search, summary.outcome) << std::flush;
  }
}

}  // namespace

int run_search_program(int argc, char** argv) {
  CLI::App app("Searches for networks that lacuna simulates", "lacuna search");
  SearchArguments arguments;
  add_search_options(app, arguments);
  return parse_and_work(app, argc, argv, "lacuna search", [&arguments] { run(arguments); });
}

int run_merge_program(int argc, char** argv) {
  CLI::App app("Joins the shards of a search", "lacuna merge");
  MergeArguments arguments;
  add_merge_options(app, arguments);
  return parse_and_work(app, argc, argv, "lacuna merge", [&arguments] { merge(arguments); });
}

}  // namespace lacuna::cli
