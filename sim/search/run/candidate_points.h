#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/family/design_space.h"
#include "sim/search/run/candidates.h"
#include "sim/search/run/search_file.h"
#include "sim/search/run/search_filter.h"
#include "sim/training/network_scores.h"
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
  /// Its scores with its first weights, normalised by the batch.
  std::string score_key(const Genotype& genotype) const;
  PointOutcome score(const Genotype& genotype) const;
  /// Trained. Empty when `stop` has asked for an end.
  std::string train_key(const Genotype& genotype) const;
  std::optional<PointOutcome> train(const Genotype& genotype, const std::function<bool()>& stop) const;

  static MachineFigures read_figures(const PointOutcome& outcome);
  static NetworkScores read_scores(const PointOutcome& outcome);
  static TrainedFigures read_trained(const PointOutcome& outcome);
  /// The network of a trained candidate, with its weights.
  Network trained_network(const Genotype& genotype, const PointOutcome& outcome) const;

  std::uint64_t parameters(const Genotype& genotype) const;
  std::uint64_t products(const Genotype& genotype) const;

 private:
  std::string key(const std::string& what, const Genotype& genotype) const;
  Network untrained(const Genotype& genotype) const;
  Network as_machines_see(Network network) const;
  TrainingConfig training_config() const;

  const Search& search_;
  NetworkMaker make_network_;
  std::string libraries_;
  TrainingConfig config_;
  TrainingData data_;
  std::vector<Tensor> images_;
  ImageBatch score_batch_;
};

}  // namespace lacuna
