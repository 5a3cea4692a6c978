#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <vector>

#include "sim/family/arithmetic_machine.h"
#include "sim/network/network.h"
#include "sim/yaml/scalars.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

class Family;
using Families = std::vector<const Family*>;

/// What of a network is to be small.
enum class CostMeasure : std::uint8_t {
  weights,
  multiply_accumulates,
  bit_operations,
  size,
  cycles,
  energy,
  frame_time,
  area
};

inline constexpr std::initializer_list<const char*> cost_measure_names = {
    "weights", "multiply_accumulates", "bit_operations", "size", "cycles", "energy", "frame_time", "area"};

/// As recipes name it.
const char* name_of(CostMeasure measure);

/// Whether a measure depends on the calibration inputs.
bool looks_at_values(CostMeasure measure);

/// What a network costs for one frame, as far as whoever was asked knows it.
struct NetworkCost {
  std::optional<double> weights;               ///< other than zero
  std::optional<double> multiply_accumulates;  ///< of such weights with inputs other than zero
  std::optional<double> bit_operations;  ///< products of such weights with any inputs, times bits of both
  std::optional<double> size_bits;       ///< of weights, their indices, codebooks and biases
  std::optional<double> cycles;
  std::optional<double> energy_pj;
  std::optional<double> frames_per_second;
  std::optional<double> area_mm2;
  std::optional<double> planned_cycles;  ///< of a machine: a lower bound of its cycles (network_machine.h)
  std::optional<FpgaUse> fpga;           ///< likewise
  ProductsPerRead reuse;                 ///< likewise
  std::vector<FrameCost::Layer> layers;  ///< of a machine's layers; else empty

  /// The figure that a measure is about, less being better; `frame_time` in seconds. Throws
  /// ConfigurationError when it is not known.
  double value(CostMeasure measure) const;
};

/// What a network costs, by counting or by a machine. One interface for whoever looks for a good network, so
/// that the same search with another cost is the same program.
class CostModel {
 public:
  virtual ~CostModel() = default;

  /// Of a network with its weights. `calibration`: inputs that stand for those that it will have; what does
  /// not depend on values does not look at them. `arithmetic`: of layers whose weights are numbers of stated
  /// formats. The same arguments give the same figures. Throws ConfigurationError, CapacityError and
  /// InputDataError.
  virtual NetworkCost measure(const Network& network, const std::vector<Tensor>& calibration,
                              const std::vector<LayerArithmetic>& arithmetic) const = 0;
  NetworkCost measure(const Network& network, const std::vector<Tensor>& calibration) const {
    return measure(network, calibration, {});
  }

  /// A lower bound of `cycles`, known before anything is simulated; empty where nobody knows one.
  virtual std::optional<double> planned_cycles(const Network& /*network*/,
                                               const std::vector<Tensor>& /*calibration*/,
                                               const std::vector<LayerArithmetic>& /*arithmetic*/) const {
    return std::nullopt;
  }
  /// Whether it knows layers whose formats and lanes are stated; others refuse such layers.
  virtual bool takes_arithmetic() const { return true; }
};

/// `cost:`, what a network is judged by.
struct CostConfig {
  CostMeasure measure = CostMeasure::weights;
  FilePath machine;
  FilePath layer_table;
  std::uint32_t images = 16;
  std::optional<std::uint32_t> weight_bits;
  std::uint32_t activation_bits = 16;
  std::uint32_t index_bits = 4;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.choice("measure", c.measure, cost_measure_names,
             "what is to be small, for one frame; weights to size are counted, the others are a machine's");
    v.file("machine", c.machine,
           "run configuration of the machine that is simulated; the network and its images replace those "
           "of its workload");
    v.file("layer_table", c.layer_table,
           "YAML file with the cycles and energy of single layers, which are added, in place of a machine");
    v.integer("images", c.images, 1, 65536, "images that it is measured on");
    v.integer(
        "weight_bits", c.weight_bits, 1, 32,
        "bit_operations, size: bits of a weight; default: as many as a layer's distinct values need, up "
        "to 8, else 32");
    v.integer("activation_bits", c.activation_bits, 1, 32, "bit_operations: bits of an activation");
    v.integer("index_bits", c.index_bits, 1, 16, "size: bits of the distance to the weight before");
    v.required({"measure"});
  }
};

/// The machine of a run configuration, simulated. Throws ConfigurationError at `place` when its kind runs no
/// networks, and what reading its files throws.
std::unique_ptr<CostModel> make_simulated_cost(const YamlNode& document, const Families& families,
                                               const ErrorPlace& place);

/// Makes what measures a configuration's cost. Throws ConfigurationError for a measure without what it needs,
/// or a machine that runs no networks, and what reading its files throws.
std::unique_ptr<CostModel> make_cost_model(const CostConfig& config, const Families& families,
                                           const ErrorPlace& place);

}  // namespace lacuna
