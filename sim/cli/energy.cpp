#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/cli/commands.h"
#include "sim/cli/data_folders.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/eie_costs.h"
#include "sim/eie/report/costs_report.h"
#include "sim/energy/ert_import.h"
#include "sim/files/output_file.h"
#include "sim/report/text_formats.h"

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

/// Assignments to the machine begin with "architecture.", all others are the table's.
void show(const ShowArguments& arguments) {
  check_output("--json", arguments.json, arguments.force);
  std::vector<std::string> of_table;
  std::vector<std::string> of_machine;
  for (const std::string& assignment : arguments.assignments) {
    (assignment.rfind("architecture.", 0) == 0 ? of_machine : of_table).push_back(assignment);
  }
  const std::string architecture =
      arguments.architecture.empty() ? architecture_folder() + "/eie-64pe-45nm.yaml" : arguments.architecture;
  const eie::Parameters machine = load_architecture(architecture, of_machine).parameters;
  const Technology technology = load_eie_technology(energy_table_path(arguments.table), of_table);
  const Costs costs = eie_costs(technology, machine);
  if (!arguments.json.empty()) {
    write_output(arguments.json, pretty_json(costs_json(technology, machine, costs)));
  }
  std::cout << costs_text(technology, costs) << std::flush;
}

void import_ert(const ImportArguments& arguments) {
  check_output("--output", arguments.output, arguments.force);
  write_output(arguments.output, import_accelergy_ert(arguments.ert, arguments.map));
  std::cout << arguments.output << ": table " << load_eie_technology(arguments.output).name() << "\n";
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
  command
      ->add_option("--set", arguments->assignments,
                   "change a value of the machine (architecture.KEY) or of the table; repeatable")
      ->type_name("path.to.key=value")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
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
