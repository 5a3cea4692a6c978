#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "models/eie/systemc/systemc_engine.h"
#include "sim/cli/commands.h"
#include "sim/cli/data_folders.h"
#include "sim/cli/interrupt.h"
#include "sim/cli/progress_line.h"
#include "sim/cli/run_tomato.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/network/run_network.h"
#include "sim/eie/report/result_json.h"
#include "sim/eie/report/text_report.h"
#include "sim/eie/run/run_workload.h"
#include "sim/files/output_file.h"
#include "sim/report/result_csv.h"
#include "sim/report/text_formats.h"
#include "sim/tomato/load_tomato.h"

namespace lacuna::cli {
namespace {

struct RunArguments {
  std::string config;
  std::string json;
  std::string csv;
  std::string wave;
  ConfigOverrides overrides;
  std::size_t jobs = std::max(1U, std::thread::hardware_concurrency());
  bool quiet = false;
  bool force = false;
};

void check_outputs(const RunArguments& arguments) {
  check_output("--json", arguments.json, arguments.force);
  check_output("--csv", arguments.csv, arguments.force);
  check_output("--wave", arguments.wave, arguments.force);
}

RunReport run_with_progress(const RunArguments& arguments, const RunConfig& config) {
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  RunOptions options;
  options.reference_folder = reference_folder();
  options.engine = {arguments.wave, rtl_source_folder(), rtl_cache_folder()};
  options.progress = [&line](const RunProgress& progress) {
    check_for_interrupt();
    line.show(progress);
  };
  options.threads = arguments.jobs;
  return config.workload.network.empty() ? run_workload(config, options) : run_network(config, options);
}

void write_results(const RunArguments& arguments, const RunConfig& config, const RunReport& report) {
  const nlohmann::ordered_json result = result_json(config, report);
  const InterruptBlock block;
  if (!arguments.json.empty()) {
    write_output(arguments.json, pretty_json(result));
  }
  if (!arguments.csv.empty()) {
    write_output(arguments.csv, result_csv(result));
  }
}

void run(RunArguments& arguments) {
  check_outputs(arguments);
  if (arguments.overrides.energy) {
    arguments.overrides.energy = energy_table_path(*arguments.overrides.energy);
  }
  if (tomato::is_tomato_config(arguments.config, arguments.overrides)) {
    run_tomato_machine({arguments.config, arguments.json, arguments.csv, arguments.wave, arguments.overrides,
                        arguments.quiet});
    return;
  }
  const RunConfig config = load_run_config(arguments.config, arguments.overrides);
  remove_when_ended(arguments.wave.empty() ? "" : eie::unfinished_wave_path(arguments.wave));
  const RunReport report = run_with_progress(arguments, config);
  check_for_interrupt();
  write_results(arguments, config, report);
  if (!arguments.quiet) {
    std::cout << text_report(config, report) << std::flush;
  }
  if (report.network && !report.network->check_failures.empty()) {
    throw Failure();
  }
}

}  // namespace

void add_run(CLI::App& app) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* const command =
      app.add_subcommand("run", "Run a workload on a machine and report cycles, energy and load balance");
  command->add_option("CONFIG", arguments->config, "run configuration (YAML)")->required();
  command->add_option("--json", arguments->json, "write the result as JSON to FILE")->type_name("FILE");
  command->add_option("--csv", arguments->csv, "write one line per layer to FILE")->type_name("FILE");
  command->add_option("--engine", arguments->overrides.engine, "systemc, timeline or rtl")->type_name("NAME");
  command
      ->add_option("--set", arguments->overrides.assignments,
                   "change a value of the configuration; repeatable")
      ->type_name("path.to.key=value")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  command->add_option("--wave", arguments->wave, "write waveforms (SystemC engine) to FILE")
      ->type_name("FILE.vcd");
  command->add_option("--seed", arguments->overrides.seed, "seed of everything generated")->type_name("N");
  command->add_option("-j,--jobs", arguments->jobs, "threads for whole networks on the timeline engine")
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
      "  lacuna run configs/main.yaml --energy bottom-up-45nm");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace lacuna::cli
