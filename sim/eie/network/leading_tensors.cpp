#include "sim/eie/network/leading_tensors.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "models/common/same_bits.h"
#include "sim/eie/network/host_layers.h"

namespace lacuna {
namespace {

bool same(const ElementParameters& a, const ElementParameters& b) {
  return a.function == b.function && a.alpha == b.alpha && a.beta == b.beta && a.lower == b.lower &&
         a.upper == b.upper && a.step == b.step && a.zero_point == b.zero_point;
}

/// The roundings behind the input, each of the layer before it.
std::vector<ElementParameters> leading_roundings(const Network& network) {
  std::vector<ElementParameters> roundings;
  for (std::size_t i = 1; i < network.layers.size(); ++i) {
    const NetworkLayer& layer = network.layers[i];
    if (layer.kind != LayerKind::elementwise || layer.element.function != ElementFunction::quantise ||
        layer.inputs != std::vector<std::size_t>{i - 1} || layer.activation != Activation::none ||
        layer.gates) {
      break;
    }
    roundings.push_back(layer.element);
  }
  return roundings;
}

}  // namespace

void LeadingTensors::keep_real(std::vector<Tensor>& outputs, const std::vector<double>& magnitudes) {
  const auto count = static_cast<std::ptrdiff_t>(layers());
  real.assign(std::make_move_iterator(outputs.begin()), std::make_move_iterator(outputs.begin() + count));
  largest.assign(magnitudes.begin(), magnitudes.begin() + count);
}

void LeadingTensors::round_last(const Tensor& last, const FixedFormat& format) {
  if (last_rounded.values.empty() || !(last_format == format)) {
    last_rounded = quantised(last, format);
    last_tally = {};
    add_tensor(last, format, last_tally);
    last_format = format;
  }
}

void add_tensor(const Tensor& tensor, const FixedFormat& format, QuantisationTally& tally) {
  for (const float value : tensor.values) {
    if (value != 0.0F) {  // zeros, most of a graph's features, count nowhere
      tally.add(static_cast<double>(value), format);
    }
  }
}

LeadingTensors LeadingTensorsStore::take(const Network& network, const Tensor& input) {
  LeadingTensors taken;
  taken.roundings = leading_roundings(network);
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const LeadingTensors& each) {
    return std::equal(each.roundings.begin(), each.roundings.end(), taken.roundings.begin(),
                      taken.roundings.end(), same) &&
           each.real.front().shape == input.shape && same_bits(each.real.front().values, input.values);
  });
  if (found != kept_.end()) {
    taken = std::move(*found);
    kept_.erase(found);
  }
  return taken;
}

void LeadingTensorsStore::give(LeadingTensors tensors) {
  const std::lock_guard<std::mutex> lock(mutex_);
  kept_.push_front(std::move(tensors));
  if (kept_.size() > most_kept) {
    kept_.pop_back();
  }
}

}  // namespace lacuna
