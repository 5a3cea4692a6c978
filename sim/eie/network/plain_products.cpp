#include "sim/eie/network/plain_products.h"

#include <algorithm>

#include "models/common/parallel_for.h"
#include "sim/eie/network/plain_sums.h"

namespace lacuna {
namespace {

bool broadcast(const eie::Parameters& machine, std::int32_t element) {
  return machine.nonzero_detection == eie::NonzeroDetection::positive ? element > 0 : element != 0;
}

/// Up to `plain_lanes` vectors of a product.
class Lanes {
 public:
  Lanes(const eie::Parameters& machine, const eie::Layer& layer)
      : machine_(machine), layer_(layer), elements_(layer.matrix.columns * plain_lanes) {
    if (layer.has_bias) {
      const auto one = static_cast<std::int32_t>(quantise(1.0, layer.formats.activation));
      std::fill(elements_.end() - plain_lanes, elements_.end(), one);
    }
  }

  void set(std::size_t lane, const std::vector<std::int32_t>& vector) {
    for (std::size_t column = 0; column < vector.size(); ++column) {
      elements_[column * plain_lanes + lane] = broadcast(machine_, vector[column]) ? vector[column] : 0;
    }
  }

  void compute() { sums_ = plain_sums(layer_, machine_.rounding, elements_); }

  std::vector<std::int32_t> outputs(std::size_t lane) const {
    std::vector<std::int32_t> outputs;
    outputs.reserve(layer_.matrix.rows);
    for (std::size_t row = 0; row < layer_.matrix.rows; ++row) {
      const std::int64_t output = convert(sums_[row * plain_lanes + lane], layer_.formats.accumulator,
                                          layer_.formats.output, machine_.rounding);
      outputs.push_back(static_cast<std::int32_t>(layer_.relu ? std::max<std::int64_t>(output, 0) : output));
    }
    return outputs;
  }

 private:
  const eie::Parameters& machine_;
  const eie::Layer& layer_;
  std::vector<std::int32_t> elements_;  ///< [column][lane]
  std::vector<std::int64_t> sums_;      ///< [row][lane]
};

}  // namespace

ProductCounts PlainProducts::run(const Product& product, const VectorStream& stream,
                                 const StreamProgress& progress) {
  parallel_for({stream.size, plain_lanes, threads_}, [&](const ParallelPart& part) {
    if (part.worker == 0 && progress) {
      progress(part.begin);
    }
    Lanes lanes(machine_, product.layer);
    std::vector<std::int32_t> elements;
    for (std::size_t i = part.begin; i < part.end; ++i) {
      stream.make(i, elements);
      lanes.set(i - part.begin, elements);
    }
    lanes.compute();
    for (std::size_t i = part.begin; i < part.end; ++i) {
      std::vector<std::int32_t> outputs = lanes.outputs(i - part.begin);
      stream.take(i, outputs);
    }
  });
  return {};
}

}  // namespace lacuna
