#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "sim/cli/commands.h"
#include "sim/report/compare_results.h"
#include "sim/report/read_result.h"

namespace lacuna::cli {
namespace {

constexpr std::size_t max_shown = 50;

struct CompareArguments {
  std::string base;
  std::string now;
  std::vector<std::string> tolerances;
};

void print(const std::string& word, const std::vector<Difference>& differences) {
  const std::size_t shown = std::min(differences.size(), max_shown);
  for (std::size_t i = 0; i < shown; ++i) {
    const Difference& each = differences[i];
    std::cout << fmt::format("{}: {}: {} -> {}\n", word, each.path, each.base, each.now);
  }
  if (shown < differences.size()) {
    std::cout << fmt::format("{}: and {} more\n", word, differences.size() - shown);
  }
}

void compare(const CompareArguments& arguments) {
  std::vector<Tolerance> tolerances;
  for (const std::string& text : arguments.tolerances) {
    tolerances.push_back(parse_tolerance(text));
  }
  const Comparison comparison =
      compare_results(read_result(arguments.base), read_result(arguments.now), tolerances);
  print("note", comparison.circumstances);
  print("difference", comparison.differences);
  std::cout << fmt::format("{} values compared, {} differ beyond tolerance\n", comparison.compared,
                           comparison.differences.size())
            << std::flush;
  if (!comparison.differences.empty()) {
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
  command->footer(
      "Differences in version, engine, configuration and inputs are printed as notes and do not count.\n"
      "Example:\n"
      "  lacuna compare base.json new.json --tolerance cycles=1% --tolerance energy_pj=2%");
  command->callback([arguments] { compare(*arguments); });
}

}  // namespace lacuna::cli
