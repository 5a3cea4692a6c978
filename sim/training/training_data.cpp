#include "sim/training/training_data.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/data/random/random_stream.h"

namespace lacuna {
namespace {

void check_labels(const InputImages& images, std::size_t classes) {
  for (std::size_t i = 0; i < images.labels().size(); ++i) {
    const std::int32_t label = images.labels()[i];
    if (label < 0 || static_cast<std::size_t>(label) >= classes) {
      throw InputDataError({images.files().back(), 0, ""}, fmt::format("label {} is {}", i, label),
                           fmt::format("0 to {}: the network has {} outputs", classes - 1, classes));
    }
  }
}

}  // namespace

TrainingData::TrainingData(const TrainingConfig& config, const TensorShape& shape, std::size_t classes)
    : train_(config.train, shape), test_(config.test, shape), validation_(config.validation_images) {
  if (validation_ >= train_.size()) {
    throw ConfigurationError({config.train.labels.place.file, 0, "training.validation_images"},
                             fmt::format("{} of {} training images are held out", validation_, train_.size()),
                             "fewer, so that some are left to train on");
  }
  check_labels(train_, classes);
  check_labels(test_, classes);
}

std::size_t TrainingData::size(DataPart part) const {
  switch (part) {
    case DataPart::training:
      return train_.size() - validation_;
    case DataPart::validation:
      return validation_;
    case DataPart::test:
      break;
  }
  return test_.size();
}

void TrainingData::add(DataPart part, std::size_t number, ImageBatch& batch) const {
  const InputImages& images = part == DataPart::test ? test_ : train_;
  const std::size_t position = part == DataPart::validation ? size(DataPart::training) + number : number;
  const Tensor image = images.image(position);
  batch.values.insert(batch.values.end(), image.values.begin(), image.values.end());
  batch.labels.push_back(images.labels()[position]);
}

ImageBatch TrainingData::batch(DataPart part, const std::vector<std::uint32_t>& numbers, std::size_t first,
                               std::size_t count) const {
  ImageBatch batch;
  for (std::size_t i = first; i < first + count; ++i) {
    add(part, numbers.at(i), batch);
  }
  return batch;
}

ImageBatch TrainingData::batch(DataPart part, std::size_t first, std::size_t count) const {
  ImageBatch batch;
  for (std::size_t i = first; i < first + count; ++i) {
    add(part, i, batch);
  }
  return batch;
}

std::vector<Tensor> TrainingData::images(std::size_t count) const {
  std::vector<Tensor> images;
  for (std::size_t i = 0; i < std::min(count, size(DataPart::training)); ++i) {
    images.push_back(train_.image(i));
  }
  return images;
}

std::vector<std::uint32_t> TrainingData::order(std::uint64_t seed, std::uint64_t epoch) const {
  std::vector<std::uint32_t> numbers(size(DataPart::training));
  std::iota(numbers.begin(), numbers.end(), 0U);
  RandomStream stream(seed, StreamPurpose::image_order, epoch);
  for (std::size_t i = numbers.size(); i > 1; --i) {
    std::swap(numbers[i - 1], numbers[stream.below(static_cast<std::uint32_t>(i))]);
  }
  return numbers;
}

std::vector<std::string> TrainingData::files() const {
  std::vector<std::string> files = train_.files();
  for (const std::string& file : test_.files()) {
    if (std::find(files.begin(), files.end(), file) == files.end()) {
      files.push_back(file);
    }
  }
  return files;
}

}  // namespace lacuna
