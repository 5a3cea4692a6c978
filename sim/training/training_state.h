#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/training/cost_cut.h"
#include "sim/training/trained_layer.h"

namespace lacuna {

/// Of some images.
struct Evaluation {
  std::uint64_t images = 0;
  std::uint64_t correct = 0;
  double loss_sum = 0.0;  ///< cross-entropy in nats, summed over the images

  double loss() const { return images == 0 ? 0.0 : loss_sum / static_cast<double>(images); }
  double accuracy() const {
    return images == 0 ? 0.0 : static_cast<double>(correct) / static_cast<double>(images);
  }
  std::uint64_t errors() const { return images - correct; }
  void add(const Evaluation& other) {
    images += other.images;
    correct += other.correct;
    loss_sum += other.loss_sum;
  }
};

/// Its description in checkpoints (state_file.h), for both directions.
template <class Archive, class Self>
void archive_evaluation(Archive& a, Self& e) {
  a.value(e.images);
  a.value(e.correct);
  a.value(e.loss_sum);
}

/// One epoch. `training` sums the batches as they were learned from, so its weights change on the way.
struct EpochResult {
  std::uint32_t phase = 0;
  std::uint32_t epoch = 0;  ///< of the phase, from 0
  double rate = 0.0;
  Evaluation training;
  Evaluation validation;
};

/// What is left of a layer at the end of a phase.
struct LayerOutcome {
  std::uint64_t weights = 0;
  std::uint64_t nonzeros = 0;
  std::uint64_t shared_values = 0;  ///< other than zero; 0 while nothing is shared
};

/// A number that a search gives layers: bits of a format, the one at `kind` of the configuration's list, or a
/// density.
struct SearchedNumber {
  std::uint32_t kind = 0;
  double value = 0.0;
};

/// Layers whose number is chosen together: one, or in global mode all.
struct SearchedGroup {
  SearchedNumber number;
  double step = 0.0;
  std::vector<SearchedNumber> refused;  ///< that cost accuracy, or that are impossible
};

/// One change that a search has tried.
struct SearchMove {
  std::uint32_t group = 0;
  SearchedNumber number;
  double cost_before = 0.0;  ///< in the measure's unit
  double cost_after = 0.0;
  Evaluation validation;  ///< after training
  bool taken = false;
};

/// A search of a phase (layer_search.h). Empty where the phase has none.
struct SearchState {
  Evaluation baseline;  ///< held-out images, before anything was changed
  double first_cost = 0.0;
  double cost = 0.0;
  std::vector<SearchedGroup> groups;
  std::vector<SearchMove> moves;
  std::vector<TrainedLayer> origin;  ///< the layers before the search; while it lasts
};

struct PhaseOutcome {
  bool changed = false;       ///< pruned or shared
  Evaluation cut_validation;  ///< after that and before training
  Evaluation cut_test;
  Evaluation validation;  ///< at the end
  Evaluation test;
  std::vector<LayerOutcome> layers;
  std::vector<CostCut> cost_cuts;  ///< steps of cut_by_cost
  SearchState search;
};

/// Where a phase stands. Each step from one to the next is made at once, so that training goes on from
/// wherever it was stopped.
enum class Stage : std::uint32_t {
  begin,     ///< nothing done
  changed,   ///< pruned or shared; to be measured
  epochs,    ///< in training
  trained,   ///< to be measured
  searching  ///< in a search, between two changes
};

/// All that training has come to: what a checkpoint holds.
struct TrainingState {
  std::uint32_t phase = 0;
  Stage stage = Stage::begin;
  std::uint32_t epoch = 0;        ///< of the phase
  std::uint64_t batch = 0;        ///< of the epoch: so many are done
  std::uint64_t epochs_done = 0;  ///< of all phases
  Evaluation running;             ///< the epoch's batches so far
  std::vector<TrainedLayer> layers;
  /// Of a step with patience: the layers after its best epoch, and that epoch's number in the phase. Else
  /// empty.
  std::vector<TrainedLayer> best_layers;
  std::uint32_t best_epoch = 0;
  double best_loss = 0.0;
  std::vector<EpochResult> curve;
  std::vector<PhaseOutcome> outcomes;  ///< one for each phase that has begun
};

/// Writes a state so that it appears, complete, by rename, with a checksum. `identity` says what it belongs
/// to: one line. Throws InputDataError when it cannot be written.
void write_checkpoint(const TrainingState& state, const std::string& identity, const std::string& path);

/// Reads it back, exactly. Throws InputDataError for a damaged file, and ConfigurationError for a state with
/// another identity.
TrainingState read_checkpoint(const std::string& path, const std::string& identity);

}  // namespace lacuna
