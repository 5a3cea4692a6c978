#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/cost/cost_model.h"
#include "sim/network/network.h"
#include "sim/search/block_network.h"
#include "sim/search/blocks.h"
#include "sim/search/lane_schedule.h"
#include "sim/training/recipe.h"
#include "sim/training/trained_layer.h"
#include "sim/yaml/scalars.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

struct Search;

/// One element of `formats`.
struct SearchFormatConfig {
  QuantiseKind kind = QuantiseKind::fixed;
  std::uint32_t weight_bits = 8;

  /// "fixed(4)".
  std::string text() const;
  QuantiseConfig quantise() const;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.choice("kind", c.kind, quantise_kind_names, "number format, fitted as lacuna compress does");
    v.integer("weight_bits", c.weight_bits, 1, 16,
              "bits of a weight: fixed and dynamic_fixed 2 to 16, shift 3 to 6, focused 4 to 7, ternary 2, "
              "binary 1");
    v.required({"kind", "weight_bits"});
  }
};

/// One element of `activations`.
struct SearchActivationsConfig {
  std::uint32_t bits = 8;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("bits", c.bits, 2, 16, "of an output, two's complement");
    v.required({"bits"});
  }
};

/// One element of `lanes`.
struct SearchLanesConfig {
  LaneWishes wishes;

  /// "2x4:row": inputs, outputs, taps.
  std::string text() const;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("inputs", c.wishes.inputs, 1, 4096, "input channels of a group that are read at once");
    v.integer("outputs", c.wishes.outputs, 1, 4096, "output channels that are formed at once");
    v.choice("taps", c.wishes.taps, {"one", "row", "kernel"}, "positions of the kernel at once");
  }
};

/// One element of `machines[].choices`: a parameter of the machine that is searched.
struct SearchChoiceConfig {
  std::string set;
  std::vector<YamlNode> values;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("set", c.set, "path in the run configuration, such as architecture.pe_count");
    v.plain_list("values", c.values, "values to choose among");
    v.required({"set", "values"});
  }
};

/// A machine of a search with one value of each of its parameters that are searched.
struct MachineVariant {
  std::string text;  ///< "architecture.pe_count=8"; empty without such parameters
  std::unique_ptr<CostModel> model;
  std::string digest;  ///< of its configuration and all files that it names
};

/// What is chosen of a candidate, as positions: a block for each place; then, where the search has them, a
/// format, a width of activations and lanes for each place; then a variant of each machine that has several.
using Genotype = std::vector<std::size_t>;

/// How many choices each position has.
std::vector<std::size_t> gene_sizes(const Search& search);

/// A genotype in words. Keeps references.
class Chosen {
 public:
  Chosen(const Search& search, const Genotype& genotype) : search_(search), genotype_(genotype) {}

  std::vector<BlockType> types() const;
  std::vector<std::string> blocks() const;
  std::vector<std::string> formats() const;      ///< empty where none are searched
  std::vector<std::string> activations() const;  ///< likewise, bits
  std::vector<std::string> lanes() const;        ///< likewise
  const MachineVariant& variant(std::size_t machine) const;

  /// All that the network's values depend on, rounding of activations left out.
  std::string weights_text() const;
  /// All that the trained network depends on.
  std::string network_text() const;
  /// All that a machine's figures depend on beside its variant.
  std::string text_for(std::size_t machine) const;

  /// The network with each layer's weights cut to `density` and then in the chosen formats, which are added
  /// to `arithmetic` unless it is null.
  Network with_formats(const BlockNetwork& blocks, Network network, double density,
                       std::vector<LayerArithmetic>* arithmetic) const;
  /// Adds the chosen lanes, lowered from loop nests, and widths of activations.
  void add_settings(const BlockNetwork& blocks, std::vector<LayerArithmetic>& arithmetic) const;
  /// Gives the outputs of the layers that have a chosen width a format; others are as they were. `fit` gives
  /// all layers one of so many bits.
  void fit_activations(const BlockNetwork& blocks, std::vector<TrainedLayer>& layers,
                       const std::function<void(std::uint32_t, std::vector<TrainedLayer>&)>& fit) const;
  /// Settings of a training's phase: the formats of the layers that have one.
  std::vector<PhaseLayerConfig> format_phase(const BlockNetwork& blocks) const;

 private:
  std::optional<std::size_t> format(std::size_t place) const;
  std::optional<std::uint32_t> activation_bits(std::size_t place) const;
  std::optional<std::size_t> lane(std::size_t place) const;
  void add_lanes(const BlockNetwork& blocks, std::vector<LayerArithmetic>& arithmetic) const;

  const Search& search_;
  const Genotype& genotype_;
};

}  // namespace lacuna
