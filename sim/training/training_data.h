#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/network/input_images.h"
#include "sim/network/network.h"
#include "sim/training/recipe.h"

namespace lacuna {

/// Images and their classes.
struct ImageBatch {
  std::vector<float> values;  ///< [images][height][width][channels]
  std::vector<std::int64_t> labels;

  std::size_t size() const { return labels.size(); }
};

enum class DataPart : std::uint8_t { training, validation, test };

/// The images of a recipe in three parts that have no image in common. Validation are the last images of the
/// training files, whatever the seed.
class TrainingData {
 public:
  /// Reads the files. Throws InputDataError when they do not hold images of this shape with classes below
  /// `classes`, and ConfigurationError when holding out leaves nothing to train on.
  TrainingData(const TrainingConfig& config, const TensorShape& shape, std::size_t classes);

  std::size_t size(DataPart part) const;
  /// Images `numbers[first]` to `numbers[first + count - 1]` of a part.
  ImageBatch batch(DataPart part, const std::vector<std::uint32_t>& numbers, std::size_t first,
                   std::size_t count) const;
  /// Images `first` to `first + count - 1` of a part.
  ImageBatch batch(DataPart part, std::size_t first, std::size_t count) const;
  /// The first training images, at most so many.
  std::vector<Tensor> images(std::size_t count) const;
  /// All training images in the order of one epoch, which depends on the seed and the number of epochs before
  /// it: a Fisher-Yates shuffle.
  std::vector<std::uint32_t> order(std::uint64_t seed, std::uint64_t epoch) const;
  /// Paths of the files read, each once.
  std::vector<std::string> files() const;

 private:
  void add(DataPart part, std::size_t number, ImageBatch& batch) const;

  InputImages train_;
  InputImages test_;
  std::size_t validation_;
};

}  // namespace lacuna
