#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/fewshot/few_shot_recipe.h"
#include "sim/fewshot/sub_network.h"
#include "sim/network/network.h"
#include "sim/training/training_data.h"

namespace lacuna {

/// How an image is seen: mirrored, turned by quarters of a circle, warped about its middle, and moved.
struct ImageView {
  std::uint32_t quarters = 0;
  bool mirrored = false;
  std::int64_t down = 0;
  std::int64_t right = 0;
  /// (y, x) of a pixel from the middle, times this matrix (rows first), is where its value comes from.
  std::array<double, 4> warp = {1.0, 0.0, 0.0, 1.0};
};

/// Images of characters, by class and alphabet.
class CharacterImages {
 public:
  struct Character {
    std::string alphabet;
    std::vector<std::size_t> images;  ///< positions in the file
  };

  /// Reads the files. Throws InputDataError when they do not belong together.
  explicit CharacterImages(const CharactersConfig& config);

  TensorShape shape() const { return {height_, width_, 1}; }
  const std::vector<Character>& characters() const { return characters_; }
  /// Paths of the files read.
  const std::vector<std::string>& files() const { return files_; }

  /// Adds an image to `values`, pixels 0 to 1, 0 where nothing is; between pixels values are bilinear.
  void add(std::size_t image, const ImageView& view, std::vector<float>& values) const;

 private:
  std::uint32_t height_ = 0;
  std::uint32_t width_ = 0;
  std::vector<unsigned char> pixels_;
  std::vector<Character> characters_;
  std::vector<std::string> files_;
};

/// Images to adapt to, and others of the same classes to be judged by; labels 0 to ways - 1.
struct Task {
  ImageBatch support;
  ImageBatch query;
  SubNetwork network;  ///< that learns it, of a supernet
};

/// Tasks of one part of the alphabets. A task depends on seed, part and number alone. Its network is a random
/// one of the search space, of every 32nd training task the largest.
class TaskSampler {
 public:
  /// Throws ConfigurationError for alphabets that are not there, or have too few characters or images for
  /// the tasks. Keeps a reference to `images`.
  TaskSampler(const CharacterImages& images, const FewShotConfig& config, TaskPart part);

  Task task(std::uint64_t number) const;

 private:
  const CharacterImages& images_;
  TasksConfig config_;
  std::uint64_t seed_;
  TaskPart part_;
  std::vector<std::vector<std::size_t>> groups_;  ///< characters that may be in one task
  std::size_t characters_ = 0;                    ///< in all groups
};

}  // namespace lacuna
