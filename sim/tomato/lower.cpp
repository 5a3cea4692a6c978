#include "sim/tomato/lower.h"

#include "sim/tomato/lowering.h"

namespace lacuna::tomato {
namespace {

void lower_input(Lowering& lowering, std::size_t position) {
  const NetworkLayer& layer = lowering.layer(position);
  const std::size_t source = lowering.builder().add(UnitKind::source, layer.name, "");
  Unit& unit = lowering.builder().unit(source);
  unit.map = {layer.shape.height, layer.shape.width, layer.shape.channels};
  unit.format = lowering.output_format(position);
  const NumberFormat format = unit.format;
  lowering.finish(position, {source, 0}, format, layer.shape);
}

void lower_flatten(Lowering& lowering, std::size_t position) {
  const LayerEnd& in = lowering.input_end(position);
  const std::optional<Tail> gate = lowering.input_gate(position);
  lowering.finish(position, lowering.take_input(position), in.format, in.map, lowering.layer(position).order);
  lowering.set_gate(position, gate);
}

void lower_softmax(const Lowering& lowering, std::size_t position) {
  if (!lowering.network().consumers(position).empty()) {
    lowering.refuse(position, "softmax is the host's work", "as the last layer");
  }
}

void lower_layer(Lowering& lowering, std::size_t position) {
  switch (lowering.layer(position).kind) {
    case LayerKind::input:
      return lower_input(lowering, position);
    case LayerKind::convolution:
    case LayerKind::fully_connected:
      return lower_weighted(lowering, position);
    case LayerKind::max_pooling:
    case LayerKind::average_pooling:
      return lower_pooling(lowering, position);
    case LayerKind::global_average_pooling:
      return lower_global_pooling(lowering, position);
    case LayerKind::relu:
    case LayerKind::relu6:
    case LayerKind::batch_normalization:
      return lower_elementwise(lowering, position);
    case LayerKind::add:
    case LayerKind::concat:
      return lower_join(lowering, position);
    case LayerKind::flatten:
      return lower_flatten(lowering, position);
    case LayerKind::softmax:
      return lower_softmax(lowering, position);
    case LayerKind::lstm:
      lowering.refuse(position, "the streaming machine has no LSTM", "convolutional networks");
  }
}

}  // namespace

LoweredNetwork lower(const Network& network, const std::vector<LayerHardware>& hardware,
                     const LoweringOptions& options) {
  Lowering lowering(network, hardware, options);
  for (std::size_t position = 0; position < network.layers.size(); ++position) {
    lower_layer(lowering, position);
  }
  return lowering.take_result();
}

}  // namespace lacuna::tomato
