#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/graph_training/graph_recipe.h"
#include "sim/graph_training/graph_search_recipe.h"
#include "sim/network/network.h"

namespace lacuna {

/// What a search decides for a block.
enum class BlockDecision : std::uint8_t {
  sources,    ///< macro: which earlier blocks the block takes, side by side
  width,      ///< micro
  attention,  ///< none: the block looks at no neighbour
  reduction,
  heads,
  activation,
  input_bits,  ///< bits: of what the transform takes
  weight_bits,
  output_bits,  ///< of what the aggregation takes
  attention_bits
};

/// One decision; a choice has an option of each.
struct GraphDecision {
  std::size_t block = 0;
  BlockDecision what = BlockDecision::width;
  std::size_t options = 0;

  bool of_bits() const { return what >= BlockDecision::input_bits; }
};

using GraphChoice = std::vector<std::uint8_t>;

/// Attention of a block; the activations are those of GraphNAS (Gao et al., IJCAI 2020).
inline constexpr std::size_t attention_options = 8;  ///< none, and the kinds of AttentionKind
enum class BlockActivation : std::uint8_t { none, relu, relu6, sigmoid, tanh, leaky_relu, elu, softplus };
inline constexpr std::size_t activation_options = 8;

/// A block as a choice has it.
struct GraphBlock {
  bool used = false;
  std::vector<std::size_t> sources;  ///< blocks; empty: the features
  std::uint32_t width = 0;
  std::optional<AttentionKind> attention;
  Reduction reduction = Reduction::sum;
  std::uint32_t heads = 1;
  BlockActivation activation = BlockActivation::none;
  std::uint32_t input_bits = 0;
  std::uint32_t weight_bits = 0;
  std::uint32_t output_bits = 0;
  std::uint32_t attention_bits = 0;
};

/// Where a candidate's layers come from.
enum class BlockPart : std::uint8_t { other, transform, aggregation, activation };
struct GraphLayerOrigin {
  std::size_t block = 0;
  BlockPart part = BlockPart::other;
};

struct GraphCandidate {
  NumberedNetwork numbered;  ///< weights are zeros
  std::vector<GraphLayerOrigin> origins;
};

/// A component whose bits are decided: how many numbers it has.
struct GraphComponent {
  std::size_t decision = 0;
  double numbers = 0.0;
};

/// Bits of a candidate's weights, and products of them times bits of both.
struct CountedGraphCost {
  double size_bits = 0.0;       ///< weights, 32 for each bias and each scale of ternary rows
  double bit_operations = 0.0;  ///< coefficients of aggregations have 16 bits
};

/// The networks among which a search chooses: `blocks` blocks of a transform, an aggregation and an
/// activation. The last one has the classes as channels and no activation; it, and every block behind the
/// second, chooses which earlier blocks it takes.
class GraphSpace {
 public:
  GraphSpace(const GraphSearchConfig& config, const GraphTrainingInput& input);

  const std::vector<GraphDecision>& decisions() const { return decisions_; }
  /// The decision about a block, if there is one.
  std::optional<std::size_t> decision(std::size_t block, BlockDecision what) const;
  std::vector<GraphBlock> blocks(const GraphChoice& choice) const;
  /// Of each decision, whether the candidate depends on it.
  std::vector<bool> active(const GraphChoice& choice) const;
  /// The choice with the first option in every other decision: the same for choices of the same candidate.
  GraphChoice essential(const GraphChoice& choice) const;
  GraphCandidate candidate(const GraphChoice& choice) const;
  /// Weights and buffers whose bits are decided. Features count where they are not 0.
  std::vector<GraphComponent> components(const GraphChoice& choice) const;
  CountedGraphCost counted(const GraphChoice& choice) const;
  /// "1: 16 gat sum x2 elu w4 i8 o8 a4; 2: ..." for people and tables.
  std::string text(const GraphChoice& choice) const;
  std::uint32_t bits_of(std::size_t decision, std::size_t option) const;
  std::uint32_t largest_width() const;
  std::size_t block_count() const { return config_.blocks; }
  std::uint32_t features() const { return features_.channels; }
  std::uint32_t classes() const { return classes_; }

 private:
  std::uint32_t inputs_of(const std::vector<GraphBlock>& blocks, const GraphBlock& block) const;

  const GraphSearchConfig& config_;
  std::vector<GraphDecision> decisions_;
  TensorShape features_;
  double feature_nonzeros_ = 0.0;
  std::uint32_t classes_ = 0;
  std::optional<GraphSource> source_;
  std::shared_ptr<const Graph> graph_;
};

}  // namespace lacuna
