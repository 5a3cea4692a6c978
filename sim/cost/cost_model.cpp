#include "sim/cost/cost_model.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/cost/counted_cost.h"
#include "sim/cost/layer_table.h"
#include "sim/family/configuration.h"
#include "sim/family/family.h"

namespace lacuna {

const char* name_of(CostMeasure measure) {
  return cost_measure_names.begin()[static_cast<std::size_t>(measure)];
}

namespace {

bool is_counted(CostMeasure measure) {
  return measure <= CostMeasure::size;
}

std::optional<double> figure(const NetworkCost& cost, CostMeasure measure) {
  switch (measure) {
    case CostMeasure::weights:
      return cost.weights;
    case CostMeasure::multiply_accumulates:
      return cost.multiply_accumulates;
    case CostMeasure::bit_operations:
      return cost.bit_operations;
    case CostMeasure::size:
      return cost.size_bits;
    case CostMeasure::cycles:
      return cost.cycles;
    case CostMeasure::energy:
      return cost.energy_pj;
    case CostMeasure::frame_time:
      return cost.frames_per_second ? std::optional<double>(1.0 / *cost.frames_per_second) : std::nullopt;
    case CostMeasure::area:
      return cost.area_mm2;
  }
  return std::nullopt;
}

/// By simulation, on a family's fast engine.
class SimulatedCost : public CostModel {
 public:
  explicit SimulatedCost(std::unique_ptr<NetworkMachine> machine) : machine_(std::move(machine)) {}

  NetworkCost measure(const Network& network, const std::vector<Tensor>& calibration,
                      const std::vector<LayerArithmetic>& arithmetic) const override {
    FrameCost frame = frame_cost(network, calibration, arithmetic);
    NetworkCost cost;
    cost.cycles = frame.cycles;
    cost.energy_pj = frame.energy_pj;
    cost.frames_per_second = frame.frames_per_second;
    cost.area_mm2 = frame.area_mm2;
    cost.planned_cycles = frame.planned_cycles;
    cost.fpga = frame.fpga;
    cost.reuse = frame.reuse;
    cost.layers = std::move(frame.layers);
    return cost;
  }

  std::optional<double> planned_cycles(const Network& network, const std::vector<Tensor>& calibration,
                                       const std::vector<LayerArithmetic>& arithmetic) const override {
    return arithmetic.empty() ? machine_->planned_cycles(network, calibration)
                              : with_arithmetic().planned_cycles(network, calibration, arithmetic);
  }
  bool takes_arithmetic() const override {
    return dynamic_cast<const ArithmeticMachine*>(machine_.get()) != nullptr;
  }

 private:
  FrameCost frame_cost(const Network& network, const std::vector<Tensor>& calibration,
                       const std::vector<LayerArithmetic>& arithmetic) const {
    if (arithmetic.empty()) {
      return machine_->measure(network, calibration);
    }
    return with_arithmetic().measure(network, calibration, arithmetic);
  }

  const ArithmeticMachine& with_arithmetic() const {
    const auto* const machine = dynamic_cast<const ArithmeticMachine*>(machine_.get());
    if (machine == nullptr) {
      throw ConfigurationError({{}, 0, "cost.machine"}, "the machine's layers have no number formats",
                               "one of a kind whose layers do, or no formats to choose");
    }
    return *machine;
  }

  std::unique_ptr<NetworkMachine> machine_;
};

ErrorPlace below(const ErrorPlace& place, const char* key) {
  return {place.file, place.line, place.key.empty() ? key : place.key + "." + key};
}

}  // namespace

std::unique_ptr<CostModel> make_simulated_cost(const YamlNode& document, const Families& families,
                                               const ErrorPlace& place) {
  const Family& family = family_of(document, families);
  std::unique_ptr<NetworkMachine> machine = family.network_machine(document);
  if (machine == nullptr) {
    throw ConfigurationError(place,
                             fmt::format("machines of kind {} run no networks in memory", family.kind()),
                             "a kind that does");
  }
  return std::make_unique<SimulatedCost>(std::move(machine));
}

bool looks_at_values(CostMeasure measure) {
  return measure == CostMeasure::multiply_accumulates || !is_counted(measure);
}

double NetworkCost::value(CostMeasure measure) const {
  if (const std::optional<double> known = figure(*this, measure)) {
    return *known;
  }
  throw ConfigurationError({{}, 0, "cost.measure"}, fmt::format("{} is not known here", name_of(measure)),
                           "energy and area: a machine with an energy table that states them");
}

std::unique_ptr<CostModel> make_cost_model(const CostConfig& config, const Families& families,
                                           const ErrorPlace& place) {
  const bool has_machine = !config.machine.empty();
  const bool has_table = !config.layer_table.empty();
  if (is_counted(config.measure)) {
    if (has_machine || has_table) {
      throw ConfigurationError(below(place, has_machine ? "machine" : "layer_table"),
                               fmt::format("{} is counted, without any", name_of(config.measure)),
                               "cycles, energy, frame_time or area as measure");
    }
    return std::make_unique<CountedCost>(
        CountedBits{config.weight_bits, config.activation_bits, config.index_bits});
  }
  if (has_machine == has_table) {
    throw ConfigurationError(below(place, "measure"),
                             fmt::format("{} needs a machine or a layer_table", name_of(config.measure)),
                             "one of them");
  }
  if (has_machine) {
    check_exists(config.machine);
    return make_simulated_cost(load_configuration(config.machine.resolved), families, config.machine.place);
  }
  if (config.measure != CostMeasure::cycles && config.measure != CostMeasure::energy) {
    throw ConfigurationError(below(place, "measure"),
                             fmt::format("a layer_table states no {}", name_of(config.measure)),
                             "cycles or energy");
  }
  check_exists(config.layer_table);
  return std::make_unique<TabledCost>(load_layer_table(config.layer_table.resolved));
}

}  // namespace lacuna
