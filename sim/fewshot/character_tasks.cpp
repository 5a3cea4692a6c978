#include "sim/fewshot/character_tasks.h"

#include <algorithm>
#include <cmath>
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

void CharacterImages::add(std::size_t image, const ImageView& view, std::vector<float>& values) const {
  constexpr double ink = 255.0;
  const auto height = static_cast<std::int64_t>(height_);
  const auto width = static_cast<std::int64_t>(width_);
  const unsigned char* const pixels = pixels_.data() + image * height_ * width_;
  const auto pixel = [&](std::int64_t row, std::int64_t column) {
    const bool inside = row >= 0 && row < height && column >= 0 && column < width;
    return inside ? static_cast<double>(pixels[row * width + column]) : 0.0;
  };
  const double middle_y = static_cast<double>(height - 1) / 2.0;
  const double middle_x = static_cast<double>(width - 1) / 2.0;
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      // From a pixel of the result back to a place in the file's image. Turned images are square.
      const double from_y = static_cast<double>(y - view.down) - middle_y;
      const double from_x = static_cast<double>(x - view.right) - middle_x;
      double row = middle_y + view.warp[0] * from_y + view.warp[1] * from_x;
      double column = middle_x + view.warp[2] * from_y + view.warp[3] * from_x;
      for (std::uint32_t turn = 0; turn < view.quarters; ++turn) {
        row = std::exchange(column, static_cast<double>(height - 1) - row);
      }
      column = view.mirrored ? static_cast<double>(width - 1) - column : column;
      const double top = std::floor(row);
      const double left = std::floor(column);
      const auto r = static_cast<std::int64_t>(top);
      const auto c = static_cast<std::int64_t>(left);
      const double below = row - top;
      const double beside = column - left;
      const double value = (1.0 - below) * ((1.0 - beside) * pixel(r, c) + beside * pixel(r, c + 1)) +
                           below * ((1.0 - beside) * pixel(r + 1, c) + beside * pixel(r + 1, c + 1));
      values.push_back(static_cast<float>(value / ink));
    }
  }
}

TaskSampler::TaskSampler(const CharacterImages& images, const FewShotConfig& config, TaskPart part)
    : images_(images), config_(config.tasks), seed_(config.seed), part_(part) {
  if (part != TaskPart::training) {
    config_.queries = config_.test_queries;
    config_.symmetries = Symmetries::none;
    config_.shift = 0;
    config_.warp = 0.0;
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
  constexpr std::uint64_t largest_each = 32;
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
      ImageView view;
      view.quarters = symmetry % 4;
      view.mirrored = symmetry >= 4;
      if (config_.shift > 0) {
        for (std::int64_t* moved : {&view.down, &view.right}) {
          *moved = std::int64_t{stream.below(2 * config_.shift + 1)} - config_.shift;
        }
      }
      if (config_.warp > 0.0) {
        for (double& entry : view.warp) {
          entry += config_.warp * (std::ldexp(static_cast<double>(stream.next()), -31) - 1.0);
        }
      }
      images_.add(images[i], view, batch.values);
      batch.labels.push_back(static_cast<std::int64_t>(way));
    }
  }
  return task;
}

}  // namespace lacuna
