#include "sim/search/run/channel_removal.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "sim/search/block_operations.h"
#include "sim/search/filter_saliency.h"
#include "sim/training/train.h"

namespace lacuna {

void remove_channel(std::size_t channel, TrainedLayer& first, TrainedLayer& second) {
  const auto erase = [](auto& values, std::size_t from, std::size_t count) {
    values.erase(values.begin() + static_cast<std::ptrdiff_t>(from),
                 values.begin() + static_cast<std::ptrdiff_t>(from + count));
  };
  const std::size_t outputs = first.shape.front();
  const std::size_t size = first.weights.size() / outputs;
  erase(first.weights, channel * size, size);
  erase(first.bias, channel, 1);
  if (first.norm) {
    erase(first.norm->mean, channel, 1);
    erase(first.norm->variance, channel, 1);
  }
  --first.shape.front();
  std::vector<float> kept;
  for (std::size_t i = 0; i < second.weights.size(); ++i) {
    if (i % outputs != channel) {
      kept.push_back(second.weights[i]);
    }
  }
  second.weights = std::move(kept);
  --second.shape[1];
  reset_velocities(first);
  reset_velocities(second);
}

std::vector<BlockType> narrow_types(const std::vector<std::uint32_t>& inner) {
  std::vector<BlockType> types;
  types.reserve(inner.size());
  for (const std::uint32_t channels : inner) {
    types.push_back(operation_type(fmt::format("narrow({})", channels)));
  }
  return types;
}

namespace {

class Removal {
 public:
  Removal(const Search& search, const SkeletonsConfig& config, const CandidatePoints& points,
          const std::function<bool()>& stop)
      : search_(search), config_(config), points_(points) {
    hooks_.progress = [](const TrainingProgress&) {};
    hooks_.stop = stop;
    hooks_.save = [](const TrainingState&) {};
    for (const BlockPlace& place : block_places(search.skeleton)) {
      inner_.push_back(place.outputs);
    }
  }

  std::vector<NarrowedNetwork> run(const std::vector<double>& shares) {
    build();
    layers_ = normalised_layers(points_.first_network(narrow_types(inner_)));
    const std::uint32_t all = std::accumulate(inner_.begin(), inner_.end(), 0U);
    std::vector<NarrowedNetwork> found;
    if (!learn(search_.config.training->steps, layers_)) {
      return {};
    }
    for (const double share : shares) {
      if (!narrow_to(static_cast<std::uint32_t>(share * all))) {
        return {};
      }
      std::vector<TrainedLayer> tuned = layers_;
      if (!learn(config_.tune, tuned)) {
        return {};
      }
      found.push_back({inner_, points_.measure_trained(blocks_.network, tuned, last_)});
    }
    return found;
  }

 private:
  void build() { blocks_ = block_network(search_.skeleton, narrow_types(inner_)); }

  bool learn(const std::vector<StepConfig>& steps, std::vector<TrainedLayer>& layers) {
    if (steps.empty()) {
      return true;
    }
    TrainingConfig config = points_.config();
    config.phases.clear();
    PhaseConfig& phase = config.phases.emplace_back();
    phase.name = "narrowed";
    phase.steps = steps;
    const std::unique_ptr<ScoredNetwork> torch = points_.scored(blocks_.network);
    TrainingState state;
    state.layers = layers;
    if (!train(config, points_.data(), *torch, state, hooks_)) {
      return false;
    }
    layers = std::move(state.layers);
    last_ = state.outcomes.back().test;
    return true;
  }

  /// Of each place's first convolution and its channels.
  ChannelSaliencies saliencies() {
    ChannelSaliencies sums;
    if (config_.saliency != ChannelSaliency::fisher) {
      for (const std::vector<std::size_t>& here : blocks_.convolutions) {
        const TrainedLayer& layer = layer_at(here.front());
        sums.push_back(filter_saliencies(
            layer.weights, layer.shape.front(),
            config_.saliency == ChannelSaliency::l1 ? FilterNorm::absolute : FilterNorm::signed_sum));
      }
      return sums;
    }
    std::vector<std::size_t> probes;
    for (const std::vector<std::size_t>& here : blocks_.convolutions) {
      probes.push_back(here.front());
    }
    const std::unique_ptr<ScoredNetwork> torch = points_.scored(blocks_.network);
    const std::size_t images = points_.data().size(DataPart::training);
    const std::size_t batch = std::min<std::size_t>(points_.config().batch, images);
    for (std::size_t first = 0; first + batch <= images; first += batch) {
      const ChannelSaliencies found =
          torch->channel_fisher(layers_, points_.data().batch(DataPart::training, first, batch), probes);
      sums.resize(found.size());
      for (std::size_t place = 0; place < found.size(); ++place) {
        sums[place].resize(found[place].size());
        std::transform(found[place].begin(), found[place].end(), sums[place].begin(), sums[place].begin(),
                       std::plus<>());
      }
    }
    return sums;
  }

  TrainedLayer& layer_at(std::size_t position) {
    return *std::find_if(layers_.begin(), layers_.end(),
                         [position](const TrainedLayer& layer) { return layer.position == position; });
  }

  bool narrow_to(std::uint32_t channels) {
    const auto left = [&] { return std::accumulate(inner_.begin(), inner_.end(), 0U); };
    const std::uint32_t least = std::max(channels, static_cast<std::uint32_t>(inner_.size()));
    while (left() > least) {
      std::vector<LayerChannel> order = removal_order(saliencies());
      order.resize(std::min<std::size_t>({order.size(), config_.removed_at_once, left() - least}));
      // From the last channel of a layer on, so that the numbers of the others stay.
      std::sort(order.begin(), order.end(),
                [](const LayerChannel& a, const LayerChannel& b) { return a.channel > b.channel; });
      for (const LayerChannel& each : order) {
        remove_channel(each.channel, layer_at(blocks_.convolutions[each.layer][0]),
                       layer_at(blocks_.convolutions[each.layer][1]));
        --inner_[each.layer];
      }
      build();
      if (!learn(config_.between, layers_)) {
        return false;
      }
    }
    return true;
  }

  const Search& search_;
  const SkeletonsConfig& config_;
  const CandidatePoints& points_;
  TrainingHooks hooks_;
  std::vector<std::uint32_t> inner_;
  BlockNetwork blocks_;
  std::vector<TrainedLayer> layers_;
  Evaluation last_;
};

}  // namespace

std::vector<NarrowedNetwork> remove_channels(const Search& search, const SkeletonsConfig& config,
                                             const std::vector<double>& shares, const CandidatePoints& points,
                                             const std::function<bool()>& stop) {
  return Removal(search, config, points, stop).run(shares);
}

}  // namespace lacuna
