#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "models/common/systemc/wave_path.h"
#include "sim/cli/commands.h"
#include "sim/cli/data_folders.h"
#include "sim/cli/long_work.h"
#include "sim/families.h"
#include "sim/family/configuration.h"
#include "sim/files/output_file.h"
#include "sim/report/numbers_report.h"
#include "sim/report/result_csv.h"
#include "sim/report/result_json.h"
#include "sim/report/text_formats.h"

namespace lacuna::cli {
namespace {

struct RunArguments {
  std::string config;
  std::string json;
  std::string csv;
  std::string wave;
  ConfigOverrides overrides;
  std::optional<std::uint64_t> intervals;
  std::size_t jobs = std::max(1U, std::thread::hardware_concurrency());
  std::string outputs;
  bool reference = false;
  bool quiet = false;
  bool force = false;
};

void check_outputs(const RunArguments& arguments) {
  check_output("--json", arguments.json, if_exists(arguments.force));
  check_output("--csv", arguments.csv, if_exists(arguments.force));
  check_output("--outputs", arguments.outputs, if_exists(arguments.force));
  check_output("--wave", arguments.wave, if_exists(arguments.force));
}

Result run_with_progress(const RunArguments& arguments, const Job& job) {
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  RunSettings settings;
  settings.folders = data_folders();
  settings.wave_path = arguments.wave;
  settings.threads = arguments.jobs;
  settings.interval_cycles = arguments.intervals;
  settings.values.reference = arguments.reference;
  if (!arguments.outputs.empty()) {
    settings.values.kept = kept_values_of(arguments.outputs);
  }
  settings.progress = [&line](const RunProgress& progress) {
    check_for_interrupt();
    line.show(progress);
  };
  return job.run(settings);
}

void write_results(const RunArguments& arguments, const Result& result) {
  const nlohmann::ordered_json json = result_json(result);
  const InterruptBlock block;
  if (!arguments.json.empty()) {
    write_output(arguments.json, pretty_json(json));
  }
  if (!arguments.csv.empty()) {
    write_output(arguments.csv, result_csv(json));
  }
  if (!arguments.outputs.empty()) {
    write_values(arguments.outputs, result.values);
  }
}

void run(RunArguments& arguments) {
  check_outputs(arguments);
  if (!arguments.outputs.empty()) {
    kept_values_of(arguments.outputs);
  }
  if (arguments.overrides.energy) {
    arguments.overrides.energy = energy_table_path(*arguments.overrides.energy);
  }
  const YamlNode document = load_configuration(arguments.config, arguments.overrides);
  const std::unique_ptr<Job> job = family_of(document, families()).load(document);
  remove_when_ended(arguments.wave.empty() ? "" : unfinished_wave_path(arguments.wave));
  const Result result = run_with_progress(arguments, *job);
  check_for_interrupt();
  write_results(arguments, result);
  if (!arguments.quiet) {
    std::cout << result.text << reference_text(result.values) << std::flush;
  }
  if (!result.checks_passed) {
    throw Failure();
  }
}

/// "family: engine, engine; ...", for all families.
std::string engine_list() {
  std::string text;
  for (const Family* family : families()) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", family->kind(),
                        fmt::join(engine_names(family->engines()), ", "));
  }
  return text;
}

}  // namespace

void add_run(CLI::App& app) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* const command =
      app.add_subcommand("run", "Run a workload on a machine and report cycles, energy and load balance");
  command->add_option("CONFIG", arguments->config, "run configuration (YAML)")->required();
  CLI::Option* const json =
      command->add_option("--json", arguments->json, "write the result as JSON to FILE")->type_name("FILE");
  command->add_option("--csv", arguments->csv, "write one line per layer to FILE")->type_name("FILE");
  command->add_option("--engine", arguments->overrides.engine, "engine: " + engine_list())->type_name("NAME");
  command
      ->add_option("--set", arguments->overrides.assignments,
                   "change a value of the configuration; repeatable")
      ->type_name("path.to.key=value")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  command
      ->add_option(
          "--outputs", arguments->outputs,
          "write the outputs as real numbers: of the last layer, or (.npz) of every layer with the raw "
          "integers and formats beside")
      ->type_name("FILE.npy|FILE.npz");
  command->add_flag("--reference", arguments->reference,
                    "also compute the outputs in floating point and print the error of each layer");
  command->add_option("--wave", arguments->wave, "write waveforms (engine systemc) to FILE")
      ->type_name("FILE.vcd");
  command
      ->add_option("--intervals", arguments->intervals,
                   "with --json: also give the cycle classes of each N cycles of the run")
      ->type_name("N")
      ->needs(json)
      ->check(CLI::Range(std::uint64_t{1}, UINT64_MAX));
  command->add_option("--seed", arguments->overrides.seed, "seed of everything generated")->type_name("N");
  command
      ->add_option("-j,--jobs", arguments->jobs,
                   "threads, where the engine can use them: values of whole networks and frames")
      ->check(CLI::Range(1U, 1024U));
  command
      ->add_option("--energy", arguments->overrides.energy,
                   "energy table: a shipped one's name, such as bottom-up-45nm, or a file")
      ->type_name("TABLE");
  command->add_flag("--quiet", arguments->quiet, "print nothing but errors");
  command->add_flag("--force", arguments->force, "replace output files that exist");
  command->footer(
      "Example:\n"
      "  lacuna run configs/main.yaml --json result.json --set architecture.queue_depth_entries=4\n"
      "  lacuna run configs/main.yaml --energy bottom-up-45nm\n"
      "  lacuna run configs/main.yaml --outputs outputs.npz --reference");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace lacuna::cli
