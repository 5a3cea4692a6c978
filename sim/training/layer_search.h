#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "sim/training/recipe.h"
#include "sim/training/trained_layer.h"
#include "sim/training/training_state.h"

namespace lacuna {

/// What a search needs of the world. All may throw to stop.
struct SearchHooks {
  /// The recipe's cost of the network with these layers; nothing where the machine has no room for it.
  std::function<std::optional<double>(const std::vector<TrainedLayer>&)> cost;
  /// Trains them, and measures them on the held-out images. What diverges has no image right.
  std::function<Evaluation(std::vector<TrainedLayer>&)> fine_tune;
  /// Measures them on the held-out images as they are.
  std::function<Evaluation(const std::vector<TrainedLayer>&)> validate;
};

/// Chooses a number of each layer, its bits or its density, one small change after the other, each tried by
/// training and taken back where it costs accuracy. Source: the search of Zhao et al.'s framework Mayo
/// (mayo/session/search.py: priority and global mode, backtracking, steps that are halved), whose priority is
/// a layer's own share of an estimate such as memory. Ours, since frames per second are no sum of layers: the
/// change that saves most of the whole network's cost comes first, of equal ones that which saves the most
/// bits of weights; and a change may be to another format of as many bits, where that saves anything.
class LayerSearch {
 public:
  /// Keeps references. `searched`: which of the layers, as their places in the list.
  LayerSearch(const LayerSearchConfig& config, std::vector<std::size_t> searched, std::uint64_t seed,
              const SearchHooks& hooks);

  /// Measures where the search starts, and gives the layers their first numbers. Throws ConfigurationError
  /// when these are impossible.
  void begin(SearchState& search, std::vector<TrainedLayer>& layers) const;

  /// Tries one change: `layers` are what they have become when it was taken, and as they were else. False
  /// when there is none left. From a state that was kept after any change the search goes on to the same end.
  bool advance(SearchState& search, std::vector<TrainedLayer>& layers);

  /// `layers` as `SearchState::origin` with the numbers that were found.
  void start_afresh(const SearchState& search, std::vector<TrainedLayer>& layers) const;

 private:
  /// What may be tried next.
  struct Candidate {
    std::size_t group = 0;
    std::uint32_t kind = 0;
    double value = 0.0;
    std::optional<double> saved;  ///< of the cost; nothing where the machine has no room for it
    double bits_saved = 0.0;
    std::vector<TrainedLayer> layers;
  };

  std::vector<std::size_t> members(std::size_t group) const;
  /// Gives a group's layers their number; false where its format has no such width.
  bool apply(std::size_t group, std::uint32_t kind, double value, const std::vector<TrainedLayer>& origin,
             std::vector<TrainedLayer>& layers) const;
  std::vector<std::pair<std::uint32_t, double>> changes_of(SearchedGroup& group) const;
  std::optional<Candidate> best_candidate(SearchState& search, const std::vector<TrainedLayer>& layers);

  const LayerSearchConfig& config_;
  std::vector<std::size_t> searched_;
  std::uint64_t seed_;
  const SearchHooks& hooks_;
};

/// The half of a step: of whole numbers the larger half, or one less where that is the step itself.
double halved_step(double step, bool whole_numbers);

}  // namespace lacuna
