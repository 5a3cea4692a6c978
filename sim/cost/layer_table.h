#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/cost/cost_model.h"

namespace lacuna {

/// One element of `layer_table.entries`: a layer with so many weights.
struct LayerTableEntry {
  std::string layer;
  std::uint64_t weights = 0;
  double cycles = 0.0;
  std::optional<double> energy_pj;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("layer", c.layer, "name of the layer");
    v.integer("weights", c.weights, 0, std::uint64_t{1} << 40, "its weights that are not zero");
    v.real("cycles", c.cycles, 0.0, 1e15, "that it takes for a frame");
    v.real("energy_pj", c.energy_pj, 0.0, 1e18, "that it takes for a frame");
    v.required({"layer", "weights", "cycles"});
  }
};

/// `layer_table:`, what single layers cost, each alone, as look-up tables of searches have it.
struct LayerTable {
  std::vector<LayerTableEntry> entries;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.list("entries", c.entries, "layers; several of a name with other numbers of weights are interpolated");
    v.required({"entries"});
  }
};

struct LayerTableFile {
  LayerTable layer_table;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("layer_table", c.layer_table, "costs of single layers");
    v.required({"layer_table"});
  }
};

/// Reads and checks a table. Throws ConfigurationError.
LayerTable load_layer_table(const std::string& path);

/// The sum over a network's layers with weights of what a table says: between two entries of a layer by the
/// straight line over the number of weights, outside them the nearest entry. ConfigurationError for a layer
/// that it does not have.
class TabledCost : public CostModel {
 public:
  explicit TabledCost(LayerTable table) : table_(std::move(table)) {}

  using CostModel::measure;
  NetworkCost measure(const Network& network, const std::vector<Tensor>& calibration,
                      const std::vector<LayerArithmetic>& arithmetic) const override;

 private:
  LayerTable table_;
};

}  // namespace lacuna
