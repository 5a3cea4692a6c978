#include "sim/training/torch/search_program.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/cli/long_work.h"
#include "sim/cli/options.h"
#include "sim/cli/search_options.h"
#include "sim/families.h"
#include "sim/family/configuration.h"
#include "sim/search/run/run_search.h"
#include "sim/search/run/search_file.h"
#include "sim/search/run/search_results.h"
#include "sim/search/run/skeletons.h"
#include "sim/training/torch/torch_network.h"
#include "sim/yaml/overrides.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna::cli {
namespace {

void run(const SearchArguments& arguments) {
  YamlNode document = load_yaml(arguments.search);
  apply_overrides(document, arguments.assignments);
  const bool skeletons = is_skeletons(document);
  std::unique_ptr<Search> search;
  if (!skeletons) {
    search = std::make_unique<Search>(load_search(document, families()));
  }
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  SearchOptions options;
  options.jobs = arguments.jobs > 0 ? arguments.jobs : std::max(1U, std::thread::hardware_concurrency());
  options.reuse = arguments.reuse;
  options.libraries = torch_description(1);
  options.make_network = [](const Network& network) -> std::unique_ptr<ScoredNetwork> {
    return std::make_unique<TorchNetwork>(network, 1);
  };
  options.stop = was_interrupted;
  options.progress = [&](const SearchProgress& progress) {
    line.show_text(fmt::format("{} {} of {}", progress.doing, progress.done, progress.total));
    if (was_interrupted()) {
      line.clear();
      std::cerr << "what is done is kept; the same command goes on from there\n" << std::flush;
    }
    check_for_interrupt();
  };
  say_when_ended("what is done is kept; the same command goes on from there");
  const std::string text = skeletons ? run_skeletons(document, families(), arguments.folder, options)
                                     : outcome_text(*search, run_search(*search, arguments.folder, options));
  line.clear();
  if (!arguments.quiet) {
    std::cout << text << std::flush;
  }
}

}  // namespace

int run_search_program(int argc, char** argv) {
  CLI::App app("Searches for networks that lacuna simulates", "lacuna search");
  SearchArguments arguments;
  add_search_options(app, arguments);
  return parse_and_work(app, argc, argv, "lacuna search", [&arguments] { run(arguments); });
}

}  // namespace lacuna::cli
