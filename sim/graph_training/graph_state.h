#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/graph_training/graph_recipe.h"
#include "sim/training/state_file.h"
#include "sim/training/training_state.h"

namespace lacuna {

/// The numbers of a trained layer, as its machine holds them.
struct GraphLayerValues {
  std::vector<float> values;
  std::vector<float> bias;
  double step = 1.0;  ///< of a rounding layer
  double lower = 0.0;
  double upper = 0.0;
};

/// A network that was trained from one seed. Evaluations count nodes.
struct TrainedGraphNetwork {
  std::uint64_t seed = 0;
  std::uint32_t epoch = 0;  ///< whose weights it has, from 1
  Evaluation train;         ///< behind that epoch, without dropout
  Evaluation validation;
  Evaluation test;
  std::vector<GraphLayerValues> layers;
};

/// The network with what was learnt.
Network network_of(const Network& network, const TrainedGraphNetwork& trained);

/// A list of numbers that learns, with the moments of Adam.
struct LearntNumbers {
  std::vector<float> values;
  std::vector<float> mean;
  std::vector<float> square;
  std::uint64_t updates = 0;
};

/// One epoch. `training` is the loss that was learnt from, with dropout; `correct` is not counted there.
struct GraphEpoch {
  std::uint64_t seed = 0;
  std::uint32_t epoch = 0;
  Evaluation training;
  Evaluation validation;
};

/// All that training has come to: what a checkpoint holds.
struct GraphTrainingState {
  std::vector<TrainedGraphNetwork> networks;  ///< of the seeds that are done
  std::uint32_t epoch = 0;                    ///< of the next seed: so many are done
  std::uint64_t draws = 0;                    ///< random numbers that its dropout has taken
  std::vector<LearntNumbers> learnt;          ///< empty before its first epoch
  TrainedGraphNetwork best;
  std::vector<GraphEpoch> curve;

  bool finished(const GraphTrainingConfig& config) const { return networks.size() == config.seeds; }
};

/// How a training is watched and stopped.
struct GraphHooks {
  std::function<bool()> stop;      ///< asked between steps
  std::function<void()> save;      ///< now and then, when the state can be written
  std::function<void()> progress;  ///< behind each step
};

/// One description for both directions.
template <class Archive, class Self>
void archive_trained_graph(Archive& a, Self& n) {
  a.value(n.seed);
  a.value(n.epoch);
  for (auto* each : {&n.train, &n.validation, &n.test}) {
    archive_evaluation(a, *each);
  }
  a.list(n.layers, [&](auto& layer) {
    a.plain(layer.values);
    a.plain(layer.bias);
    a.value(layer.step);
    a.value(layer.lower);
    a.value(layer.upper);
  });
}

template <class Archive, class List>
void archive_learnt(Archive& a, List& learnt) {
  a.list(learnt, [&](auto& numbers) {
    a.plain(numbers.values);
    a.plain(numbers.mean);
    a.plain(numbers.square);
    a.value(numbers.updates);
  });
}

template <class Archive, class Self>
void archive_graph_training(Archive& a, Self& s) {
  a.list(s.networks, [&](auto& network) { archive_trained_graph(a, network); });
  a.value(s.epoch);
  a.value(s.draws);
  archive_learnt(a, s.learnt);
  archive_trained_graph(a, s.best);
  a.list(s.curve, [&](auto& row) {
    a.value(row.seed);
    a.value(row.epoch);
    archive_evaluation(a, row.training);
    archive_evaluation(a, row.validation);
  });
}

/// As write_checkpoint and read_checkpoint of sim/training.
void write_graph_checkpoint(const GraphTrainingState& state, const std::string& identity,
                            const std::string& path);
GraphTrainingState read_graph_checkpoint(const std::string& path, const std::string& identity);

}  // namespace lacuna
