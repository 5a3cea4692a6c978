#include <iostream>

#include <nlohmann/json.hpp>

#include "sim/cli/commands.h"
#include "sim/cli/file_schema.h"
#include "sim/eie/eie_costs.h"
#include "sim/report/text_formats.h"

namespace lacuna::cli {

void add_schema(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("schema", "Print the JSON Schema of every YAML file, for editors");
  command->footer(
      "Example:\n"
      "  lacuna schema > schema.json");
  command->callback(
      [] { std::cout << pretty_json(configuration_schema(energy_table_schema())) << std::flush; });
}

}  // namespace lacuna::cli
