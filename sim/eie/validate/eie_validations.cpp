#include "sim/eie/validate/eie_validations.h"

#include <algorithm>

#include "sim/eie/validate/published_curves.h"
#include "sim/eie/validate/validate_eie.h"
#include "sim/eie/validate/validate_eie_energy.h"
#include "sim/eie/validate/validate_eie_factors.h"
#include "sim/eie/validate/validate_engines.h"

namespace lacuna {
namespace {

ValidationOptions options_of(const ValidationSettings& settings) {
  ValidationOptions options;
  options.architecture_folder = settings.folders.configurations + "/architectures";
  options.reference_folder = settings.folders.reference();
  options.data_folder = settings.folders.larger_data;
  options.engine = settings.engine ? engine_kind(*settings.engine) : EngineKind::systemc;
  options.engine_options = settings.folders.engine_options();
  options.seed = settings.seed;
  return options;
}

EnergyValidationOptions energy_options_of(const ValidationSettings& settings) {
  const std::string folder = settings.folders.configurations + "/energy";
  return {options_of(settings), folder, settings.table.value_or(folder + "/bottom-up-45nm.yaml"),
          settings.assignments};
}

template <class Checked>
ValidationOutcome outcome_of(const Checked& checked) {
  return {validation_text(checked), checked.passed()};
}

}  // namespace

std::vector<Validation> eie_validations() {
  return {{"eie", "published times and the authors' own simulator",
           [](const ValidationSettings& settings) { return outcome_of(validate_eie(options_of(settings))); }},
          {"eie-curves", "published curves",
           [](const ValidationSettings& settings) -> ValidationOutcome {
             const std::vector<CurveStatement> statements = check_published_curves(settings);
             return {validation_text(statements),
                     std::all_of(statements.begin(), statements.end(),
                                 [](const CurveStatement& each) { return each.holds; })};
           }},
          {"eie-energy", "published power and area",
           [](const ValidationSettings& settings) {
             return outcome_of(validate_eie_energy(energy_options_of(settings)));
           }},
          {"eie-factors", "against a dense machine, one factor at a time",
           [](const ValidationSettings& settings) {
             return outcome_of(validate_eie_factors(energy_options_of(settings)));
           }},
          {"engines", "each engine against the others", [](const ValidationSettings& settings) {
             return outcome_of(validate_engines(options_of(settings), settings.folders.traces,
                                                {EngineKind::timeline, EngineKind::rtl}));
           }}};
}

}  // namespace lacuna
