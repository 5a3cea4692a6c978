#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/cli/commands.h"
#include "sim/cli/data_folders.h"
#include "sim/cli/options.h"
#include "sim/cli/outputs.h"
#include "sim/families.h"
#include "sim/family/configuration.h"
#include "sim/report/text_formats.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna::cli {
namespace {

struct ShowArguments {
  std::string table;
  std::string architecture;
  std::vector<std::string> assignments;
  std::string json;
  bool force = false;
};

struct ImportArguments {
  std::string ert;
  std::string map;
  std::string output;
  bool force = false;
};

/// The family of the architecture file; without one that which the table names, or which knows its format.
const Family& family_for(const std::string& table, const std::string& architecture) {
  if (!architecture.empty()) {
    return family_of(load_configuration(architecture), families());
  }
  const YamlNode document = load_yaml(table);
  const YamlNode* const machine =
      document.kind == YamlNode::Kind::mapping ? document.find("machine") : nullptr;
  for (const Family* family : families()) {
    if (machine != nullptr && machine->text == family->kind()) {
      return *family;
    }
  }
  for (const Family* family : families()) {
    if (family->is_energy_table(document)) {
      return *family;
    }
  }
  throw ConfigurationError({table, 0, {}}, "is no energy table", "a technology table (docs/energy.md)");
}

/// Assignments to the machine begin with "architecture.", all others are the table's.
void show(const ShowArguments& arguments) {
  const bool output_taken = check_outputs({{"--json", arguments.json}}, if_exists(arguments.force));
  CostsRequest request;
  request.table = energy_table_path(arguments.table);
  request.architecture = arguments.architecture;
  request.folders = data_folders();
  for (const std::string& assignment : arguments.assignments) {
    const bool of_machine = assignment.rfind("architecture.", 0) == 0;
    (of_machine ? request.architecture_assignments : request.table_assignments).push_back(assignment);
  }
  const CostsShown costs = family_for(request.table, request.architecture).show_costs(request);
  write_outputs({{arguments.json, pretty_json(costs.json)}});
  if (!output_taken) {
    std::cout << costs.text << std::flush;
  }
}

/// The map says for which family of machines.
void import_ert(const ImportArguments& arguments) {
  const bool output_taken = check_outputs({{"--output", arguments.output}}, if_exists(arguments.force));
  const YamlNode map = load_yaml(arguments.map);
  const YamlNode* const machine = map.kind == YamlNode::Kind::mapping ? map.find("machine") : nullptr;
  const Family& family =
      machine == nullptr ? *families().front()
                         : find_family(scalar_text(*machine, "machine", "the name of a family of machines"),
                                       families(), machine->place("machine"));
  write_outputs({{arguments.output, family.table_from_accelergy(arguments.ert, arguments.map)}});
  if (!output_taken) {
    std::cout << "wrote " << arguments.output << "\n";
  }
}

void add_show(CLI::App& energy) {
  auto arguments = std::make_shared<ShowArguments>();
  CLI::App* const command =
      energy.add_subcommand("show", "What a table says of a machine: every cost and area");
  command->add_option("TABLE", arguments->table, "a shipped table's name, such as bottom-up-45nm, or a file")
      ->required();
  command
      ->add_option("--architecture", arguments->architecture,
                   "file with an architecture section (default: the published machine)")
      ->type_name("FILE");
  add_set_option(*command, arguments->assignments, "the machine (architecture.KEY) or of the table");
  command->add_option("--json", arguments->json, "write all of it as JSON to FILE")->type_name("FILE");
  command->add_flag("--force", arguments->force, "replace an output file that exists");
  command->footer(
      "Example:\n"
      "  lacuna energy show bottom-up-45nm --set architecture.spmat_width_bits=128 --set "
      "sram.0.cell_type=itrs-lop");
  command->callback([arguments] { show(*arguments); });
}

void add_import_ert(CLI::App& energy) {
  auto arguments = std::make_shared<ImportArguments>();
  CLI::App* const command =
      energy.add_subcommand("import-ert", "Make a table from an energy reference table of Accelergy");
  command->add_option("ERT", arguments->ert, "ERT.yaml of Accelergy, version 0.3 or 0.4")->required();
  command->add_option("--map", arguments->map, "YAML file that says what each event is made of")
      ->required()
      ->type_name("FILE");
  command->add_option("-o,--output", arguments->output, "table to write (YAML)")
      ->required()
      ->type_name("FILE");
  command->add_flag("--force", arguments->force, "replace an output file that exists");
  command->footer("Example:\n  lacuna energy import-ert ERT.yaml --map map.yaml -o table.yaml");
  command->callback([arguments] { import_ert(*arguments); });
}

}  // namespace

void add_energy(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("energy", "Energy tables: what they say, and import");
  command->require_subcommand(1);
  command->footer("Example:\n  lacuna energy show bottom-up-45nm");
  add_show(*command);
  add_import_ert(*command);
}

}  // namespace lacuna::cli
