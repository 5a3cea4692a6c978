#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/tomato/lower.h"
#include "sim/tomato/pipeline_builder.h"

namespace lacuna::tomato {

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
  /// The same behind a requantisation to the layer's own format.
  void finish_requantised(std::size_t position, const Tail& tail, int exponent, const Rescaling& rescaling);

  void set_weight_error(std::size_t position, double mean_squared_error) {
    lowered_.weight_errors[position] = mean_squared_error;
  }
  LoweredNetwork take_result();

 private:
  std::size_t consumer_count(std::size_t position) const;

  const Network& network_;
  const std::vector<LayerHardware>& hardware_;
  const LoweringOptions& options_;
  PipelineBuilder builder_;
  std::vector<LayerEnd> ends_;
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

}  // namespace lacuna::tomato
