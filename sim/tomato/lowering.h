#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/tomato/pipeline.h"
#include "sim/network/network.h"
#include "sim/tomato/balance.h"
#include "sim/tomato/layer_hardware.h"

namespace lacuna::tomato {

/// What a network's layers are lowered with.
struct LoweringOptions {
  bool with_values = true;  ///< weights must be loaded
  LargestValues largest;    ///< empty without values
  std::uint64_t seed = 1;
  std::uint32_t fifo_depth = 2;  ///< where the configuration states none
};

/// An output of a unit that something may take.
struct Tail {
  std::size_t unit = 0;
  std::uint32_t output = 0;
};

/// Where a layer's results leave it.
struct LayerResults {
  Tail tail;
  NumberFormat format;
  TensorShape map;  ///< as the stream carries it
  FlattenOrder order = FlattenOrder::hwc;
};

/// A network as a pipeline of units, not yet unrolled (all factors 1, or as stated).
struct LoweredNetwork {
  Pipeline pipeline;
  std::vector<FixedUnroll> fixed;     ///< as in Pipeline::units
  std::vector<double> weight_errors;  ///< mean squared error of each layer's weights, as in Network::layers
  std::vector<QuantisationTally> weights;            ///< what became of each layer's weights, likewise
  std::vector<std::optional<LayerResults>> results;  ///< of each layer; nothing for a softmax, the host's
};

/// Lowers a network: each layer becomes the units that do its work, each unit named after the layer it serves
/// (docs/tomato.md, From a network to a pipeline). Throws ConfigurationError at a layer's place for what the
/// machine cannot do: recurrent cells, padding that does not count in averages.
LoweredNetwork lower(const Network& network, const std::vector<LayerHardware>& hardware,
                     const LoweringOptions& options);

/// What a requantisation is to compute for channel c, in mantissas: value * factor[c] + summand[c]. One
/// element for all channels or one for each.
struct Affine {
  std::vector<double> factor{1.0};
  std::vector<double> summand{0.0};
};

/// 16-bit integers for it: the largest shift at which every factor and summand fits (contract, section 6).
/// Rectifier and rounding are left as they are by default. Throws ConfigurationError at `place` for factors
/// that no shift brings into 16 bits.
Requantisation fold(const Affine& affine, const NumberFormat& format, const ErrorPlace& place);

/// Largest mantissa that `limit` (6 for ReLU6) allows in a format: the nearest one, 0 where the unit is
/// coarse. Nothing when the format ends before the limit.
std::optional<std::int64_t> rectifier_maximum(const NumberFormat& format, double limit);

/// Puts a pipeline together.
class PipelineBuilder {
 public:
  explicit PipelineBuilder(std::string name) { pipeline_.name = std::move(name); }

  /// Adds a unit that serves `layer`; its name is the layer's, with `suffix` behind a dot unless that is
  /// empty.
  std::size_t add(UnitKind kind, const std::string& layer, const std::string& suffix,
                  const FixedUnroll& fixed = {});
  Unit& unit(std::size_t position) { return pipeline_.units[position]; }

  void connect(const Tail& from, std::size_t to, std::uint32_t input, std::uint32_t depth);

  /// `count` outputs in place of one, through a fork if it needs one.
  std::vector<Tail> split(const Tail& tail, std::size_t count, const std::string& layer,
                          const std::string& suffix, std::uint32_t depth);

  Pipeline take_pipeline() { return std::move(pipeline_); }
  std::vector<FixedUnroll> take_fixed() { return std::move(fixed_); }

 private:
  Pipeline pipeline_;
  std::vector<FixedUnroll> fixed_;
};

/// A layer's output while the pipeline is put together.
struct LayerEnd {
  std::vector<Tail> tails;  ///< one for each consumer that has not come yet
  NumberFormat format;
  TensorShape map;  ///< before a flatten: what the stream carries
  FlattenOrder order = FlattenOrder::hwc;
  std::optional<Tail> gate;  ///< of its channels, for one consumer
};

/// A scale, offset and rectifier behind a unit: value * factor + summand for each channel, in real numbers.
struct Rescaling {
  std::vector<double> factor{1.0};
  std::vector<double> summand{0.0};
  Activation activation = Activation::none;
};

/// The state of lowering a network layer by layer, with what the layers of all kinds need. Layers are named
/// by their positions in Network::layers. Keeps references.
class Lowering {
 public:
  Lowering(const Network& network, const std::vector<LayerHardware>& hardware,
           const LoweringOptions& options);

  const Network& network() const { return network_; }
  const NetworkLayer& layer(std::size_t position) const { return network_.layers[position]; }
  const LayerHardware& hardware(std::size_t position) const { return hardware_[position]; }
  const LoweringOptions& options() const { return options_; }
  PipelineBuilder& builder() { return builder_; }
  /// Throws ConfigurationError at the layer's place.
  [[noreturn]] void refuse(std::size_t position, const std::string& wrong, const std::string& allowed) const;

  std::uint32_t fifo_depth(std::size_t position) const;
  /// Format of a layer's results: as stated, or chosen by the largest of them.
  NumberFormat output_format(std::size_t position) const;
  /// The same, of results that are values of the unit exponent `exponent` times at most `factor`: never so
  /// fine that a requantisation would have to multiply by more than its 16 bits.
  NumberFormat output_format(std::size_t position, int exponent, double factor) const;
  static NumberFormat coarse_enough(NumberFormat format, int exponent, double factor);

  /// The output of the layer that is input `number` of a layer.
  const LayerEnd& input_end(std::size_t position, std::size_t number = 0) const {
    return ends_[layer(position).inputs[number]];
  }
  /// The next copy of it that nothing has taken yet.
  Tail take_input(std::size_t position, std::size_t number = 0);
  /// The gate of the first input's channels, if it has one that nothing has taken yet.
  std::optional<Tail> take_input_gate(std::size_t position);
  /// The same, left there.
  std::optional<Tail> input_gate(std::size_t position) const { return input_end(position).gate; }
  void set_gate(std::size_t position, const std::optional<Tail>& gate) { ends_[position].gate = gate; }

  /// A unit behind another, with a FIFO of the default depth between them.
  Tail behind(const Tail& from, std::size_t unit);
  Tail add_window(std::size_t position, const Tail& from, Padding padding);
  /// A requantisation of values with the unit exponent `exponent`; the unit's name ends with `suffix`.
  Tail requantised(std::size_t position, const Tail& from, int exponent, const Rescaling& rescaling,
                   const NumberFormat& format, const std::string& suffix = "requantise");

  /// The layer's results leave `tail`: a fork for several consumers, a sink for none.
  void finish(std::size_t position, const Tail& tail, const NumberFormat& format, const TensorShape& map,
              FlattenOrder order = FlattenOrder::hwc);
  /// The same behind a requantisation to the layer's own format, which is that of a `quantise` layer where
  /// one alone takes the results.
  void finish_requantised(std::size_t position, const Tail& tail, int exponent, const Rescaling& rescaling);

  /// Whether an input is a string of a map's values (flatten) that the stream still carries pixel by pixel.
  bool is_string(std::size_t position, std::size_t number = 0) const {
    return input_end(position, number).map.pixels() != layer(layer(position).inputs[number]).shape.pixels();
  }
  /// The layer's results, which have left it, are such a string if its first input is one, in the same order.
  void stay_string(std::size_t position);

  /// Whether the layer's results left it in the format of the quantise layer behind it.
  bool is_quantised(std::size_t position) const { return is_quantised_[position]; }

  void set_weight_error(std::size_t position, const QuantisedWeights& weights) {
    lowered_.weight_errors[position] = weights.mean_squared_error;
    lowered_.weights[position] = weights.tally;
  }
  LoweredNetwork take_result();

 private:
  std::size_t consumer_count(std::size_t position) const;

  const Network& network_;
  const std::vector<LayerHardware>& hardware_;
  const LoweringOptions& options_;
  PipelineBuilder builder_;
  std::vector<LayerEnd> ends_;
  std::vector<bool> is_quantised_;
  LoweredNetwork lowered_;
};

// One layer each, in the order in which they are lowered.

/// Convolutions and fully connected layers, with their channel pruning.
void lower_weighted(Lowering& lowering, std::size_t position);
/// Max and average pooling.
void lower_pooling(Lowering& lowering, std::size_t position);
void lower_global_pooling(Lowering& lowering, std::size_t position);
/// Rectifiers and batch normalisations that nothing could be folded into.
void lower_elementwise(Lowering& lowering, std::size_t position);
/// Adds and concatenations.
void lower_join(Lowering& lowering, std::size_t position);

/// A layer whose output channels are chosen anew for each frame.
struct PruningRequest {
  const NetworkLayer* layer = nullptr;
  const std::vector<float>* weights = nullptr;  ///< the layer's, [output][position][channel]
  TensorShape input;
  NumberFormat input_format;
  double keep_ratio = 1.0;        ///< of a layer without gates of its own
  double largest_saliency = 0.0;  ///< of one with them
  bool next_takes_gate = true;
  bool with_values = true;
  std::uint32_t fifo_depth = 2;
  ErrorPlace place;
};

/// Where the layer's data goes on, and its gates.
struct PruningGate {
  Tail data;
  Tail engine;
  std::optional<Tail> boost;     ///< of a layer with gates of its own
  NumberFormat saliency_format;  ///< the same
  std::optional<Tail> next;      ///< for the input channels of the next layer
};

/// Adds the predictor of feature boosting and suppression (Gao et al., ICLR 2019): the mean of each input
/// channel, a small fully connected layer, a rectifier, and the k largest. Of a layer with gates of its own
/// the predictor is the trained one, in 8 bits, and its saliencies, in 16, boost the kept channels. Of others
/// it is not trained (docs/tomato.md): its weights are the layer's own, summed over the kernel, so that it
/// predicts each output channel's mean, and kept channels pass unchanged. Closed channels are zeros to the
/// next layer, which does not read them.
PruningGate add_channel_pruning(PipelineBuilder& builder, const Tail& input, const PruningRequest& request);

}  // namespace lacuna::tomato
