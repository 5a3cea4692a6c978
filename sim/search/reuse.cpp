#include "sim/search/reuse.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace lacuna {
namespace {

/// The axes that an operand's index depends on.
using Axes = std::vector<LoopAxis>;

bool has(const Axes& axes, LoopAxis axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

/// How many of an axis's turns before level `end` are not empty, those of unrolled loops left out: they are
/// lanes.
std::vector<std::uint64_t> turns(const LoopNest& nest, LoopAxis axis, std::size_t end) {
  std::vector<std::uint64_t> starts = {0};
  for (std::size_t i = 0; i < end; ++i) {
    const Level& level = nest.levels[i];
    if (level.axis != axis || level.is_unrolled) {
      continue;
    }
    std::vector<std::uint64_t> next;
    for (const std::uint64_t start : starts) {
      for (std::uint32_t turn = 0; turn < level.size; ++turn) {
        const std::uint64_t at = start + std::uint64_t{turn} * level.step;
        if (at < nest.domain.extent(axis)) {
          next.push_back(at);
        }
      }
    }
    starts = std::move(next);
  }
  return starts;
}

/// Behind the innermost loop that turns and on which an operand with these axes depends.
std::size_t end_of(const LoopNest& nest, const Axes& axes) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < nest.levels.size(); ++i) {
    const Level& level = nest.levels[i];
    if (level.size > 1 && !level.is_unrolled && has(axes, level.axis)) {
      end = i + 1;
    }
  }
  return end;
}

/// Elements of an operand that are read: all that it has, for each turn of the loops that it does not depend
/// on and that lie outside the innermost on which it does.
std::uint64_t reads(const LoopNest& nest, const Axes& axes) {
  const std::size_t end = end_of(nest, axes);
  std::uint64_t count = 1;
  for (std::size_t i = 0; i < axis_count; ++i) {
    const auto axis = static_cast<LoopAxis>(i);
    count *= has(axes, axis) ? nest.domain.extent(axis) : turns(nest, axis, end).size();
  }
  return count;
}

/// How often the loops behind level `end`, begun at a row, come into another band; the first counts.
std::uint64_t band_changes(const LoopNest& nest, std::size_t end, std::uint64_t first_row) {
  std::vector<std::uint64_t> rows = {first_row};
  for (std::size_t i = end; i < nest.levels.size(); ++i) {
    const Level& level = nest.levels[i];
    if (level.is_unrolled || (level.axis != LoopAxis::h && level.axis != LoopAxis::w)) {
      continue;
    }
    std::vector<std::uint64_t> next;
    for (const std::uint64_t row : rows) {
      for (std::uint32_t turn = 0; turn < level.size; ++turn) {
        const std::uint64_t at = level.axis == LoopAxis::h ? row + std::uint64_t{turn} * level.step : row;
        if (at < nest.domain.h()) {
          next.push_back(at);
        }
      }
    }
    rows = std::move(next);
  }
  const std::uint32_t band_rows = nest.domain.h() / nest.domain.bands;
  std::uint64_t changes = 1;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    changes += rows[i] / band_rows != rows[i - 1] / band_rows ? 1 : 0;
  }
  return changes;
}

/// Weights depend on rows, too, but only by the band that these lie in.
std::uint64_t weight_reads(const LoopNest& nest) {
  const Axes axes = {LoopAxis::group, LoopAxis::co, LoopAxis::ci, LoopAxis::kh, LoopAxis::kw};
  const std::uint64_t of_one_band = reads(nest, axes);
  if (nest.domain.bands == 1) {
    return of_one_band;
  }
  const std::size_t end = end_of(nest, axes);
  const std::vector<std::uint64_t> starts = turns(nest, LoopAxis::h, end);
  std::uint64_t changes = 0;
  for (const std::uint64_t start : starts) {
    changes += band_changes(nest, end, start);
  }
  return of_one_band / starts.size() * changes;
}

/// Taps of one direction inside the map, over all output positions of it.
std::uint64_t taps_inside(std::uint32_t outputs, std::uint32_t inputs, std::uint32_t kernel,
                          const Domain& domain) {
  std::uint64_t count = 0;
  for (std::uint32_t output = 0; output < outputs; ++output) {
    for (std::uint32_t tap = 0; tap < kernel; ++tap) {
      const std::int64_t at = std::int64_t{output} * domain.stride + tap - domain.padding;
      count += at >= 0 && at < inputs ? 1 : 0;
    }
  }
  return count;
}

double ratio(std::uint64_t products, double reads_or_bits) {
  return reads_or_bits > 0.0 ? static_cast<double>(products) / reads_or_bits
                             : std::numeric_limits<double>::infinity();
}

}  // namespace

NestTraffic traffic_of(const LoopNest& nest) {
  const Domain& domain = nest.domain;
  NestTraffic traffic;
  traffic.products = domain.products();
  traffic.weight_reads = weight_reads(nest);
  traffic.activation_reads =
      reads(nest, {LoopAxis::group, LoopAxis::ci, LoopAxis::h, LoopAxis::w, LoopAxis::kh, LoopAxis::kw});
  traffic.sum_accesses = reads(nest, {LoopAxis::group, LoopAxis::co, LoopAxis::h, LoopAxis::w});
  const std::uint64_t rows =
      domain.bands * taps_inside(domain.h() / domain.bands, domain.input_h / domain.bands, domain.kh, domain);
  const std::uint64_t columns = taps_inside(domain.w(), domain.input_w, domain.kw, domain);
  const bool has_windows = domain.kh > 1 || domain.kw > 1;
  traffic.line_buffer_reads = has_windows ? rows * columns * domain.input_channels() : 0;
  traffic.fifo_values = std::uint64_t{domain.input_h} * domain.input_w * domain.input_channels() +
                        std::uint64_t{domain.h()} * domain.w() * domain.output_channels();
  return traffic;
}

DataReuse reuse_of(const LoopNest& nest, std::uint32_t input_bits, std::uint32_t output_bits) {
  const Domain& domain = nest.domain;
  const NestTraffic traffic = traffic_of(nest);
  const double input_values = static_cast<double>(domain.input_h) * domain.input_w * domain.input_channels();
  const double output_values = static_cast<double>(domain.h()) * domain.w() * domain.output_channels();
  DataReuse reuse;
  reuse.products_per_weight_read = ratio(traffic.products, static_cast<double>(traffic.weight_reads));
  reuse.products_per_activation_read = ratio(traffic.products, static_cast<double>(traffic.activation_reads));
  reuse.products_per_line_buffer_read =
      ratio(traffic.products, static_cast<double>(traffic.line_buffer_reads));
  reuse.products_per_fifo_bit =
      ratio(traffic.products, input_bits * input_values + output_bits * output_values);
  return reuse;
}

}  // namespace lacuna
