#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/cli/data_folders.h"
#include "sim/cli/interrupt.h"
#include "sim/eie/validate/published_curves.h"
#include "sim/eie/validate/validate_eie.h"
#include "sim/eie/validate/validate_eie_energy.h"
#include "sim/eie/validate/validate_eie_factors.h"
#include "sim/eie/validate/validate_engines.h"
#include "sim/tomato/validate_tomato.h"

namespace lacuna::cli {
namespace {

struct ValidateArguments {
  std::string name = "eie";
  std::string data;
  EngineKind engine = EngineKind::systemc;
  std::uint64_t seed = 1;
  std::string table = "bottom-up-45nm";
  std::vector<std::string> assignments;
};

/// The published statements on curves, as a validation.
struct Curves {
  std::vector<CurveStatement> statements;

  bool passed() const {
    return std::all_of(statements.begin(), statements.end(), [](const CurveStatement& s) { return s.holds; });
  }
};

std::string validation_text(const Curves& curves) {
  std::string text = "| published | ours | |\n|---|---|---|\n";
  for (const CurveStatement& s : curves.statements) {
    text += "| " + s.published + " | " + s.ours + " | " + (s.holds ? "holds" : "does not hold") + " |\n";
  }
  return text;
}

/// Prints a validation and its verdict; ends with exit code 1 if it failed.
template <class Validation>
void print(const Validation& validation) {
  check_for_interrupt();
  std::cout << validation_text(validation) << (validation.passed() ? "passed\n" : "FAILED\n") << std::flush;
  if (!validation.passed()) {
    throw Failure();
  }
}

void validate(const ValidateArguments& arguments) {
  ValidationOptions options;
  options.architecture_folder = architecture_folder();
  options.reference_folder = reference_folder();
  options.data_folder = arguments.data.empty() ? larger_data_folder() : arguments.data;
  options.engine = arguments.engine;
  options.engine_options = {"", rtl_source_folder(), rtl_cache_folder()};
  options.seed = arguments.seed;
  const EnergyValidationOptions energy_options = {options, energy_folder(),
                                                  energy_table_path(arguments.table), arguments.assignments};
  if (arguments.name == "eie-curves") {
    print(Curves{check_published_curves(sweep_folder(), reference_folder())});
  } else if (arguments.name == "engines") {
    print(validate_engines(options, trace_folder(), {EngineKind::timeline, EngineKind::rtl}));
  } else if (arguments.name == "tomato") {
    print(validate_tomato(
        {configuration_folder(), options.data_folder, std::max(1U, std::thread::hardware_concurrency())}));
  } else if (arguments.name == "eie-energy") {
    print(validate_eie_energy(energy_options));
  } else if (arguments.name == "eie-factors") {
    print(validate_eie_factors(energy_options));
  } else {
    print(validate_eie(options));
  }
}

}  // namespace

void add_validate(CLI::App& app) {
  auto arguments = std::make_shared<ValidateArguments>();
  CLI::App* const command = app.add_subcommand(
      "validate", "Run the machine against the published tables: ours, theirs, difference");
  command
      ->add_option(
          "NAME", arguments->name,
          "eie (default): published times; eie-curves: published curves; eie-energy: published power and "
          "area; eie-factors: against a dense machine, one factor at a time; engines: each against the "
          "others")
      ->check(CLI::IsMember({"eie", "eie-curves", "eie-energy", "eie-factors", "engines", "tomato"}));
  command
      ->add_option(
          "--data", arguments->data,
          "folder that holds alexnet_fc8; default: $LACUNA_DATA, else ../shared/data beside the tree")
      ->type_name("FOLDER");
  command->add_option("--engine", arguments->engine, "eie: systemc (default), timeline or rtl")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, EngineKind>{{"systemc", EngineKind::systemc},
                                                                    {"timeline", EngineKind::timeline},
                                                                    {"rtl", EngineKind::rtl}})
              .description(""))
      ->type_name("NAME");
  command->add_option("--seed", arguments->seed, "seed of the generated layers")->type_name("N");
  command
      ->add_option("--energy", arguments->table, "eie-energy, eie-factors: table (default: bottom-up-45nm)")
      ->type_name("TABLE");
  command
      ->add_option("--set", arguments->assignments,
                   "eie-energy, eie-factors: change a value of the table, such as sram.0.cell_type=itrs-lop; "
                   "repeatable")
      ->type_name("path.to.key=value")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  command->footer("Example:\n  lacuna validate eie");
  command->callback([arguments] { validate(*arguments); });
}

}  // namespace lacuna::cli
