#include "sim/fewshot/character_tasks.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/data/random/random_stream.h"
#include "sim/files/csv_table.h"
#include "sim/network/input_images.h"

namespace lacuna {
namespace {

/// The first `count` of the items become a draw without replacement.
void draw(std::vector<std::size_t>& items, std::size_t count, RandomStream& stream) {
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(items[i], items[i + stream.below(static_cast<std::uint32_t>(items.size() - i))]);
  }
}

[[noreturn]] void refuse(const FilePath& file, const std::string& wrong, const std::string& allowed) {
  throw InputDataError({file.resolved, 0, ""}, wrong, allowed);
}

}  // namespace

CharacterImages::CharacterImages(const CharactersConfig& config) {
  files_ = {config.images.resolved, config.labels.resolved, config.classes.resolved};
  IdxArray images = read_idx(config.images.resolved);
  if (images.shape.size() != 3 || images.shape[1] > 1024 || images.shape[2] > 1024) {
    refuse(config.images, "does not hold images", "[images, height, width], each at most 1024 high and wide");
  }
  height_ = images.shape[1];
  width_ = images.shape[2];
  pixels_ = std::move(images.values);
  const CsvTable classes(config.classes.resolved);
  for (std::size_t row = 0; row < classes.rows(); ++row) {
    if (classes.text(row, "class") != std::to_string(row)) {
      throw InputDataError({config.classes.resolved, classes.line(row), "class"},
                           fmt::format("is {}", classes.text(row, "class")),
                           fmt::format("{}: classes in order, from 0", row));
    }
    characters_.push_back({classes.text(row, "alphabet"), {}});
  }
  const IdxArray labels = read_idx(config.labels.resolved);
  if (labels.shape.size() != 1 || labels.shape[0] != images.shape[0]) {
    refuse(config.labels,
           fmt::format("has {} numbers in {} dimensions", labels.values.size(), labels.shape.size()),
           fmt::format("a class for each of {} images", images.shape[0]));
  }
  for (std::size_t i = 0; i < labels.values.size(); ++i) {
    if (labels.values[i] >= characters_.size()) {
      refuse(
          config.labels, fmt::format("label {} is {}", i, labels.values[i]),
          fmt::format("below {}, the number of classes in {}", characters_.size(), config.classes.written));
    }
    characters_[labels.values[i]].images.push_back(i);
  }
}

void CharacterImages::add(std::size_t image, std::uint32_t quarters, bool mirrored, std::int64_t down,
                          std::int64_t right, std::vector<float>& values) const {
  constexpr float ink = 255.0F;
  const auto height = static_cast<std::int64_t>(height_);
  const auto width = static_cast<std::int64_t>(width_);
  const unsigned char* const pixels = pixels_.data() + image * height_ * width_;
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      // From a pixel of the result back to that of the file. Turned images are square.
      std::int64_t row = y - down;
      std::int64_t column = x - right;
      for (std::uint32_t turn = 0; turn < quarters; ++turn) {
        row = std::exchange(column, height - 1 - row);
      }
      column = mirrored ? width - 1 - column : column;
      const bool inside = row >= 0 && row < height && column >= 0 && column < width;
      values.push_back(inside ? static_cast<float>(pixels[row * width + column]) / ink : 0.0F);
    }
  }
}

TaskSampler::TaskSampler(const CharacterImages& images, const FewShotConfig& config, TaskPart part)
    : images_(images), config_(config.tasks), seed_(config.seed), part_(part) {
  if (part != TaskPart::training) {
    config_.queries = config_.test_queries;
    config_.symmetries = Symmetries::none;
    config_.shift = 0;
  }
  const std::string& recipe = config.characters.classes.place.file;
  if (config_.symmetries != Symmetries::none && images.shape().height != images.shape().width) {
    throw ConfigurationError({recipe, 0, "few_shot.tasks.symmetries"},
                             fmt::format("would turn images of {}", images.shape().text()), "none");
  }
  std::vector<std::vector<std::size_t>> alphabets;
  for (const AlphabetConfig& alphabet : config.characters.alphabets) {
    if (alphabet.use != part) {
      continue;
    }
    alphabets.emplace_back();
    for (std::size_t c = 0; c < images.characters().size(); ++c) {
      const CharacterImages::Character& character = images.characters()[c];
      if (character.alphabet != alphabet.name) {
        continue;
      }
      alphabets.back().push_back(c);
      if (character.images.size() < std::size_t{config_.shots} + config_.queries) {
        throw ConfigurationError(
            alphabet.place,
            fmt::format("class {} has {} images, and a task takes {} shots and {} queries", c,
                        character.images.size(), config_.shots, config_.queries),
            "fewer shots or queries");
      }
    }
    if (alphabets.back().empty()) {
      throw ConfigurationError(
          alphabet.place,
          fmt::format("{} has no alphabet '{}'", config.characters.classes.written, alphabet.name),
          "an alphabet of that file");
    }
  }
  if (part == TaskPart::training && config_.one_alphabet) {
    groups_ = std::move(alphabets);
  } else {
    groups_.emplace_back();
    for (const std::vector<std::size_t>& alphabet : alphabets) {
      groups_.front().insert(groups_.front().end(), alphabet.begin(), alphabet.end());
    }
  }
  for (const std::vector<std::size_t>& group : groups_) {
    if (group.size() < config_.ways) {
      throw ConfigurationError({recipe, 0, "few_shot.tasks.ways"},
                               fmt::format("{} characters of an alphabet or use are too few for {} ways",
                                           group.size(), config_.ways),
                               "more alphabets, fewer ways, or one_alphabet: false");
    }
    characters_ += group.size();
  }
}

Task TaskSampler::task(std::uint64_t number) const {
  constexpr unsigned part_shift = 60;
  RandomStream stream(seed_, StreamPurpose::few_shot_task,
                      (static_cast<std::uint64_t>(part_) << part_shift) | number);
  // An alphabet is drawn by the number of its characters.
  std::size_t position = stream.below(static_cast<std::uint32_t>(characters_));
  std::size_t g = 0;
  while (position >= groups_[g].size()) {
    position -= groups_[g++].size();
  }
  std::vector<std::size_t> characters = groups_[g];
  draw(characters, config_.ways, stream);
  Task task;
  constexpr std::uint64_t largest_each = 8;
  task.network = part_ == TaskPart::training && number % largest_each == 0
                     ? largest_sub_network()
                     : random_sub_network(seed_, number);
  const std::uint32_t symmetries = config_.symmetries == Symmetries::none        ? 1
                                   : config_.symmetries == Symmetries::rotations ? 4
                                                                                 : 8;
  for (std::size_t way = 0; way < config_.ways; ++way) {
    std::vector<std::size_t> images = images_.characters()[characters[way]].images;
    draw(images, std::size_t{config_.shots} + config_.queries, stream);
    const std::uint32_t symmetry = stream.below(symmetries);
    for (std::size_t i = 0; i < std::size_t{config_.shots} + config_.queries; ++i) {
      ImageBatch& batch = i < config_.shots ? task.support : task.query;
      const auto moved = [&] {
        return config_.shift == 0 ? std::int64_t{0}
                                  : std::int64_t{stream.below(2 * config_.shift + 1)} - config_.shift;
      };
      const std::int64_t down = moved();
      const std::int64_t right = moved();
      images_.add(images[i], symmetry % 4, symmetry >= 4, down, right, batch.values);
      batch.labels.push_back(static_cast<std::int64_t>(way));
    }
  }
  return task;
}

}  // namespace lacuna
