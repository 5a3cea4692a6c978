#include "sim/fewshot/meta_parameters.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/data/random/random_stream.h"

namespace lacuna {
MetaLayout::MetaLayout(const FewShotConfig& config, const TensorShape& image) : image_(image) {
  moment_sets_ = config.moments_per_step ? std::size_t{config.steps} + 1 : 1;
  const auto sets = static_cast<std::int64_t>(moment_sets_);
  const auto steps = static_cast<std::int64_t>(config.steps);
  TensorShape shape = image;
  for (std::size_t l = 0; l < config.convolutions.size(); ++l) {
    const ConvolutionConfig& layer = config.convolutions[l];
    add(MetaArrayKind::kernel, l, {layer.channels, shape.channels, layer.kernel, layer.kernel});
    add(MetaArrayKind::scale, l, {sets, layer.channels});
    add(MetaArrayKind::offset, l, {sets, layer.channels});
    if (config.moments == MomentSource::blended) {
      add(MetaArrayKind::blend, l, {sets});
    }
    if (config.adapts == AdaptedPart::all) {
      add(MetaArrayKind::kernel_rate, l, {steps}, config.learn_rates);
    }
    moments_size_ += moment_sets_ * 2 * layer.channels;
    shape = output_of(layer, shape);
    shapes_.push_back(shape);
  }
  // The networks of a supernet end in different stages, of at most as many channels, and in a pool.
  const auto features = static_cast<std::int64_t>(config.supernet ? shape.channels : shape.elements());
  constexpr std::int64_t most_features = 1 << 20;
  if (features > most_features) {
    throw ConfigurationError({config.characters.images.place.file, 0, "few_shot.convolutions"},
                             fmt::format("leave {} features of an image", features),
                             fmt::format("at most {}", most_features));
  }
  const std::int64_t ways = config.tasks.ways;
  add(MetaArrayKind::head, 0, {ways, features});
  add(MetaArrayKind::head_bias, 0, {ways});
  add(MetaArrayKind::head_rate, 0, {steps}, config.learn_rates);
  add(MetaArrayKind::head_bias_rate, 0, {steps}, config.learn_rates);
}

void MetaLayout::add(MetaArrayKind kind, std::size_t layer, std::vector<std::int64_t> shape, bool learns) {
  std::size_t size = 1;
  for (const std::int64_t extent : shape) {
    size *= static_cast<std::size_t>(extent);
  }
  arrays_.push_back({kind, layer, std::move(shape), size_, size, learns});
  size_ += size;
}

std::size_t MetaLayout::find(MetaArrayKind kind, std::size_t layer) const {
  const auto found = std::find_if(arrays_.begin(), arrays_.end(), [&](const MetaArray& array) {
    return array.kind == kind && array.layer == layer;
  });
  if (found == arrays_.end()) {
    throw Error({}, "no such array of meta-parameters");
  }
  return static_cast<std::size_t>(found - arrays_.begin());
}

std::size_t MetaLayout::moments_at(std::size_t layer, std::size_t set) const {
  std::size_t position = 0;
  for (std::size_t l = 0; l < layer; ++l) {
    position += moment_sets_ * 2 * shapes_[l].channels;
  }
  return position + set * 2 * shapes_[layer].channels;
}

std::vector<float> MetaLayout::first_values(const FewShotConfig& config) const {
  const double three_quarters = std::log(3.0);
  std::vector<float> values(size_, 0.0F);
  for (std::size_t a = 0; a < arrays_.size(); ++a) {
    const MetaArray& array = arrays_[a];
    RandomStream stream(config.seed, StreamPurpose::few_shot_weights, a);
    const auto fill = [&](auto make) {
      std::generate_n(values.begin() + static_cast<std::ptrdiff_t>(array.offset), array.size,
                      [&] { return static_cast<float>(make()); });
    };
    switch (array.kind) {
      case MetaArrayKind::kernel:
      case MetaArrayKind::head: {
        const double pixels =
            array.kind == MetaArrayKind::kernel ? static_cast<double>(array.shape[2] * array.shape[3]) : 1.0;
        const double fans = static_cast<double>(array.shape[0] + array.shape[1]) * pixels;
        const double bound = std::sqrt(6.0 / fans);
        fill([&] { return bound * (std::ldexp(static_cast<double>(stream.next()), -31) - 1.0); });
        break;
      }
      case MetaArrayKind::scale:
        fill([] { return 1.0; });
        break;
      case MetaArrayKind::blend:
        fill([&] { return three_quarters; });
        break;
      case MetaArrayKind::kernel_rate:
      case MetaArrayKind::head_rate:
      case MetaArrayKind::head_bias_rate:
        fill([&] { return config.rate; });
        break;
      case MetaArrayKind::head_bias:
      case MetaArrayKind::offset:
        break;
    }
  }
  return values;
}

std::vector<float> MetaLayout::first_moments() const {
  std::vector<float> moments(moments_size_, 0.0F);
  for (std::size_t l = 0; l < shapes_.size(); ++l) {
    for (std::size_t set = 0; set < moment_sets_; ++set) {
      const std::size_t channels = shapes_[l].channels;
      const auto variances = static_cast<std::ptrdiff_t>(moments_at(l, set) + channels);
      std::fill_n(moments.begin() + variances, channels, 1.0F);
    }
  }
  return moments;
}

}  // namespace lacuna
