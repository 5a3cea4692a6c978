#include "sim/training/cost_cut.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <optional>
#include <utility>

#include "sim/cost/window_inputs.h"
#include "sim/network/reference.h"
#include "sim/training/dead_neurons.h"
#include "sim/training/rounded_activations.h"

namespace lacuna {
namespace {

constexpr std::array<const char*, 4> form_names = {"elements", "columns", "rows", "balanced"};

/// Weights that go together, and their saliency.
struct Group {
  std::vector<std::uint32_t> weights;
  double saliency = 0.0;
};

/// What a step may do.
struct Candidate {
  std::size_t layer = 0;
  CutForm form = CutForm::elements;
  Group gone;
};

std::size_t row_length(const TrainedLayer& layer) {
  return layer.weights.size() / layer.shape.front();
}

/// Of each weight of a layer.
struct LayerSaliency {
  std::vector<double> saliency;
  std::vector<double> order;  ///< the least goes first
};

/// What of a layer may go in one form: units, in the order in which they go, any number from the front.
class Removable {
 public:
  explicit Removable(const std::vector<double>& saliency) : saliency_(saliency) {}

  void add(std::uint32_t weight) {
    weights_.push_back(weight);
    sum_ += saliency_[weight];
  }
  void end_unit() { ends_.push_back({weights_.size(), sum_}); }

  std::size_t units() const { return ends_.size(); }
  Group first(std::size_t units) const {
    if (units == 0) {
      return {};
    }
    const End& end = ends_[units - 1];
    return {{weights_.begin(), weights_.begin() + static_cast<std::ptrdiff_t>(end.weights)}, end.saliency};
  }

 private:
  struct End {
    std::size_t weights = 0;
    double saliency = 0.0;  ///< of all weights up to here
  };

  const std::vector<double>& saliency_;
  std::vector<std::uint32_t> weights_;
  double sum_ = 0.0;
  std::vector<End> ends_;
};

void sort_weights(std::vector<std::uint32_t>& weights, const std::vector<double>& order) {
  std::sort(weights.begin(), weights.end(), [&](std::uint32_t a, std::uint32_t b) {
    return order[a] != order[b] ? order[a] < order[b] : a < b;
  });
}

std::vector<std::uint32_t> kept_weights(const TrainedLayer& layer) {
  std::vector<std::uint32_t> kept;
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    if (layer.weights[i] != 0.0F) {
      kept.push_back(static_cast<std::uint32_t>(i));
    }
  }
  return kept;
}

/// Single weights, all but one.
Removable elements(const TrainedLayer& layer, const LayerSaliency& saliency) {
  std::vector<std::uint32_t> weights = kept_weights(layer);
  sort_weights(weights, saliency.order);
  Removable removable(saliency.saliency);
  for (std::size_t i = 0; i + 1 < weights.size(); ++i) {
    removable.add(weights[i]);
    removable.end_unit();
  }
  return removable;
}

/// Rows or columns, all but one.
Removable lines(const TrainedLayer& layer, const LayerSaliency& saliency, bool columns) {
  struct Line {
    std::vector<std::uint32_t> weights;
    double order = 0.0;
  };
  const std::size_t length = row_length(layer);
  std::vector<Line> lines(columns ? length : layer.shape.front());
  for (const std::uint32_t weight : kept_weights(layer)) {
    Line& line = lines[columns ? weight % length : weight / length];
    line.weights.push_back(weight);
    line.order += saliency.order[weight];
  }
  lines.erase(
      std::remove_if(lines.begin(), lines.end(), [](const Line& line) { return line.weights.empty(); }),
      lines.end());
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return a.order < b.order; });
  Removable removable(saliency.saliency);
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    for (const std::uint32_t weight : lines[i].weights) {
      removable.add(weight);
    }
    removable.end_unit();
  }
  return removable;
}

/// Single weights of the PEs that hold the most (row o in PE o mod N): a unit lowers the most that a PE holds
/// by one, down to one.
Removable overhang(const TrainedLayer& layer, const LayerSaliency& saliency, std::uint32_t pes) {
  const std::size_t length = row_length(layer);
  std::vector<std::vector<std::uint32_t>> of_pe(pes);
  for (const std::uint32_t weight : kept_weights(layer)) {
    of_pe[weight / length % pes].push_back(weight);
  }
  std::size_t most = 0;
  for (std::vector<std::uint32_t>& weights : of_pe) {
    sort_weights(weights, saliency.order);
    most = std::max(most, weights.size());
  }
  Removable removable(saliency.saliency);
  for (std::size_t left = most; left > 1; --left) {
    for (const std::vector<std::uint32_t>& weights : of_pe) {
      if (weights.size() >= left) {
        removable.add(weights[weights.size() - left]);
      }
    }
    removable.end_unit();
  }
  return removable;
}

std::vector<CutForm> forms_of(const CostCutConfig& config) {
  std::vector<CutForm> forms;
  if (config.elements) {
    forms.push_back(CutForm::elements);
  }
  if (config.columns) {
    forms.push_back(CutForm::columns);
  }
  if (config.rows) {
    forms.push_back(CutForm::rows);
  }
  if (config.balance_pe_count) {
    forms.push_back(CutForm::balanced);
  }
  return forms;
}

Removable removable(const TrainedLayer& layer, const LayerSaliency& saliency, CutForm form,
                    const CostCutConfig& config) {
  switch (form) {
    case CutForm::elements:
      return elements(layer, saliency);
    case CutForm::columns:
      return lines(layer, saliency, true);
    case CutForm::rows:
      return lines(layer, saliency, false);
    case CutForm::balanced:
      return overhang(layer, saliency, *config.balance_pe_count);
  }
  return Removable(saliency.saliency);
}

/// As many units as fit; none always do.
Group most_that_fits(const Removable& removable, const std::function<bool(const Group&)>& fits) {
  std::size_t low = 0;
  std::size_t high = removable.units();
  while (low < high) {
    const std::size_t middle = high - (high - low) / 2;
    if (fits(removable.first(middle))) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return removable.first(low);
}

void remove(const Group& gone, TrainedLayer& layer) {
  if (layer.mask.empty()) {
    layer.mask.resize(layer.weights.size());
    std::transform(layer.weights.begin(), layer.weights.end(), layer.mask.begin(),
                   [](float weight) { return weight != 0.0F ? std::uint8_t{1} : std::uint8_t{0}; });
  }
  for (const std::uint32_t weight : gone.weights) {
    layer.weights[weight] = 0.0F;
    layer.mask[weight] = 0;
  }
}

/// What a function says of the layers without some weights of one of them.
template <class Function>
auto without(const Group& gone, std::size_t layer, std::vector<TrainedLayer>& layers, Function&& function) {
  TrainedLayer kept = layers[layer];
  remove(gone, layers[layer]);
  const auto result = function(layers);
  layers[layer] = std::move(kept);
  return result;
}

/// How good a candidate is: the cost that it saves, or where none saves, its weights. All may do as much
/// damage; whoever does less of it, because lines come whole, is not favoured for that.
struct Score {
  double saved = 0.0;  ///< not below 0
  std::size_t weights = 0;

  bool better_than(const Score& other) const {
    return saved != other.saved ? saved > other.saved : weights > other.weights;
  }
};

/// Of the inputs that a layer's weights are multiplied by: [group * places + place], over all images and
/// windows.
struct InputSums {
  std::vector<double> energy;
  std::vector<double> used;  ///< how many are not zero
};

std::vector<InputSums> sum_inputs(const Network& network, const std::vector<TrainedLayer>& layers,
                                  const std::vector<Tensor>& images) {
  std::vector<InputSums> sums;
  sums.reserve(layers.size());
  for (const TrainedLayer& layer : layers) {
    const std::size_t inputs = row_length(layer) * network.layers[layer.position].groups;
    sums.push_back({std::vector<double>(inputs, 0.0), std::vector<double>(inputs, 0.0)});
  }
  const Network current = with_weights(network, layers);
  const Reference reference(current);
  for (const Tensor& image : images) {
    const std::vector<Tensor> outputs = reference.run(image);
    for (std::size_t l = 0; l < layers.size(); ++l) {
      const NetworkLayer& layer = current.layers[layers[l].position];
      const std::size_t places = row_length(layers[l]);
      for_window_inputs(layer, outputs[layer.inputs[0]],
                        [&](std::size_t group, std::size_t place, float value) {
                          const std::size_t input = group * places + place;
                          sums[l].energy[input] += static_cast<double>(value) * static_cast<double>(value);
                          sums[l].used[input] += value != 0.0F ? 1.0 : 0.0;
                        });
    }
  }
  return sums;
}

/// `per_use`: what a weight saves is in proportion to how often its input is not zero, and so is the order.
std::vector<LayerSaliency> layer_saliencies(const Network& network, const std::vector<TrainedLayer>& layers,
                                            const std::vector<Tensor>& images, bool per_use) {
  std::vector<LayerSaliency> all;
  all.reserve(layers.size());
  const std::vector<InputSums> sums = sum_inputs(network, layers, images);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const std::size_t places = row_length(layers[l]);
    const std::size_t group_rows = layers[l].shape.front() / network.layers[layers[l].position].groups;
    const auto input_of = [&](std::size_t weight) {
      return weight / places / group_rows * places + weight % places;
    };
    std::vector<double> shares;
    for (std::size_t i = 0; i < layers[l].weights.size(); ++i) {
      const auto weight = static_cast<double>(layers[l].weights[i]);
      shares.push_back(weight * weight * sums[l].energy[input_of(i)]);
    }
    const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    for (double& share : shares) {
      share = sum > 0.0 ? share / sum : 0.0;
    }
    std::vector<double> order = shares;
    for (std::size_t i = 0; per_use && i < order.size(); ++i) {
      order[i] /= std::max(1.0, sums[l].used[input_of(i)]);
    }
    all.push_back({std::move(shares), std::move(order)});
  }
  return all;
}

}  // namespace

std::size_t images_to_cut(const TrainingConfig& config) {
  std::size_t images = config.cost->images;
  for (const PhaseConfig& phase : config.phases) {
    if (phase.cut_by_cost) {
      images = std::max<std::size_t>(images, phase.cut_by_cost->images);
    }
  }
  return images;
}

const char* cut_form_name(CutForm form) {
  return form_names.at(static_cast<std::size_t>(form));
}

std::vector<std::vector<double>> saliencies(const Network& network, const std::vector<TrainedLayer>& layers,
                                            const std::vector<Tensor>& images) {
  std::vector<std::vector<double>> shares;
  for (LayerSaliency& layer : layer_saliencies(network, layers, images, false)) {
    shares.push_back(std::move(layer.saliency));
  }
  return shares;
}

CostCutter::CostCutter(const TrainingConfig& config, const Network& network, const CostModel& model,
                       std::vector<Tensor> images)
    : config_(config), network_(network), model_(model), images_(std::move(images)) {
  if (looks_at_values(config.cost->measure)) {
    const std::size_t count = std::min<std::size_t>(config.cost->images, images_.size());
    calibration_.assign(images_.begin(), images_.begin() + static_cast<std::ptrdiff_t>(count));
  }
}

double CostCutter::cost(const std::vector<TrainedLayer>& layers) const {
  Network network = with_weights(network_, layers);
  if (config_.remove_dead_neurons) {
    std::vector<RemovedNeurons> removed;
    network = without_dead_neurons(network, false, removed);
  }
  return model_.measure(with_rounding(network, layers), calibration_, arithmetic_of(layers))
      .value(config_.cost->measure);
}

std::vector<CostCut> CostCutter::cut(const CostCutConfig& config, std::vector<TrainedLayer>& layers,
                                     const std::function<void()>& check, const LossOfLayers& loss) const {
  check();
  const auto seen = static_cast<std::ptrdiff_t>(std::min<std::size_t>(config.images, images_.size()));
  const std::vector<LayerSaliency> saliency = layer_saliencies(
      network_, layers, {images_.begin(), images_.begin() + seen}, looks_at_values(config_.cost->measure));
  const double first_loss = config.loss ? loss(layers) : 0.0;
  double spent = 0.0;  // saliency
  double before = cost(layers);
  std::vector<CostCut> cuts;
  for (std::uint32_t step = 1; step <= config.steps; ++step) {
    // Lines come whole: what a step leaves of its share, the next may take.
    const double share = static_cast<double>(step) / config.steps;
    const auto fits = [&](const Group& gone, std::size_t layer) {
      if (!config.loss) {
        return gone.saliency <= *config.saliency * share - spent;
      }
      check();
      return without(gone, layer, layers, loss) <= first_loss + *config.loss * share;
    };
    std::optional<Candidate> best;
    Score best_score;
    double best_cost = before;
    for (std::size_t l = 0; l < layers.size(); ++l) {
      for (const CutForm form : forms_of(config)) {
        check();
        Candidate candidate = {l, form,
                               most_that_fits(removable(layers[l], saliency[l], form, config),
                                              [&](const Group& gone) { return fits(gone, l); })};
        if (candidate.gone.weights.empty()) {
          continue;
        }
        const double after = without(candidate.gone, l, layers,
                                     [this](const std::vector<TrainedLayer>& cut) { return cost(cut); });
        const Score score = {std::max(0.0, before - after), candidate.gone.weights.size()};
        if (!best || score.better_than(best_score)) {
          best = std::move(candidate);
          best_score = score;
          best_cost = after;
        }
      }
    }
    if (!best) {
      continue;
    }
    remove(best->gone, layers[best->layer]);
    spent += best->gone.saliency;
    cuts.push_back({static_cast<std::uint32_t>(best->layer), best->form, best->gone.weights.size(),
                    best->gone.saliency, config.loss ? loss(layers) : 0.0, before, best_cost});
    before = best_cost;
  }
  for (TrainedLayer& layer : layers) {
    reset_velocities(layer);
  }
  return cuts;
}

}  // namespace lacuna
