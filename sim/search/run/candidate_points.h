#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/family/design_space.h"
#include "sim/family/network_machine.h"
#include "sim/search/run/candidates.h"
#include "sim/search/run/search_file.h"
#include "sim/search/run/search_filter.h"
#include "sim/search/run/search_space.h"
#include "sim/training/network_scores.h"
#include "sim/training/train.h"
#include "sim/training/training_data.h"

namespace lacuna {

/// Makes what computes a network and its gradients, for the thread that calls it. Keeps a reference to the
/// network.
using NetworkMaker = std::function<std::unique_ptr<ScoredNetwork>(const Network& network)>;

/// What a candidate came to when it was trained.
struct TrainedFigures {
  std::uint64_t correct = 0;  ///< of `images` of the test
  std::uint64_t images = 0;
  double loss = 0.0;  ///< of the test, in nats; not a number where it was not finite
  std::vector<std::optional<MachineFigures>> machines;  ///< with the trained weights; empty where it failed
};

/// Computes what a search wants to know of its candidates, one thing at a time, as bytes for the store.
/// Several threads may call it. Errors of Lacuna become failed outcomes.
class CandidatePoints {
 public:
  /// `libraries`: what computes gradients, for the identity of scores and trainings. Keeps references.
  CandidatePoints(const Search& search, NetworkMaker make_network, const std::string& libraries);

  /// A candidate with its first weights on a machine.
  std::string measure_key(std::size_t machine, const Genotype& genotype) const;
  PointOutcome measure(std::size_t machine, const Genotype& genotype) const;
  /// Its lower bound of cycles there, before it is simulated: figures of which only that one is known.
  std::string plan_key(std::size_t machine, const Genotype& genotype) const;
  PointOutcome plan(std::size_t machine, const Genotype& genotype) const;
  /// Its scores with its first weights, in the chosen formats, normalised by the batch.
  std::string score_key(const Genotype& genotype) const;
  PointOutcome score(const Genotype& genotype) const;
  /// The scores of the skeleton with Conv in every place.
  std::string original_key() const;
  PointOutcome score_original() const;
  /// The skeleton with Conv in every place, trained without formats. Empty when `stop` has asked for an end.
  bool has_teacher() const {
    return search_.config.training && search_.config.training->attention_transfer.has_value();
  }
  std::string teacher_key() const;
  std::optional<PointOutcome> train_teacher(const std::function<bool()>& stop) const;
  /// Trained. Empty when `stop` has asked for an end. `teacher`: where the search has one.
  std::string train_key(const Genotype& genotype) const;
  std::optional<PointOutcome> train(const Genotype& genotype, const std::optional<PointOutcome>& teacher,
                                    const std::function<bool()>& stop) const;

  static MachineFigures read_figures(const PointOutcome& outcome);
  /// What each layer of a measured candidate takes.
  static std::vector<FrameCost::Layer> read_layers(const PointOutcome& outcome);
  static NetworkScores read_scores(const PointOutcome& outcome);
  static TrainedFigures read_trained(const PointOutcome& outcome);
  /// The network of a trained candidate, with its weights.
  Network trained_network(const Genotype& genotype, const PointOutcome& outcome) const;

  /// Of blocks for each place, with first weights; and what belongs to whoever trains it in a way of its own.
  Network first_network(const std::vector<BlockType>& types) const { return untrained(types).network; }
  std::unique_ptr<ScoredNetwork> scored(const Network& network) const { return make_network_(network); }
  const TrainingConfig& config() const { return config_; }
  const TrainingData& data() const { return data_; }
  /// What trained layers come to on the machines' first variants; `test`: their evaluation.
  TrainedFigures measure_trained(const Network& network, const std::vector<TrainedLayer>& layers,
                                 const Evaluation& test) const;
  /// As read_trained reads it, without weights.
  static std::string trained_text(const TrainedFigures& figures);

  /// Without weights.
  Network structure(const Genotype& genotype) const;
  std::uint64_t parameters(const Genotype& genotype) const;
  std::uint64_t products(const Genotype& genotype) const;

 private:
  struct Untrained {
    BlockNetwork blocks;
    Network network;  ///< the same with its first weights
  };
  /// As machines are told of it.
  struct Seen {
    Network network;
    std::vector<LayerArithmetic> arithmetic;  ///< for machines that take some
  };

  Untrained untrained(const std::vector<BlockType>& types) const;
  std::vector<BlockType> plain_types() const;  ///< Conv in every place
  /// Of the last block of each stage.
  std::vector<std::size_t> stage_ends(const BlockNetwork& blocks) const;
  AttentionLoss attention_loss(const BlockNetwork& student, const PointOutcome& teacher) const;
  Seen seen(const Genotype& genotype) const;
  PointOutcome score_of(const std::vector<BlockType>& types, const Chosen* chosen) const;
  NetworkCost cost_of(const Seen& seen, std::size_t machine, const Genotype& genotype) const;
  TrainingConfig training_config() const;
  /// Goes on with weights in the chosen formats. False when `stop` has asked for an end.
  bool train_quantised(const Genotype& genotype, const Untrained& start, TrainingState& state,
                       const TrainingHooks& hooks) const;

  const Search& search_;
  NetworkMaker make_network_;
  std::string libraries_;
  TrainingConfig config_;
  TrainingData data_;
  std::vector<Tensor> images_;
  ImageBatch score_batch_;
};

}  // namespace lacuna
