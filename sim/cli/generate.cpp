#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/cli/commands.h"
#include "sim/cli/data_folders.h"
#include "sim/cli/long_work.h"
#include "sim/cli/options.h"
#include "sim/families.h"
#include "sim/family/configuration.h"
#include "sim/files/output_folder.h"

namespace lacuna::cli {
namespace {

/// Every project has this file.
constexpr const char* mark = "manifest.json";

struct GenerateArguments {
  std::string config;
  std::string folder;
  ConfigOverrides overrides;
  std::string top_name;
  std::optional<std::uint32_t> frames;
  bool no_weights = false;
  bool counters = false;
  bool quiet = false;
  bool force = false;
};

void generate(const GenerateArguments& arguments) {
  check_output_folder("--output", arguments.folder, mark, if_exists(arguments.force));
  const YamlNode document = load_configuration(arguments.config, arguments.overrides);
  HardwareRequest request;
  request.folders = data_folders();
  request.top_name = arguments.top_name;
  request.frames = arguments.frames;
  request.memories = !arguments.no_weights;
  request.counters = arguments.counters;
  const Hardware hardware = family_of(document, families()).hardware(document, request);
  std::vector<std::pair<std::string, std::string>> files;
  for (const HardwareFile& file : hardware.files) {
    files.emplace_back(file.path, file.text);
  }
  check_for_interrupt();
  {
    const InterruptBlock block;
    write_output_folder(arguments.folder, files);
  }
  if (!arguments.quiet) {
    std::cout << hardware.text << std::flush;
  }
}

}  // namespace

void add_generate(CLI::App& app) {
  auto arguments = std::make_shared<GenerateArguments>();
  CLI::App* const command =
      app.add_subcommand("generate", "Write a machine as synthesizable SystemVerilog with a test bench");
  command->add_option("CONFIG", arguments->config, "run configuration (YAML)")->required();
  command->add_option("-o,--output", arguments->folder, "the folder to write")->type_name("DIR")->required();
  add_set_option(*command, arguments->overrides.assignments, "the configuration");
  command->add_option("--seed", arguments->overrides.seed, "seed of everything generated")->type_name("N");
  command->add_option("--top", arguments->top_name, "name of the top module; else made from the network's")
      ->type_name("NAME");
  command
      ->add_option("--frames", arguments->frames,
                   "frames that the test bench runs; else the configuration's, at most 16")
      ->type_name("N")
      ->check(CLI::Range(1U, 1U << 16U));
  command->add_flag("--no-weights", arguments->no_weights,
                    "leave memories of weights and the test bench out: for studies of size");
  command->add_flag("--counters", arguments->counters,
                    "counters of stalls and high-water marks of every FIFO, behind AXI4-Lite");
  command->add_flag("--quiet", arguments->quiet, "print nothing but errors");
  command->add_flag("--force", arguments->force, "replace a folder that this command has written before");
  command->footer(
      "Example:\n"
      "  lacuna generate CONFIG.yaml -o hardware\n"
      "  make -C hardware lint sim");
  command->callback([arguments] { generate(*arguments); });
}

}  // namespace lacuna::cli
