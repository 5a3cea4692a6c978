#include "sim/eie/run/layer_parts.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "models/common/error.h"
#include "models/eie/capacity.h"

namespace lacuna {
namespace {

constexpr std::uint32_t most_parts = 1024;

/// Elements of each part when so many are cut in equal parts of whole rows of PEs.
std::uint64_t share(std::uint32_t elements, std::uint32_t parts, std::uint32_t pe_count) {
  const std::uint64_t rows = (std::uint64_t{elements} + pe_count - 1) / pe_count;
  return (rows + parts - 1) / parts * pe_count;
}

/// Nothing where there are fewer rows of PEs than parts.
std::optional<PartPlan> equal_parts(const eie::Layer& layer, std::uint32_t of_outputs,
                                    std::uint32_t of_inputs, std::uint32_t pe_count) {
  const std::uint64_t outputs = share(layer.outputs(), of_outputs, pe_count);
  const std::uint64_t inputs = share(layer.inputs(), of_inputs, pe_count);
  if (outputs * (of_outputs - 1) >= layer.outputs() || inputs * (of_inputs - 1) >= layer.inputs()) {
    return std::nullopt;
  }
  PartPlan plan;
  plan.splits_inputs = of_inputs > 1;
  for (std::uint64_t output = 0; output < layer.outputs(); output += outputs) {
    for (std::uint64_t input = 0; input < layer.inputs(); input += inputs) {
      LayerPart part;
      part.first_output = static_cast<std::uint32_t>(output);
      part.outputs = static_cast<std::uint32_t>(std::min(outputs, layer.outputs() - output));
      part.first_input = static_cast<std::uint32_t>(input);
      part.inputs = static_cast<std::uint32_t>(std::min(inputs, layer.inputs() - input));
      part.has_bias = layer.has_bias && input + part.inputs == layer.inputs();
      plan.parts.push_back(part);
    }
  }
  return plan;
}

eie::Layer layer_of(const eie::Layer& layer, const LayerPart& part, bool splits_inputs, bool with_entries) {
  eie::Layer result;
  result.name = layer.name;
  result.has_bias = part.has_bias;
  result.relu = layer.relu && !splits_inputs;
  result.codebook = layer.codebook;
  result.formats = layer.formats;
  if (splits_inputs) {
    result.formats.output.integer_bits = layer.formats.accumulator.integer_bits;
  }
  eie::CodedMatrix& matrix = result.matrix;
  matrix.rows = part.outputs;
  matrix.columns = part.inputs + (part.has_bias ? 1U : 0U);
  if (!with_entries) {
    return result;
  }
  for (std::uint32_t i = 0; i < matrix.columns; ++i) {
    const std::uint32_t column = part.first_input + i;  // a bias column is the last of both
    const auto rows = layer.matrix.row_indices.begin();
    const auto begin = rows + static_cast<std::ptrdiff_t>(layer.matrix.column_starts[column]);
    const auto end = rows + static_cast<std::ptrdiff_t>(layer.matrix.column_starts[column + 1U]);
    const auto first = std::lower_bound(begin, end, part.first_output);
    const auto last = std::lower_bound(first, end, part.first_output + part.outputs);
    for (auto row = first; row != last; ++row) {
      matrix.row_indices.push_back(*row - part.first_output);
      matrix.codes.push_back(layer.matrix.codes[static_cast<std::size_t>(row - rows)]);
    }
    matrix.column_starts.push_back(matrix.row_indices.size());
  }
  return result;
}

std::uint32_t row_batches(const eie::Parameters& p, std::uint32_t rows) {
  const std::uint64_t held = std::uint64_t{p.register_file_entries} * p.pe_count;
  return held == 0 ? 1 : static_cast<std::uint32_t>((rows + held - 1) / held);
}

/// Whether shapes alone do not tell that a part is too large.
bool shapes_may_fit(const eie::Parameters& p, const eie::Layer& layer, const PartPlan& plan) {
  return std::all_of(plan.parts.begin(), plan.parts.end(), [&](const LayerPart& part) {
    const eie::Layer shape = layer_of(layer, part, plan.splits_inputs, false);
    try {
      eie::check_capacity(p, shape, eie::ImageSize{shape.matrix.columns, row_batches(p, part.outputs), 0});
    } catch (const CapacityError&) {
      return false;
    }
    return true;
  });
}

bool fits(eie::Engine& engine, const eie::Layer& layer, const PartPlan& plan) {
  return std::all_of(plan.parts.begin(), plan.parts.end(), [&](const LayerPart& part) {
    const eie::Layer whole = layer_of(layer, part, plan.splits_inputs, true);
    try {
      eie::check_capacity(engine.parameters(), whole, engine.image_of(whole));
    } catch (const CapacityError&) {
      return false;
    }
    return true;
  });
}

/// Parts below which the nonzeros alone, spread evenly and without padding, fill the sparse-matrix memories.
std::uint32_t fewest_parts(const eie::Parameters& p, const eie::Layer& layer) {
  const std::uint64_t held =
      p.spmat_capacity_bytes * 8 / p.spmat_width_bits * p.entries_per_spmat_row() * p.pe_count;
  const std::uint64_t least = (layer.matrix.nonzeros() + held - 1) / std::max<std::uint64_t>(1, held);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(least, 2, most_parts + 1));
}

}  // namespace

PartPlan plan_parts(eie::Engine& engine, const eie::Layer& layer, const CapacityError& whole) {
  const eie::Parameters& p = engine.parameters();
  const bool may_split_inputs = p.accumulator_width_bits <= p.activation_width_bits;
  for (std::uint32_t parts = fewest_parts(p, layer); parts <= most_parts; ++parts) {
    for (std::uint32_t of_inputs = 1; of_inputs <= (may_split_inputs ? parts : 1); ++of_inputs) {
      if (parts % of_inputs != 0) {
        continue;
      }
      std::optional<PartPlan> plan = equal_parts(layer, parts / of_inputs, of_inputs, p.pe_count);
      if (plan && shapes_may_fit(p, layer, *plan) && fits(engine, layer, *plan)) {
        return *std::move(plan);
      }
    }
  }
  throw whole;
}

QuantisedLayer part_of(const QuantisedLayer& layer, const LayerPart& part, bool splits_inputs) {
  QuantisedLayer result;
  result.layer = layer_of(layer.layer, part, splits_inputs, true);
  for (const std::vector<std::int32_t>& vector : layer.activations) {
    const auto first = vector.begin() + part.first_input;
    result.activations.emplace_back(first, first + part.inputs);
  }
  return result;
}

std::vector<std::vector<std::int32_t>> join_outputs(
    const eie::Parameters& machine, const eie::Layer& layer, const PartPlan& plan,
    const std::vector<std::vector<std::vector<std::int32_t>>>& parts) {
  const std::size_t vectors = parts.front().size();
  std::vector<std::vector<std::int32_t>> joined(vectors);
  const FixedFormat& accumulator = layer.formats.accumulator;
  for (std::size_t vector = 0; vector < vectors; ++vector) {
    std::vector<std::int64_t> sums(layer.outputs());
    for (std::size_t i = 0; i < plan.parts.size(); ++i) {
      const LayerPart& part = plan.parts[i];
      for (std::uint32_t output = 0; output < part.outputs; ++output) {
        std::int64_t& sum = sums[part.first_output + output];
        const std::int64_t result = parts[i][vector][output];
        if (plan.splits_inputs) {
          FixedFormat held = layer.formats.output;
          held.integer_bits = accumulator.integer_bits;
          sum = saturate(sum + convert(result, held, accumulator, Rounding::truncate), accumulator);
        } else {
          sum = result;
        }
      }
    }
    joined[vector].reserve(sums.size());
    for (const std::int64_t sum : sums) {
      const std::int64_t output =
          plan.splits_inputs ? convert(sum, accumulator, layer.formats.output, machine.rounding) : sum;
      joined[vector].push_back(static_cast<std::int32_t>(
          plan.splits_inputs && layer.relu ? std::max<std::int64_t>(output, 0) : output));
    }
  }
  return joined;
}

}  // namespace lacuna
