#include <iostream>

#include <nlohmann/json.hpp>

#include "sim/cli/commands.h"
#include "sim/families.h"
#include "sim/report/pretty_json.h"
#include "sim/schema/file_schema.h"

namespace lacuna::cli {

void add_schema(CLI::App& app) {
  CLI::App* const command =
      app.add_subcommand("schema", "Print the JSON Schema of every YAML file, for editors");
  command->footer(
      "Example:\n"
      "  lacuna schema > schema.json");
  command->callback([] { std::cout << pretty_json(file_schema(families())) << std::flush; });
}

}  // namespace lacuna::cli
