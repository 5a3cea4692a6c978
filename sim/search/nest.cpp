#include "sim/search/nest.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna {

const char* axis_name(LoopAxis axis) {
  constexpr std::array<const char*, axis_count> names = {"group", "co", "ci", "h", "w", "kh", "kw"};
  return names[static_cast<std::size_t>(axis)];
}

std::uint32_t Domain::extent(LoopAxis axis) const {
  switch (axis) {
    case LoopAxis::group:
      return groups;
    case LoopAxis::co:
      return co;
    case LoopAxis::ci:
      return ci;
    case LoopAxis::h:
      return h();
    case LoopAxis::w:
      return w();
    case LoopAxis::kh:
      return kh;
    case LoopAxis::kw:
      return kw;
  }
  return 0;
}

std::uint64_t Domain::weights() const {
  return std::uint64_t{bands} * groups * co * ci * kh * kw;
}

std::uint64_t Domain::products() const {
  return std::uint64_t{groups} * co * ci * kh * kw * h() * w();
}

bool operator==(const Domain& a, const Domain& b) {
  const auto all = [](const Domain& d) {
    return std::tie(d.groups, d.co, d.ci, d.input_h, d.input_w, d.kh, d.kw, d.stride, d.padding, d.bands);
  };
  return all(a) == all(b);
}

namespace {

void check(const Domain& domain) {
  const std::array<std::uint32_t, 9> sizes = {domain.groups,  domain.co,      domain.ci,
                                              domain.input_h, domain.input_w, domain.kh,
                                              domain.kw,      domain.stride,  domain.bands};
  if (std::count(sizes.begin(), sizes.end(), 0U) > 0) {
    throw ConfigurationError({}, "a loop nest has a size of 0", "at least 1 for each");
  }
  if (domain.input_h % domain.bands != 0) {
    throw ConfigurationError({}, fmt::format("{} bands of {} rows", domain.bands, domain.input_h),
                             "rows that are a multiple of the bands");
  }
  const std::uint64_t rows = domain.input_h / domain.bands + 2 * std::uint64_t{domain.padding};
  const std::uint64_t columns = domain.input_w + 2 * std::uint64_t{domain.padding};
  if (domain.kh > rows || domain.kw > columns) {
    throw ConfigurationError(
        {}, fmt::format("a kernel of {} x {} on {} x {} padded inputs", domain.kh, domain.kw, rows, columns),
        "a kernel that is no larger");
  }
}

}  // namespace

LoopNest make_nest(const Domain& domain) {
  check(domain);
  LoopNest nest{domain, {}};
  for (const LoopAxis axis :
       {LoopAxis::h, LoopAxis::w, LoopAxis::group, LoopAxis::co, LoopAxis::ci, LoopAxis::kh, LoopAxis::kw}) {
    nest.levels.push_back({axis, domain.extent(axis), 1, false});
  }
  return nest;
}

namespace {

std::vector<Level> levels_of(const LoopNest& nest, LoopAxis axis) {
  std::vector<Level> levels;
  std::copy_if(nest.levels.begin(), nest.levels.end(), std::back_inserter(levels),
               [axis](const Level& level) { return level.axis == axis; });
  return levels;
}

/// Whether the levels of an axis reach each index once: sorted by their steps, each step is what the smaller
/// levels reach together.
bool covers(const LoopNest& nest, LoopAxis axis) {
  std::vector<Level> levels = levels_of(nest, axis);
  // Loops of one turn reach nothing new, whatever their step.
  levels.erase(
      std::remove_if(levels.begin(), levels.end(), [](const Level& level) { return level.size == 1; }),
      levels.end());
  std::sort(levels.begin(), levels.end(), [](const Level& a, const Level& b) { return a.step < b.step; });
  std::uint64_t reached = 1;
  for (const Level& level : levels) {
    if (level.step != reached) {
      return false;
    }
    reached *= level.size;
  }
  return reached >= nest.domain.extent(axis);
}

bool is_reduction(LoopAxis axis) {
  return axis == LoopAxis::ci || axis == LoopAxis::kh || axis == LoopAxis::kw;
}

/// The products of an output in the order in which they are formed, numbered by (ci, kh, kw).
std::vector<std::uint64_t> order_of_sum(const LoopNest& nest) {
  struct Position {
    std::uint64_t ci = 0, kh = 0, kw = 0;
  };
  std::vector<Position> positions = {{}};
  for (const Level& level : nest.levels) {
    if (!is_reduction(level.axis)) {
      continue;
    }
    std::vector<Position> next;
    for (const Position& position : positions) {
      for (std::uint32_t turn = 0; turn < level.size; ++turn) {
        Position at = position;
        std::uint64_t& index = level.axis == LoopAxis::ci   ? at.ci
                               : level.axis == LoopAxis::kh ? at.kh
                                                            : at.kw;
        index += std::uint64_t{turn} * level.step;
        if (index < nest.domain.extent(level.axis)) {
          next.push_back(at);
        }
      }
    }
    positions = std::move(next);
  }
  std::vector<std::uint64_t> order;
  order.reserve(positions.size());
  for (const Position& at : positions) {
    order.push_back((at.ci * nest.domain.kh + at.kh) * nest.domain.kw + at.kw);
  }
  return order;
}

bool has_unrolled_sum(const LoopNest& nest) {
  return std::any_of(nest.levels.begin(), nest.levels.end(), [](const Level& level) {
    return level.is_unrolled && level.size > 1 && is_reduction(level.axis);
  });
}

}  // namespace

bool is_dependence_preserving(const LoopNest& before, const LoopNest& after, Accumulation accumulation) {
  if (before.domain != after.domain) {
    return false;
  }
  for (std::size_t axis = 0; axis < axis_count; ++axis) {
    if (!covers(before, static_cast<LoopAxis>(axis)) || !covers(after, static_cast<LoopAxis>(axis))) {
      return false;
    }
  }
  if (accumulation == Accumulation::exact) {
    return true;
  }
  return !has_unrolled_sum(before) && !has_unrolled_sum(after) && order_of_sum(before) == order_of_sum(after);
}

std::string schedule_text(const LoopNest& nest) {
  std::string text;
  for (const Level& level : nest.levels) {
    if (level.size == 1 && levels_of(nest, level.axis).size() > 1) {
      continue;
    }
    std::string name = axis_name(level.axis);
    name += level.step > 1 ? fmt::format("/{}", level.step) : "";
    text += text.empty() ? "" : " ";
    text += level.is_unrolled ? fmt::format("|{}{}|", name, level.size) : name;
  }
  return text;
}

}  // namespace lacuna
