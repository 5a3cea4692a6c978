#include "sim/graph_training/graph_space.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "sim/network/aggregation.h"

namespace lacuna {
namespace {

constexpr std::array<const char*, activation_options> activation_names = {
    "none", "relu", "relu6", "sigmoid", "tanh", "leaky_relu", "elu", "softplus"};

/// Slope of the leaky rectifier and size of elu's lower end, as network files have them by default.
constexpr double leaky_slope = 0.01;

ElementFunction function_of(BlockActivation activation) {
  switch (activation) {
    case BlockActivation::sigmoid:
      return ElementFunction::sigmoid;
    case BlockActivation::tanh:
      return ElementFunction::tanh;
    case BlockActivation::leaky_relu:
      return ElementFunction::leaky_relu;
    case BlockActivation::elu:
      return ElementFunction::elu;
    default:
      return ElementFunction::softplus;
  }
}

/// Layers one behind the other, with what a search knows of each.
class CandidateBuilder {
 public:
  explicit CandidateBuilder(NetworkLayer input) { add(std::move(input), {}, {}); }

  std::size_t add(NetworkLayer layer, const GraphLayerNumbers& numbers, const GraphLayerOrigin& origin) {
    candidate_.numbered.network.layers.push_back(std::move(layer));
    candidate_.numbered.numbers.push_back(numbers);
    candidate_.origins.push_back(origin);
    return candidate_.origins.size() - 1;
  }
  std::size_t add_rounding(std::size_t position, const std::string& name, std::uint32_t bits) {
    return add(rounding_layer(network(), position, name), {{}, bits}, {});
  }
  Network& network() { return candidate_.numbered.network; }
  std::uint32_t channels(std::size_t position) { return network().layers[position].shape.channels; }
  GraphCandidate take() { return std::move(candidate_); }

 private:
  GraphCandidate candidate_;
};

LayerWeightsPointer zeros(std::size_t values, std::size_t biases) {
  LayerWeights weights;
  weights.values.assign(values, 0.0F);
  weights.bias.assign(biases, 0.0F);
  return std::make_shared<const LayerWeights>(std::move(weights));
}

}  // namespace

GraphSpace::GraphSpace(const GraphSearchConfig& config, const GraphTrainingInput& input)
    : config_(config),
      features_(input.network.layers.front().shape),
      classes_(input.network.layers.back().shape.channels),
      source_(input.network.graph) {
  feature_nonzeros_ = static_cast<double>(std::count_if(
      input.features.values.begin(), input.features.values.end(), [](float x) { return x != 0.0F; }));
  for (const NetworkLayer& layer : input.network.layers) {
    graph_ = layer.graph != nullptr ? layer.graph : graph_;
  }
  for (std::size_t b = 0; b < config.blocks; ++b) {
    const bool last = b + 1 == config.blocks;
    if (b >= 2) {
      decisions_.push_back({b, BlockDecision::sources, (std::size_t{1} << b) - 1});
    }
    if (!last) {
      decisions_.push_back({b, BlockDecision::width, config.widths.size()});
    }
    decisions_.push_back({b, BlockDecision::attention, attention_options});
    decisions_.push_back({b, BlockDecision::reduction, reduction_names.size()});
    if (!last) {
      decisions_.push_back({b, BlockDecision::heads, config.heads.size()});
      decisions_.push_back({b, BlockDecision::activation, activation_options});
    }
    decisions_.push_back({b, BlockDecision::input_bits, config.activation_bits.size()});
    decisions_.push_back({b, BlockDecision::weight_bits, config.weight_bits.size()});
    decisions_.push_back({b, BlockDecision::output_bits, config.activation_bits.size()});
    decisions_.push_back({b, BlockDecision::attention_bits, config.weight_bits.size()});
  }
}

std::optional<std::size_t> GraphSpace::decision(std::size_t block, BlockDecision what) const {
  for (std::size_t d = 0; d < decisions_.size(); ++d) {
    if (decisions_[d].block == block && decisions_[d].what == what) {
      return d;
    }
  }
  return std::nullopt;
}

std::uint32_t GraphSpace::bits_of(std::size_t decision, std::size_t option) const {
  const BlockDecision what = decisions_[decision].what;
  return what == BlockDecision::weight_bits || what == BlockDecision::attention_bits
             ? config_.weight_bits[option]
             : config_.activation_bits[option];
}

std::uint32_t GraphSpace::largest_width() const {
  return *std::max_element(config_.widths.begin(), config_.widths.end());
}

std::vector<GraphBlock> GraphSpace::blocks(const GraphChoice& choice) const {
  std::vector<GraphBlock> blocks(config_.blocks);
  blocks.back().width = classes_;
  for (std::size_t d = 0; d < decisions_.size(); ++d) {
    const GraphDecision& decision = decisions_[d];
    GraphBlock& block = blocks[decision.block];
    const std::size_t option = choice[d];
    switch (decision.what) {
      case BlockDecision::sources:
        for (std::size_t source = 0; source < decision.block; ++source) {
          if (((option + 1) >> source & 1U) != 0) {
            block.sources.push_back(source);
          }
        }
        break;
      case BlockDecision::width:
        block.width = config_.widths[option];
        break;
      case BlockDecision::attention:
        block.attention =
            option == 0 ? std::nullopt : std::optional<AttentionKind>(static_cast<AttentionKind>(option - 1));
        break;
      case BlockDecision::reduction:
        block.reduction = static_cast<Reduction>(option);
        break;
      case BlockDecision::heads:
        block.heads = config_.heads[option];
        break;
      case BlockDecision::activation:
        block.activation = static_cast<BlockActivation>(option);
        break;
      case BlockDecision::input_bits:
        block.input_bits = bits_of(d, option);
        break;
      case BlockDecision::weight_bits:
        block.weight_bits = bits_of(d, option);
        break;
      case BlockDecision::output_bits:
        block.output_bits = bits_of(d, option);
        break;
      case BlockDecision::attention_bits:
        block.attention_bits = bits_of(d, option);
        break;
    }
  }
  blocks[1].sources = {0};
  for (GraphBlock& block : blocks) {
    if (!block.attention || !depends_on_features(*block.attention)) {
      block.heads = 1;
    }
  }
  blocks.back().used = true;
  for (std::size_t b = blocks.size(); b-- > 0;) {
    for (const std::size_t source : blocks[b].sources) {
      blocks[source].used = blocks[source].used || blocks[b].used;
    }
  }
  return blocks;
}

std::vector<bool> GraphSpace::active(const GraphChoice& choice) const {
  const std::vector<GraphBlock> all = blocks(choice);
  std::vector<bool> result;
  for (const GraphDecision& decision : decisions_) {
    const GraphBlock& block = all[decision.block];
    const bool by_features = block.attention && depends_on_features(*block.attention);
    bool looked_at = block.used;
    if (decision.what == BlockDecision::heads || decision.what == BlockDecision::attention_bits) {
      looked_at = looked_at && by_features;
    } else if (decision.what == BlockDecision::reduction || decision.what == BlockDecision::output_bits) {
      looked_at = looked_at && block.attention.has_value();
    }
    result.push_back(looked_at && decision.options > 1);
  }
  return result;
}

GraphChoice GraphSpace::essential(const GraphChoice& choice) const {
  const std::vector<bool> looked_at = active(choice);
  GraphChoice result = choice;
  for (std::size_t d = 0; d < result.size(); ++d) {
    result[d] = looked_at[d] ? result[d] : 0;
  }
  return result;
}

std::uint32_t GraphSpace::inputs_of(const std::vector<GraphBlock>& blocks, const GraphBlock& block) const {
  std::uint32_t inputs = block.sources.empty() ? features_.channels : 0;
  for (const std::size_t source : block.sources) {
    inputs += blocks[source].width;
  }
  return inputs;
}

GraphCandidate GraphSpace::candidate(const GraphChoice& choice) const {
  NetworkLayer input;
  input.name = "in";
  input.shape = features_;
  CandidateBuilder builder(std::move(input));
  builder.network().name = "found";
  const std::vector<GraphBlock> all = blocks(choice);
  std::vector<std::size_t> end(all.size(), 0);
  bool aggregates = false;
  for (std::size_t b = 0; b < all.size(); ++b) {
    const GraphBlock& block = all[b];
    if (!block.used) {
      continue;
    }
    std::size_t x = block.sources.empty() ? 0 : end[block.sources.front()];
    if (block.sources.size() > 1) {
      NetworkLayer layer;
      layer.name = fmt::format("join{}", b + 1);
      layer.kind = LayerKind::concat;
      for (const std::size_t source : block.sources) {
        layer.inputs.push_back(end[source]);
      }
      layer.shape = {features_.height, features_.width, inputs_of(all, block)};
      x = builder.add(std::move(layer), {}, {});
    }
    x = builder.add_rounding(x, fmt::format("input{}", b + 1), block.input_bits);
    NetworkLayer transform;
    transform.name = fmt::format("transform{}", b + 1);
    transform.kind = LayerKind::convolution;
    transform.inputs = {x};
    transform.shape = {features_.height, features_.width, block.width};
    transform.weights =
        zeros(std::size_t{block.width} * builder.channels(x), block.attention ? 0 : block.width);
    x = builder.add(std::move(transform), {block.weight_bits, {}}, {b, BlockPart::transform});
    if (block.attention) {
      aggregates = true;
      x = builder.add_rounding(x, fmt::format("output{}", b + 1), block.output_bits);
      NetworkLayer layer;
      layer.name = fmt::format("aggregate{}", b + 1);
      layer.kind = LayerKind::aggregation;
      layer.inputs = {x};
      layer.shape = {features_.height, features_.width, block.width};
      layer.aggregation.attention = *block.attention;
      layer.aggregation.reduction = block.reduction;
      layer.aggregation.heads = block.heads;
      layer.graph = graph_;
      layer.weights = zeros(attention_rows(*block.attention) * block.width, block.width);
      x = builder.add(std::move(layer), {block.attention_bits, {}}, {b, BlockPart::aggregation});
    }
    if (block.activation == BlockActivation::relu || block.activation == BlockActivation::relu6) {
      builder.network().layers[x].activation =
          block.activation == BlockActivation::relu ? Activation::relu : Activation::relu6;
    } else if (block.activation != BlockActivation::none) {
      NetworkLayer layer;
      layer.name = fmt::format("activation{}", b + 1);
      layer.kind = LayerKind::elementwise;
      layer.inputs = {x};
      layer.shape = builder.network().layers[x].shape;
      layer.element.function = function_of(block.activation);
      layer.element.alpha = block.activation == BlockActivation::leaky_relu ? leaky_slope : 1.0;
      x = builder.add(std::move(layer), {}, {b, BlockPart::activation});
    }
    end[b] = x;
  }
  if (aggregates) {
    builder.network().graph = source_;
  }
  infer_shapes(builder.network());
  return builder.take();
}

std::vector<GraphComponent> GraphSpace::components(const GraphChoice& choice) const {
  const std::vector<GraphBlock> all = blocks(choice);
  const double nodes = features_.height;
  std::vector<GraphComponent> result;
  for (std::size_t b = 0; b < all.size(); ++b) {
    const GraphBlock& block = all[b];
    if (!block.used) {
      continue;
    }
    const double inputs = inputs_of(all, block);
    result.push_back({*decision(b, BlockDecision::input_bits),
                      block.sources.empty() ? feature_nonzeros_ : nodes * inputs});
    result.push_back({*decision(b, BlockDecision::weight_bits), inputs * block.width});
    if (block.attention) {
      result.push_back({*decision(b, BlockDecision::output_bits), nodes * block.width});
      const auto rows = static_cast<double>(attention_rows(*block.attention));
      if (rows > 0) {
        result.push_back({*decision(b, BlockDecision::attention_bits), rows * block.width});
      }
    }
  }
  return result;
}

CountedGraphCost GraphSpace::counted(const GraphChoice& choice) const {
  constexpr double real_bits = 32.0;
  constexpr double coefficient_bits = 16.0;
  const std::vector<GraphBlock> all = blocks(choice);
  const double nodes = features_.height;
  CountedGraphCost cost;
  const auto add_weights = [&](double rows, double columns, std::uint32_t bits) {
    cost.size_bits += rows * columns * bits + (bits == ternary_bits ? rows * real_bits : 0.0);
  };
  for (const GraphBlock& block : all) {
    if (!block.used) {
      continue;
    }
    const double inputs = inputs_of(all, block);
    add_weights(block.width, inputs, block.weight_bits);
    cost.size_bits += block.width * real_bits;
    cost.bit_operations += nodes * inputs * block.width * block.weight_bits * block.input_bits;
    if (block.attention) {
      const auto rows = static_cast<double>(attention_rows(*block.attention));
      add_weights(rows, block.width, block.attention_bits);
      cost.bit_operations +=
          static_cast<double>(graph_->entries()) * block.width * coefficient_bits * block.output_bits +
          nodes * rows * block.width * block.attention_bits * block.output_bits;
    }
  }
  return cost;
}

std::string GraphSpace::text(const GraphChoice& choice) const {
  const std::vector<GraphBlock> all = blocks(choice);
  std::string text;
  for (std::size_t b = 0; b < all.size(); ++b) {
    const GraphBlock& block = all[b];
    if (!block.used) {
      continue;
    }
    text += fmt::format("{}{}:", text.empty() ? "" : "; ", b + 1);
    for (const std::size_t source : block.sources) {
      text += b >= 2 ? fmt::format(" from{}", source + 1) : "";
    }
    text += fmt::format(" {} {}", block.width, block.attention ? attention_name(*block.attention) : "none");
    text += block.attention ? std::string(" ") + reduction_name(block.reduction) : "";
    text += block.heads > 1 ? fmt::format(" x{}", block.heads) : "";
    text += block.activation == BlockActivation::none
                ? ""
                : std::string(" ") + activation_names[static_cast<std::size_t>(block.activation)];
    text += fmt::format(" i{} w{}", block.input_bits, block.weight_bits);
    text += block.attention ? fmt::format(" o{}", block.output_bits) : "";
    text += block.attention && attention_rows(*block.attention) > 0
                ? fmt::format(" a{}", block.attention_bits)
                : "";
  }
  return text;
}

}  // namespace lacuna
