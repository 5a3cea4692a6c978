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

/// The least salient weights of a list as far as the saliency allows, but for the last.
Group least_salient(std::vector<std::uint32_t> weights, const std::vector<double>& saliency, double allowed) {
  std::sort(weights.begin(), weights.end(), [&](std::uint32_t a, std::uint32_t b) {
    return saliency[a] != saliency[b] ? saliency[a] < saliency[b] : a < b;
  });
  Group gone;
  for (const std::uint32_t weight : weights) {
    if (gone.saliency + saliency[weight] > allowed || gone.weights.size() + 1 == weights.size()) {
      break;
    }
    gone.weights.push_back(weight);
    gone.saliency += saliency[weight];
  }
  return gone;
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

/// The least salient rows or columns, all but one.
Group least_salient_lines(const TrainedLayer& layer, const std::vector<double>& saliency, bool columns,
                          double allowed) {
  const std::size_t length = row_length(layer);
  std::vector<Group> lines(columns ? length : layer.shape.front());
  for (const std::uint32_t weight : kept_weights(layer)) {
    Group& line = lines[columns ? weight % length : weight / length];
    line.weights.push_back(weight);
    line.saliency += saliency[weight];
  }
  lines.erase(
      std::remove_if(lines.begin(), lines.end(), [](const Group& line) { return line.weights.empty(); }),
      lines.end());
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Group& a, const Group& b) { return a.saliency < b.saliency; });
  Group gone;
  for (std::size_t i = 0; i + 1 < lines.size() && gone.saliency + lines[i].saliency <= allowed; ++i) {
    gone.weights.insert(gone.weights.end(), lines[i].weights.begin(), lines[i].weights.end());
    gone.saliency += lines[i].saliency;
  }
  return gone;
}

/// The least salient weights of the PEs that hold more than `most`, so that none does.
Group overhang(const std::vector<std::vector<std::uint32_t>>& sorted_of_pe,
               const std::vector<double>& saliency, std::size_t most) {
  Group gone;
  for (const std::vector<std::uint32_t>& weights : sorted_of_pe) {
    for (std::size_t i = 0; i + most < weights.size(); ++i) {
      gone.weights.push_back(weights[i]);
      gone.saliency += saliency[weights[i]];
    }
  }
  return gone;
}

/// Lowers the most that a PE holds (row o in PE o mod N) as far as the saliency allows.
Group balanced(const TrainedLayer& layer, const std::vector<double>& saliency, std::uint32_t pes,
               double allowed) {
  const std::size_t length = row_length(layer);
  std::vector<std::vector<std::uint32_t>> of_pe(pes);
  for (const std::uint32_t weight : kept_weights(layer)) {
    of_pe[weight / length % pes].push_back(weight);
  }
  std::size_t high = 0;
  for (std::vector<std::uint32_t>& weights : of_pe) {
    std::sort(weights.begin(), weights.end(), [&](std::uint32_t a, std::uint32_t b) {
      return saliency[a] != saliency[b] ? saliency[a] < saliency[b] : a < b;
    });
    high = std::max(high, weights.size());
  }
  std::size_t low = 1;
  while (low < high) {  // the smallest number that is allowed; `high` is
    const std::size_t middle = (low + high) / 2;
    if (overhang(of_pe, saliency, middle).saliency <= allowed) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return overhang(of_pe, saliency, high);
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

Group group_of(const TrainedLayer& layer, const std::vector<double>& saliency, CutForm form,
               const CostCutConfig& config, double allowed) {
  switch (form) {
    case CutForm::elements:
      return least_salient(kept_weights(layer), saliency, allowed);
    case CutForm::columns:
      return least_salient_lines(layer, saliency, true, allowed);
    case CutForm::rows:
      return least_salient_lines(layer, saliency, false, allowed);
    case CutForm::balanced:
      return balanced(layer, saliency, *config.balance_pe_count, allowed);
  }
  return {};
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

/// How good a candidate is: the cost that it saves, or where none saves, its weights. All may take as much
/// saliency; whoever takes less of it, because lines come whole, is not favoured for that.
struct Score {
  double saved = 0.0;  ///< not below 0
  std::size_t weights = 0;

  bool better_than(const Score& other) const {
    return saved != other.saved ? saved > other.saved : weights > other.weights;
  }
};

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
  std::vector<std::vector<double>> energies;  // of the inputs: [layer][group * places + place]
  energies.reserve(layers.size());
  for (const TrainedLayer& layer : layers) {
    energies.emplace_back(row_length(layer) * network.layers[layer.position].groups, 0.0);
  }
  const Network current = with_weights(network, layers);
  const Reference reference(current);
  for (const Tensor& image : images) {
    const std::vector<Tensor> outputs = reference.run(image);
    for (std::size_t l = 0; l < layers.size(); ++l) {
      const NetworkLayer& layer = current.layers[layers[l].position];
      const std::size_t places = row_length(layers[l]);
      for_window_inputs(
          layer, outputs[layer.inputs[0]], [&](std::size_t group, std::size_t place, float value) {
            energies[l][group * places + place] += static_cast<double>(value) * static_cast<double>(value);
          });
    }
  }
  std::vector<std::vector<double>> saliency(layers.size());
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const std::size_t places = row_length(layers[l]);
    const std::size_t group_rows = layers[l].shape.front() / network.layers[layers[l].position].groups;
    std::vector<double>& shares = saliency[l];
    for (std::size_t i = 0; i < layers[l].weights.size(); ++i) {
      const auto weight = static_cast<double>(layers[l].weights[i]);
      shares.push_back(weight * weight * energies[l][i / places / group_rows * places + i % places]);
    }
    const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    for (double& share : shares) {
      share = sum > 0.0 ? share / sum : 0.0;
    }
  }
  return saliency;
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
                                     const std::function<void()>& check) const {
  check();
  const auto seen = static_cast<std::ptrdiff_t>(std::min<std::size_t>(config.images, images_.size()));
  const std::vector<std::vector<double>> saliency =
      saliencies(network_, layers, {images_.begin(), images_.begin() + seen});
  const double of_step = config.saliency / config.steps;
  // Lines come whole: what a step leaves of its share, the next may take.
  double before = cost(layers);
  double spent = 0.0;
  std::vector<CostCut> cuts;
  for (std::uint32_t step = 1; step <= config.steps; ++step) {
    const double allowed = of_step * step - spent;
    std::optional<Candidate> best;
    Score best_score;
    double best_cost = before;
    for (std::size_t l = 0; l < layers.size(); ++l) {
      for (const CutForm form : forms_of(config)) {
        check();
        Candidate candidate = {l, form, group_of(layers[l], saliency[l], form, config, allowed)};
        if (candidate.gone.weights.empty()) {
          continue;
        }
        TrainedLayer kept = layers[l];
        remove(candidate.gone, layers[l]);
        const double after = cost(layers);
        layers[l] = std::move(kept);
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
                    best->gone.saliency, before, best_cost});
    before = best_cost;
  }
  for (TrainedLayer& layer : layers) {
    reset_velocities(layer);
  }
  return cuts;
}

}  // namespace lacuna
