#include "models/eie/timeline/values.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/fixed_point.h"
#include "models/eie/timeline/value_kernels.h"

namespace lacuna::eie {
namespace {

/// Runs of one layer, up to `value_lanes` of them.
class ValueGroup {
 public:
  ValueGroup(const ValueInputs& inputs, const std::vector<std::int32_t>* vectors, std::size_t count,
             RunResult* results)
      : inputs_(inputs),
        arithmetic_{inputs.layer.codebook.data(), inputs.layer.codebook.size(),
                    inputs.layer.formats.product_shift(), inputs.parameters.rounding,
                    inputs.layer.formats.accumulator},
        vectors_(vectors),
        count_(count),
        results_(results),
        per_batch_(std::min(inputs.image.rows_per_batch(), inputs.image.rows)) {}

  void compute() {
    for (std::size_t v = 0; v < count_; ++v) {
      results_[v].outputs.assign(inputs_.layer.outputs(), 0);
    }
    if (!side_by_side()) {
      one_by_one();
    } else if (fits_narrow_lanes(arithmetic_.accumulator)) {
      all_lanes<std::int32_t>();
    } else {
      all_lanes<std::int64_t>();
    }
  }

 private:
  bool is_broadcast(std::int32_t activation) const {
    return inputs_.parameters.nonzero_detection == NonzeroDetection::positive ? activation > 0
                                                                              : activation != 0;
  }

  /// Side by side an entry costs about as much for all vectors as alone for two.
  bool side_by_side() {
    std::size_t broadcasts = 0;
    for (std::size_t v = 0; v < count_; ++v) {
      broadcasts += static_cast<std::size_t>(std::count_if(vectors_[v].begin(), vectors_[v].end(),
                                                           [&](std::int32_t a) { return is_broadcast(a); }));
    }
    return count_ > 2 && broadcasts > std::size_t{2} * inputs_.layer.inputs();
  }

  /// The bias column's activation is 1.0.
  std::int32_t bias_activation() const {
    return static_cast<std::int32_t>(quantise(1.0, inputs_.layer.formats.activation));
  }

  std::uint32_t batch_rows(std::uint32_t batch) const {
    return std::min(per_batch_, inputs_.image.rows - batch * per_batch_);
  }

  std::int32_t output(std::int64_t sum) const {
    const LayerFormats& formats = inputs_.layer.formats;
    const std::int64_t value = convert(sum, formats.accumulator, formats.output, arithmetic_.rounding);
    return static_cast<std::int32_t>(inputs_.layer.relu ? std::max<std::int64_t>(value, 0) : value);
  }

  void one_by_one() {
    std::vector<std::int64_t> sums(per_batch_);
    for (std::uint32_t batch = 0; batch < inputs_.image.row_batches; ++batch) {
      for (std::size_t v = 0; v < count_; ++v) {
        add_vector(v, batch, sums);
        for (std::uint32_t row = 0; row < batch_rows(batch); ++row) {
          results_[v].outputs[batch * per_batch_ + row] = output(sums[row]);
        }
      }
    }
  }

  /// One vector's sums in one row batch, and its saturations.
  void add_vector(std::size_t v, std::uint32_t batch, std::vector<std::int64_t>& sums) {
    const std::size_t first_column = std::size_t{batch} * inputs_.image.columns;
    const std::vector<std::int32_t>& activations = vectors_[v];
    std::vector<std::uint64_t> saturations(inputs_.parameters.pe_count);
    std::fill(sums.begin(), sums.end(), 0);
    for (std::size_t column = 0; column < activations.size(); ++column) {
      if (is_broadcast(activations[column])) {
        add_column(arithmetic_, inputs_.entries, first_column + column, activations[column], sums.data(),
                   saturations);
      }
    }
    if (inputs_.layer.has_bias) {
      add_column(arithmetic_, inputs_.entries, first_column + activations.size(), bias_activation(),
                 sums.data(), saturations);
    }
    for (std::size_t pe = 0; pe < saturations.size(); ++pe) {
      results_[v].pes[pe].events[PeEvent::accumulator_saturations] += saturations[pe];
    }
  }

  template <class Accumulator>
  void all_lanes() {
    transpose();
    LaneAccumulators<Accumulator> lanes(arithmetic_, per_batch_);
    for (std::uint32_t batch = 0; batch < inputs_.image.row_batches; ++batch) {
      lanes.clear();
      for (std::size_t column = 0; column < inputs_.image.columns; ++column) {
        const std::int32_t* const activations = activations_.data() + column * value_lanes;
        if (std::any_of(activations, activations + value_lanes, [](std::int32_t a) { return a != 0; })) {
          lanes.add_column(inputs_.entries, std::size_t{batch} * inputs_.image.columns + column, activations);
        }
      }
      write_outputs(batch, lanes);
      if (lanes.clipped()) {
        std::vector<std::int64_t> sums(per_batch_);
        for (std::size_t v = 0; v < count_; ++v) {
          add_vector(v, batch, sums);
        }
      }
    }
  }

  /// Broadcast activations of all vectors side by side, column after column; 0 for those not broadcast.
  void transpose() {
    const std::size_t inputs = inputs_.layer.inputs();
    activations_.assign(std::size_t{inputs_.image.columns} * value_lanes, 0);
    for (std::size_t v = 0; v < count_; ++v) {
      for (std::size_t column = 0; column < inputs; ++column) {
        const std::int32_t activation = vectors_[v][column];
        activations_[column * value_lanes + v] = is_broadcast(activation) ? activation : 0;
      }
      if (inputs_.layer.has_bias) {
        activations_[inputs * value_lanes + v] = bias_activation();
      }
    }
  }

  template <class Accumulator>
  void write_outputs(std::uint32_t batch, const LaneAccumulators<Accumulator>& lanes) {
    for (std::uint32_t row = 0; row < batch_rows(batch); ++row) {
      for (std::size_t v = 0; v < count_; ++v) {
        results_[v].outputs[batch * per_batch_ + row] = output(lanes.sum(row, v));
      }
    }
  }

  const ValueInputs& inputs_;
  ValueArithmetic arithmetic_;
  const std::vector<std::int32_t>* vectors_;
  std::size_t count_;
  RunResult* results_;
  std::uint32_t per_batch_;
  std::vector<std::int32_t> activations_;
};

}  // namespace

void compute_values(const ValueInputs& inputs, const std::vector<std::int32_t>* vectors, std::size_t count,
                    RunResult* results) {
  if (inputs.entries.largest_code() >= inputs.layer.codebook.size()) {
    throw InputDataError({},
                         fmt::format("the image has an entry with code {}", inputs.entries.largest_code()),
                         fmt::format("the codebook has {} shared weights", inputs.layer.codebook.size()));
  }
  for (std::size_t first = 0; first < count; first += value_lanes) {
    ValueGroup(inputs, vectors + first, std::min(value_lanes, count - first), results + first).compute();
  }
}

}  // namespace lacuna::eie
