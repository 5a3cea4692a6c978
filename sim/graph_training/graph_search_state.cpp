#include "sim/graph_training/graph_search_state.h"

#include <algorithm>
#include <cmath>

namespace lacuna {
namespace {

constexpr const char* search_checkpoint_kind = "lacuna graph search checkpoint 2";

template <class Archive, class List>
void archive_trials(Archive& a, List& trials) {
  a.list(trials, [&](auto& trial) {
    a.plain(trial.choice);
    archive_evaluation(a, trial.validation);
    a.value(trial.cost);
    a.value(trial.objective);
  });
}

template <class Archive, class Self>
void archive_search(Archive& a, Self& s) {
  a.value(s.step);
  archive_learnt(a, s.learnt);
  a.list(s.costs, [&](auto& each) {
    a.plain(each.choice);
    a.value(each.cost);
  });
  a.list(s.curve, [&](auto& row) {
    a.value(row.step);
    a.value(row.training_loss);
    a.value(row.validation_loss);
    a.value(row.cost);
    a.plain(row.choice);
  });
  a.list(s.proposed, [&](auto& choice) { a.plain(choice); });
  archive_trials(a, s.finals);
  a.plain(s.found);
  archive_graph_training(a, s.found_training);
  archive_trials(a, s.trials);
  archive_graph_training(a, s.trial_training);
  archive_graph_training(a, s.random_training);
}

}  // namespace

const GraphTrial& GraphSearchState::best_of(const std::vector<GraphTrial>& trials) {
  return *std::min_element(trials.begin(), trials.end(), [](const GraphTrial& a, const GraphTrial& b) {
    return a.objective < b.objective;
  });
}

void write_graph_search_checkpoint(const GraphSearchState& state, const std::string& identity,
                                   const std::string& path) {
  write_state_file(search_checkpoint_kind, identity, path,
                   [&](StateWriter& writer) { archive_search(writer, state); });
}

GraphSearchState read_graph_search_checkpoint(const std::string& path, const std::string& identity) {
  GraphSearchState state;
  read_state_file(search_checkpoint_kind, identity, path,
                  [&](StateReader& reader) { archive_search(reader, state); });
  return state;
}

std::uint32_t random_trials(const GraphSearchConfig& config) {
  const std::uint32_t first = std::min(config.architecture_warm_up, config.quantisation_warm_up);
  const double passes = config.steps + static_cast<double>(config.steps - first) * config.draws;
  const std::uint32_t finals = config.finalists > 1 ? config.finalists : 0;
  return finals + static_cast<std::uint32_t>(std::max(1.0, std::round(passes / config.training.epochs)));
}

double GraphCost::of(const GraphChoice& choice, const Network& network) const {
  if (!config_.cost) {
    return 0.0;
  }
  switch (config_.cost->measure) {
    case CostMeasure::size:
      return space_.counted(choice).size_bits;
    case CostMeasure::bit_operations:
      return space_.counted(choice).bit_operations;
    default:
      return model_->measure(network, features_).value(config_.cost->measure);
  }
}

}  // namespace lacuna
