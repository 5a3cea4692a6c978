#include "sim/data/random/column_generator.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "sim/data/random/random_stream.h"

namespace lacuna {
namespace {

constexpr std::size_t max_entries = 1024;

}  // namespace

GapTable::GapTable(double density) {
  double more_zeros = 1.0;
  while (thresholds_.size() < max_entries) {
    more_zeros *= 1.0 - density;
    const double scaled = std::floor(std::ldexp(more_zeros, 32));
    thresholds_.push_back(static_cast<std::uint32_t>(std::min(scaled, 4294967295.0)));
    if (thresholds_.back() == 0) {
      break;  // every draw ends here at the latest
    }
  }
  table_zeros_ = thresholds_.size();
  thresholds_.push_back(0);  // no draw is below: a search ends here
  for (std::size_t lead = 0; lead < guide_.size(); ++lead) {
    // The largest draw with these leading bits has the smallest gap.
    const std::uint64_t largest = ((std::uint64_t{lead} + 1) << (32 - guide_bits)) - 1;
    const auto first =
        std::lower_bound(thresholds_.begin(), thresholds_.end(), largest,
                         [](std::uint32_t threshold, std::uint64_t draw) { return threshold > draw; });
    guide_[lead] = static_cast<std::uint32_t>(first - thresholds_.begin());
  }
}

std::uint64_t GapTable::draw(RandomStream& stream, std::uint64_t limit) const {
  std::uint64_t zeros = 0;
  while (zeros < limit) {
    const std::uint32_t draw = stream.next();
    std::size_t gap = guide_[draw >> (32 - guide_bits)];
    gap += draw < thresholds_[gap] ? 1U : 0U;  // as often as not, which no branch foresees
    while (draw < thresholds_[gap]) {
      ++gap;
    }
    zeros += gap;
    if (gap < table_zeros_) {
      break;
    }
  }
  return zeros;
}

namespace {

const GeneratedLayer& checked(const GeneratedLayer& layer) {
  check_generated_layer(layer);
  return layer;
}

}  // namespace

ColumnGenerator::ColumnGenerator(const GeneratedLayer& layer)
    : layer_(checked(layer)), gaps_(layer.weight_density > 0.0 ? layer.weight_density : 1.0) {}

void ColumnGenerator::append_rows(std::uint32_t column, std::vector<std::uint32_t>& rows) const {
  if (layer_.weight_density == 0.0) {
    return;
  }
  RandomStream stream(layer_.seed, StreamPurpose::row_positions, column);
  for (std::uint64_t row = 0;; ++row) {
    row += gaps_.draw(stream, layer_.rows - row);  // called once: so the stream stays in registers
    if (row >= layer_.rows) {
      return;
    }
    rows.push_back(static_cast<std::uint32_t>(row));
  }
}

void ColumnGenerator::append_codes(std::uint32_t column, std::size_t count,
                                   std::vector<std::uint8_t>& codes) const {
  RandomStream stream(layer_.seed, StreamPurpose::weight_codes, column);
  const std::uint32_t shared_values = (1U << layer_.codebook_index_bits) - 1;
  const std::size_t before = codes.size();
  codes.resize(before + count);
  std::generate_n(codes.data() + before, count,
                  [&] { return static_cast<std::uint8_t>(1 + stream.below(shared_values)); });
}

namespace {

void fill_vector(const GeneratedLayer& layer, std::uint32_t vector, std::uint32_t nonzeros, float* values) {
  RandomStream positions(layer.seed, StreamPurpose::activation_positions, vector);
  RandomStream magnitudes(layer.seed, StreamPurpose::activation_values, vector);
  std::uint32_t wanted = nonzeros;
  for (std::uint32_t i = 0; i < layer.inputs && wanted > 0; ++i) {
    if (positions.below(layer.inputs - i) < wanted) {
      values[i] = static_cast<float>(1 + magnitudes.below(32767)) / 4096.0F;
      --wanted;
    }
  }
}

}  // namespace

ActivationSet generate_activations(const GeneratedLayer& layer) {
  check_generated_layer(layer);
  const auto nonzeros = static_cast<std::uint32_t>(std::llround(layer.activation_density * layer.inputs));
  ActivationSet set{layer.vectors, layer.inputs,
                    std::vector<float>(std::size_t{layer.vectors} * layer.inputs)};
  for (std::uint32_t vector = 0; vector < layer.vectors; ++vector) {
    fill_vector(layer, vector, nonzeros, set.values.data() + std::size_t{vector} * layer.inputs);
  }
  return set;
}

namespace {

/// Columns between two pulses.
constexpr std::uint32_t pulse_columns = 256;

void pulse_at(std::uint32_t column, const std::function<void()>& pulse) {
  if (pulse && column % pulse_columns == pulse_columns - 1) {
    pulse();
  }
}

}  // namespace

GeneratedColumns::GeneratedColumns(const GeneratedLayer& layer, std::function<void()> pulse)
    : layer_(layer), generator_(layer), pulse_(std::move(pulse)) {}

sparse::ColumnRows GeneratedColumns::next() {
  pulse_at(column_, pulse_);
  rows_.clear();
  generator_.append_rows(column_++, rows_);
  return {rows_.data(), rows_.size()};
}

GeneratedEntries::GeneratedEntries(const GeneratedLayer& layer, std::function<void()> pulse)
    : generator_(layer), pulse_(std::move(pulse)) {}

CodedColumn GeneratedEntries::read(std::uint32_t column) {
  const sparse::ColumnRows found = read_rows(column);
  codes_.clear();
  generator_.append_codes(column, found.size, codes_);
  return {found.rows, codes_.data(), found.size};
}

sparse::ColumnRows GeneratedEntries::read_rows(std::uint32_t column) {
  pulse_at(column, pulse_);
  rows_.clear();
  generator_.append_rows(column, rows_);
  return {rows_.data(), rows_.size()};
}

}  // namespace lacuna
