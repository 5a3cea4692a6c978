#include <iostream>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/cli/commands.h"
#include "sim/families.h"
#include "sim/report/text_formats.h"
#include "sim/schema/file_schema.h"
#include "sim/schema/result_schema.h"

namespace lacuna::cli {

void add_schema(CLI::App& app) {
  auto name = std::make_shared<std::string>("files");
  CLI::App* const command =
      app.add_subcommand("schema", "Print the JSON Schema of files that Lacuna reads or writes");
  command
      ->add_option("WHAT", *name,
                   "files (default): every YAML file, for editors; result: what 'lacuna run --json' writes; "
                   "sweep-result: the results.json of 'lacuna sweep'")
      ->check(CLI::IsMember({"files", "result", "sweep-result"}));
  command->footer(
      "Example:\n"
      "  lacuna schema > schema.json\n"
      "  lacuna schema result > result-schema.json");
  command->callback([name] {
    const nlohmann::ordered_json schema = *name == "result"         ? result_schema(families())
                                          : *name == "sweep-result" ? sweep_result_schema()
                                                                    : file_schema(families());
    std::cout << pretty_json(schema) << std::flush;
  });
}

}  // namespace lacuna::cli
