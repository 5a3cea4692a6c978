#include "models/eie/timeline/values.h"

#include <algorithm>

#include "models/common/fixed_point.h"

namespace lacuna::eie {
namespace {

/// One PE's accumulators for one row batch.
class Accumulators {
 public:
  Accumulators(const Layer& layer, Rounding rounding, std::size_t size)
      : layer_(layer), rounding_(rounding), shift_(layer.formats.product_shift()), sums_(size) {}

  void clear() { std::fill(sums_.begin(), sums_.end(), 0); }

  /// Adds one column's entries; returns how many sums were clipped.
  std::uint64_t add(const PeMemory& memory, std::size_t image_column, std::int64_t activation) {
    std::uint64_t saturations = 0;
    std::size_t address = 0;
    for (std::uint32_t e = memory.pointers[image_column]; e < memory.pointers[image_column + 1];
         ++e, ++address) {
      address += memory.zeros[e];
      if (memory.codes[e] != 0) {
        const std::int64_t product = layer_.codebook[memory.codes[e]] * activation;
        const std::int64_t sum = sums_[address] + round_shift(product, shift_, rounding_);
        const std::int64_t kept = saturate(sum, layer_.formats.accumulator);
        saturations += kept != sum ? 1U : 0U;
        sums_[address] = kept;
      }
    }
    return saturations;
  }

  std::int32_t output(std::size_t address) const {
    const std::int64_t value =
        convert(sums_[address], layer_.formats.accumulator, layer_.formats.output, rounding_);
    return static_cast<std::int32_t>(layer_.relu ? std::max<std::int64_t>(value, 0) : value);
  }

 private:
  const Layer& layer_;
  Rounding rounding_;
  int shift_;
  std::vector<std::int64_t> sums_;
};

/// The bias column's activation is 1.0.
std::int64_t activation_of(const Layer& layer, std::uint32_t column,
                           const std::vector<std::int32_t>& activations) {
  return column < activations.size() ? activations[column] : quantise(1.0, layer.formats.activation);
}

}  // namespace

void compute_values(const Parameters& parameters, const Layer& layer, const MemoryImage& image,
                    const Broadcasts& broadcasts, const std::vector<std::int32_t>& activations,
                    RunResult& result) {
  const std::uint32_t pes = parameters.pe_count;
  const std::uint32_t per_batch = std::min(image.rows_per_batch(), image.rows);
  result.outputs.assign(layer.outputs(), 0);
  Accumulators sums(layer, parameters.rounding, (per_batch + pes - 1) / pes);
  for (std::uint32_t batch = 0; batch < image.row_batches; ++batch) {
    const std::uint32_t base = batch * per_batch;
    const std::uint32_t end = image.rows - base > per_batch ? base + per_batch : image.rows;
    for (std::uint32_t pe = 0; pe < pes; ++pe) {
      sums.clear();
      std::uint64_t saturations = 0;
      for (const std::uint32_t column : broadcasts.columns) {
        const std::size_t image_column = std::size_t{batch} * image.columns + column;
        saturations += sums.add(image.pes[pe], image_column, activation_of(layer, column, activations));
      }
      result.pes[pe].events[PeEvent::accumulator_saturations] += saturations;
      for (std::uint64_t row = std::uint64_t{base} + pe; row < end; row += pes) {
        result.outputs[row] = sums.output((row - base) / pes);
      }
    }
  }
}

}  // namespace lacuna::eie
