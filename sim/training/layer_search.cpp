#include "sim/training/layer_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/common/error.h"
#include "sim/training/quantised_layer.h"

namespace lacuna {
namespace {

/// Steps of 0.1 from 1 come to 0.5 but for this.
constexpr double rounding = 1e-9;

bool is_refused(const SearchedGroup& group, std::uint32_t kind, double value) {
  return std::any_of(group.refused.begin(), group.refused.end(), [&](const SearchedNumber& each) {
    return each.kind == kind && std::fabs(each.value - value) <= rounding;
  });
}

}  // namespace

double halved_step(double step, bool whole_numbers) {
  if (!whole_numbers) {
    return step / 2.0;
  }
  const double half = std::ceil(step / 2.0);
  return half == step ? step - 1.0 : half;
}

LayerSearch::LayerSearch(const LayerSearchConfig& config, std::vector<std::size_t> searched,
                         std::uint64_t seed, const SearchHooks& hooks)
    : config_(config), searched_(std::move(searched)), seed_(seed), hooks_(hooks) {}

std::vector<std::size_t> LayerSearch::members(std::size_t group) const {
  return config_.mode == SearchMode::global ? searched_ : std::vector<std::size_t>{searched_[group]};
}

bool LayerSearch::apply(std::size_t group, std::uint32_t kind, double value,
                        const std::vector<TrainedLayer>& origin, std::vector<TrainedLayer>& layers) const {
  for (const std::size_t l : members(group)) {
    TrainedLayer& layer = layers[l];
    if (config_.target == SearchTarget::density) {
      PruneConfig prune;
      prune.density = value;
      cut(layer, prune);
      continue;
    }
    QuantiseConfig quantised;
    quantised.kind = config_.formats[kind].kind;
    quantised.weight_bits = static_cast<std::uint32_t>(std::llround(value));
    if (!has_width(quantised)) {
      return false;
    }
    // The numbers behind the quantised ones have learned: these are quantised anew.
    layer.weights = layer.format ? layer.reals : origin[l].weights;
    quantise(layer, quantised, seed_);
    reset_velocities(layer);
  }
  return true;
}

void LayerSearch::begin(SearchState& search, std::vector<TrainedLayer>& layers) const {
  search.origin = layers;
  search.baseline = hooks_.validate(layers);
  const std::size_t groups = config_.mode == SearchMode::global ? 1 : searched_.size();
  search.groups.assign(groups, {});
  for (std::size_t g = 0; g < groups; ++g) {
    SearchedGroup& group = search.groups[g];
    group.number = {0, config_.from};
    group.step = config_.step;
    if (config_.target == SearchTarget::weight_bits || config_.from < 1.0) {
      if (!apply(g, 0, config_.from, search.origin, layers)) {
        throw ConfigurationError({}, "the first format has no width of the first bits",
                                 "fixed and dynamic_fixed 2 to 16, shift 3 to 6, focused 4 to 7, ternary 2, "
                                 "binary 1");
      }
    }
  }
  const std::optional<double> cost = hooks_.cost(layers);
  if (!cost) {
    throw ConfigurationError({}, "the cost's machine has no room for the network where the search starts",
                             "fewer bits to start from, or a larger machine");
  }
  search.first_cost = search.cost = *cost;
}

/// What may still be tried in a group; its step gets as small as the next change needs.
std::vector<std::pair<std::uint32_t, double>> LayerSearch::changes_of(SearchedGroup& group) const {
  const bool bits = config_.target == SearchTarget::weight_bits;
  const auto kinds = static_cast<std::uint32_t>(bits ? config_.formats.size() : 1);
  std::vector<std::pair<std::uint32_t, double>> changes;
  for (std::uint32_t kind = 0; kind < kinds; ++kind) {
    if (kind != group.number.kind && !is_refused(group, kind, group.number.value)) {
      changes.emplace_back(kind, group.number.value);
    }
  }
  while (group.step >= config_.min_step - rounding && group.step > 0.0) {
    const double next = group.number.value - group.step;
    if (next >= config_.to - rounding) {
      const std::size_t before = changes.size();
      for (std::uint32_t kind = 0; kind < kinds; ++kind) {
        if (!is_refused(group, kind, next)) {
          changes.emplace_back(kind, next);
        }
      }
      if (changes.size() > before) {
        break;
      }
    }
    group.step = halved_step(group.step, bits);
  }
  return changes;
}

std::optional<LayerSearch::Candidate> LayerSearch::best_candidate(SearchState& search,
                                                                  const std::vector<TrainedLayer>& layers) {
  std::optional<Candidate> best;
  for (std::size_t g = 0; g < search.groups.size(); ++g) {
    SearchedGroup& group = search.groups[g];
    for (const auto& [kind, value] : changes_of(group)) {
      Candidate candidate{g, kind, value, {}, 0.0, layers};
      if (!apply(g, kind, value, search.origin, candidate.layers)) {
        group.refused.push_back({kind, value});
        continue;
      }
      if (const std::optional<double> cost = hooks_.cost(candidate.layers)) {
        candidate.saved = search.cost - *cost;
      }
      for (const std::size_t l : members(g)) {
        candidate.bits_saved += (group.number.value - value) * static_cast<double>(layers[l].weights.size());
      }
      // What costs more is not tried, nor another format that saves nothing.
      const bool smaller = candidate.bits_saved > 0.0;
      if (!candidate.saved || *candidate.saved < 0.0 || (*candidate.saved == 0.0 && !smaller)) {
        continue;
      }
      const bool better = !best || *candidate.saved > *best->saved ||
                          (*candidate.saved == *best->saved && candidate.bits_saved > best->bits_saved);
      if (better) {
        best = std::move(candidate);
      }
    }
  }
  return best;
}

bool LayerSearch::advance(SearchState& search, std::vector<TrainedLayer>& layers) {
  if (search.moves.size() >= config_.max_steps) {
    return false;
  }
  std::optional<Candidate> candidate = best_candidate(search, layers);
  if (!candidate) {
    return false;
  }
  SearchedGroup& group = search.groups[candidate->group];
  SearchMove move;
  move.group = static_cast<std::uint32_t>(candidate->group);
  move.number = {candidate->kind, candidate->value};
  move.cost_before = search.cost;
  move.cost_after = search.cost - *candidate->saved;
  move.validation = hooks_.fine_tune(candidate->layers);
  move.taken = move.validation.accuracy() >= search.baseline.accuracy() * (1.0 - config_.tolerance);
  if (move.taken) {
    layers = std::move(candidate->layers);
    group.number = move.number;
    search.cost = hooks_.cost(layers).value_or(move.cost_after);
    move.cost_after = search.cost;
  } else {
    group.refused.push_back(move.number);
  }
  search.moves.push_back(move);
  return true;
}

void LayerSearch::start_afresh(const SearchState& search, std::vector<TrainedLayer>& layers) const {
  layers = search.origin;
  for (std::size_t g = 0; g < search.groups.size(); ++g) {
    apply(g, search.groups[g].number.kind, search.groups[g].number.value, search.origin, layers);
  }
}

}  // namespace lacuna
