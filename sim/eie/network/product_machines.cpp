#include "sim/eie/network/product_machines.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "models/common/parallel_for.h"
#include "models/common/vector_clones.h"
#include "models/eie/cycle_bound.h"
#include "models/eie/forked_engine.h"
#include "sim/eie/run/run_layer.h"

namespace lacuna {
namespace {

void add_pes(const std::vector<eie::PeResult>& more, std::vector<eie::PeResult>& sums) {
  sums.resize(std::max(sums.size(), more.size()));
  for (std::size_t pe = 0; pe < more.size(); ++pe) {
    sums[pe].cycles += more[pe].cycles;
    sums[pe].events += more[pe].events;
  }
}

}  // namespace

void ProductCounts::add(const eie::RunResult& result) {
  sums += sums_of(result);
  add_pes(result.pes, pes);
}

ProductCounts& ProductCounts::operator+=(const ProductCounts& other) {
  sums += other.sums;
  add_pes(other.pes, pes);
  return *this;
}

namespace {

/// Vectors that are computed side by side.
inline constexpr std::size_t plain_lanes = 16;

/// How products become sums, in numbers that hold all of them.
template <class Number>
struct Arithmetic {
  int shift = 0;
  Number half = 0;   ///< of the last place that is kept; 0 where nothing is rounded
  Number below = 0;  ///< the bits that go
  Number least = 0;
  Number most = 0;

  Arithmetic(const eie::LayerFormats& formats, Rounding rounding)
      : shift(formats.product_shift()),
        least(static_cast<Number>(formats.accumulator.min_raw())),
        most(static_cast<Number>(formats.accumulator.max_raw())) {
    if (shift > 0 && rounding != Rounding::truncate) {
      half = static_cast<Number>(Number{1} << (shift - 1));
      below = static_cast<Number>((Number{1} << shift) - 1);
    }
  }
};

template <bool to_even, class Number>
LACUNA_INLINE void add_products(Number weight, const Number* elements, const Arithmetic<Number>& arithmetic,
                                Number* sums) {
  for (std::size_t lane = 0; lane < plain_lanes; ++lane) {
    const Number raised = static_cast<Number>(weight * elements[lane] + arithmetic.half);
    Number product = static_cast<Number>(raised >> arithmetic.shift);
    if (to_even) {
      const bool tie = (raised & arithmetic.below) == 0;
      product = static_cast<Number>(product & ~Number{tie});
    }
    const Number sum = static_cast<Number>(sums[lane] + product);
    sums[lane] = std::min(std::max(sum, arithmetic.least), arithmetic.most);
  }
}

template <bool to_even, class Number>
LACUNA_VECTOR_CLONES void add_columns(const eie::Layer& layer, const Arithmetic<Number>& arithmetic,
                                      const Number* elements, Number* sums) {
  const eie::CodedMatrix& matrix = layer.matrix;
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    Number inputs[plain_lanes];
    Number any = 0;
    for (std::size_t lane = 0; lane < plain_lanes; ++lane) {
      inputs[lane] = elements[column * plain_lanes + lane];
      any = static_cast<Number>(any | inputs[lane]);
    }
    if (any == 0) {
      continue;
    }
    for (std::uint64_t i = matrix.column_starts[column]; i < matrix.column_starts[column + 1U]; ++i) {
      add_products<to_even>(static_cast<Number>(layer.codebook[matrix.codes[i]]), inputs, arithmetic,
                            sums + std::size_t{matrix.row_indices[i]} * plain_lanes);
    }
  }
}

template <class Number>
std::vector<std::int64_t> sums_in(const eie::Layer& layer, Rounding rounding,
                                  const std::vector<std::int32_t>& elements) {
  const Arithmetic<Number> arithmetic(layer.formats, rounding);
  const std::vector<Number> numbers(elements.begin(), elements.end());
  std::vector<Number> sums(layer.matrix.rows * plain_lanes);
  if (rounding == Rounding::nearest_even && arithmetic.half != 0) {
    add_columns<true>(layer, arithmetic, numbers.data(), sums.data());
  } else {
    add_columns<false>(layer, arithmetic, numbers.data(), sums.data());
  }
  return {sums.begin(), sums.end()};
}

/// Whether no step leaves 32 bits.
bool fits_32_bits(const eie::LayerFormats& formats) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  const int shift = formats.product_shift();
  const std::int64_t product = formats.weight.min_raw() * formats.activation.min_raw();
  const std::int64_t half = std::int64_t{1} << shift;  // twice as much as rounding adds
  return product + half <= most && (product >> shift) + 1 - formats.accumulator.min_raw() <= most;
}

/// The accumulators of a layer's outputs, raw, for `plain_lanes` vectors, by the definition of the machine's
/// arithmetic (contract, section 2): [row][lane]. `elements` are [column][lane], those that are not broadcast
/// 0, which adds nothing.
std::vector<std::int64_t> plain_sums(const eie::Layer& layer, Rounding rounding,
                                     const std::vector<std::int32_t>& elements) {
  return fits_32_bits(layer.formats) ? sums_in<std::int32_t>(layer, rounding, elements)
                                     : sums_in<std::int64_t>(layer, rounding, elements);
}

/// Up to `plain_lanes` vectors of a product.
class Lanes {
 public:
  Lanes(const eie::Parameters& machine, const eie::Layer& layer)
      : machine_(machine), layer_(layer), elements_(layer.matrix.columns * plain_lanes) {
    if (layer.has_bias) {
      std::fill(elements_.end() - plain_lanes, elements_.end(), layer.formats.bias_activation());
    }
  }

  void set(std::size_t lane, const std::vector<std::int32_t>& vector) {
    for (std::size_t column = 0; column < vector.size(); ++column) {
      const bool found = eie::counts_as_nonzero(vector[column], machine_.nonzero_detection);
      elements_[column * plain_lanes + lane] = found ? vector[column] : 0;
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

ProductCounts BoundedProducts::run(const Product& product, const VectorStream& stream,
                                   const StreamProgress& progress) {
  const eie::CycleBound bound(machine_, product.layer);
  VectorStream bounded = stream;
  bounded.make = [&](std::size_t i, std::vector<std::int32_t>& elements) {
    stream.make(i, elements);
    cycles_ += bound.cycles(elements);
  };
  return values_.run(product, bounded, progress);
}

namespace {

std::string difference(const eie::RunResult& ours, const eie::RunResult& theirs) {
  if (ours.cycles != theirs.cycles) {
    return fmt::format("{} cycles, SystemC {}", ours.cycles, theirs.cycles);
  }
  if (ours.outputs != theirs.outputs) {
    return "other outputs than SystemC";
  }
  if (ours.control != theirs.control) {
    return "other control events than SystemC";
  }
  for (std::size_t pe = 0; pe < ours.pes.size(); ++pe) {
    if (ours.pes[pe].cycles != theirs.pes[pe].cycles || ours.pes[pe].events != theirs.pes[pe].events) {
      return fmt::format("other events than SystemC in PE {}", pe);
    }
  }
  return {};
}

}  // namespace

EngineProducts::EngineProducts(EngineKind kind, const eie::Parameters& machine, const EngineOptions& options,
                               std::size_t threads)
    : machine_(machine) {
  const std::size_t engines = kind == EngineKind::timeline ? std::max<std::size_t>(threads, 1) : 1;
  for (std::size_t i = 0; i < engines; ++i) {
    engines_.push_back(make_engine(kind, machine, options));
  }
}

namespace {

/// Vectors that a thread takes at once, at most `most`: whole lanes of values, and some groups for each
/// thread, so that all end at about the same time.
std::size_t vectors_of_group(std::size_t vectors, std::size_t most, std::size_t threads) {
  constexpr std::size_t groups_per_thread = 4;
  const std::size_t share = vectors / (groups_per_thread * threads);
  const std::size_t lanes = std::max(share / plain_lanes, std::size_t{1}) * plain_lanes;
  return threads == 1 ? std::max(most, std::size_t{1})
                      : std::clamp(lanes, std::size_t{1}, std::max(most, std::size_t{1}));
}

}  // namespace

ProductCounts EngineProducts::run(const Product& product, const VectorStream& stream,
                                  const StreamProgress& progress) {
  std::vector<ProductCounts> counts(engines_.size());
  std::vector<std::uint64_t> cycles(keeps_vector_cycles_ ? stream.size : 0);
  const std::size_t group =
      vectors_of_group(stream.size, engines_.front()->vectors_at_once(), engines_.size());
  parallel_for({stream.size, group, engines_.size()}, [&](const ParallelPart& part) {
    if (part.worker == 0 && progress) {
      progress(part.begin);
    }
    std::vector<std::vector<std::int32_t>> vectors(part.end - part.begin);
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      stream.make(part.begin + i, vectors[i]);
    }
    std::vector<eie::RunResult> results =
        engines_[part.worker]->run_all(product.layer, product.image, vectors);
    for (std::size_t i = 0; i < results.size(); ++i) {
      counts[part.worker].add(results[i]);
      if (keeps_vector_cycles_) {
        cycles[part.begin + i] = results[i].cycles;
      }
      stream.take(part.begin + i, results[i].outputs);
    }
  });
  if (keeps_vector_cycles_) {
    std::vector<std::uint64_t>& kept = vector_cycles_[&product];
    kept.insert(kept.end(), cycles.begin(), cycles.end());
  }
  ProductCounts sum;
  for (const ProductCounts& each : counts) {
    sum += each;
  }
  return sum;
}

std::vector<std::uint64_t> EngineProducts::take_vector_cycles(const Product& product) {
  const auto kept = vector_cycles_.find(&product);
  return kept == vector_cycles_.end() ? std::vector<std::uint64_t>() : std::move(kept->second);
}

std::string EngineProducts::check(const Product& product, const std::vector<std::int32_t>& elements) {
  if (checker_ == nullptr) {
    checker_ = eie::make_forked_engine(
        [](const eie::Parameters& machine) { return make_engine(EngineKind::systemc, machine); }, machine_);
  }
  return difference(engines_.front()->run(product.layer, product.image, elements),
                    checker_->run(product.layer, product.image, elements));
}

void EngineProducts::finish() {
  for (const std::unique_ptr<eie::Engine>& engine : engines_) {
    engine->finish();
  }
}

}  // namespace lacuna
