#include "sim/search/lower_nest.h"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

using Counter = StreamSchedule::Counter;

[[noreturn]] void refuse(const LoopNest& nest, const std::string& wrong, const std::string& allowed) {
  throw ConfigurationError({}, fmt::format("schedule '{}': {}", schedule_text(nest), wrong), allowed);
}

/// Output channels are those of all groups; none for pixels.
std::optional<Counter> counter_of(LoopAxis axis) {
  switch (axis) {
    case LoopAxis::group:
    case LoopAxis::co:
      return Counter::outputs;
    case LoopAxis::ci:
      return Counter::inputs;
    case LoopAxis::kh:
    case LoopAxis::kw:
      return Counter::taps;
    case LoopAxis::h:
    case LoopAxis::w:
      return std::nullopt;
  }
  return std::nullopt;
}

/// Loops of more than one turn.
std::vector<Level> turning(const LoopNest& nest) {
  std::vector<Level> levels;
  std::copy_if(nest.levels.begin(), nest.levels.end(), std::back_inserter(levels),
               [](const Level& level) { return level.size > 1; });
  return levels;
}

/// Rows outermost, then columns, none cut, none unrolled.
void check_pixels(const LoopNest& nest) {
  bool is_inside = false;
  bool columns_seen = false;
  for (const Level& level : turning(nest)) {
    if (counter_of(level.axis)) {
      is_inside = true;
      continue;
    }
    const bool is_whole = level.step == 1 && level.size >= nest.domain.extent(level.axis);
    if (is_inside || level.is_unrolled || !is_whole || (level.axis == LoopAxis::h && columns_seen)) {
      refuse(nest, "streams carry pixels row by row, one at a time", "h and w outermost and whole");
    }
    columns_seen = columns_seen || level.axis == LoopAxis::w;
  }
}

}  // namespace

bool StreamSchedule::has_machine_order() const {
  constexpr std::array<Counter, 3> machine = {Counter::outputs, Counter::taps, Counter::inputs};
  const auto place = [&](Counter counter) { return std::find(machine.begin(), machine.end(), counter); };
  return std::is_sorted(order.begin(), order.end(),
                        [&](Counter a, Counter b) { return place(a) < place(b); });
}

StreamSchedule stream_schedule(const LoopNest& nest) {
  check_pixels(nest);
  StreamSchedule schedule;
  std::array<std::uint32_t*, 3> lanes = {&schedule.output_lanes, &schedule.input_lanes, &schedule.tap_lanes};
  std::uint64_t tap_steps = 1;
  for (const Level& level : turning(nest)) {
    const std::optional<Counter> counter = counter_of(level.axis);
    if (!counter) {
      continue;
    }
    if (level.is_unrolled) {
      *lanes.at(static_cast<std::size_t>(*counter)) *= level.size;
      continue;
    }
    schedule.steps *= level.size;
    tap_steps *= *counter == Counter::taps ? level.size : 1;
    if (schedule.order.empty() || schedule.order.back() != *counter) {
      schedule.order.push_back(*counter);
    }
  }
  for (const Counter counter : schedule.order) {
    if (std::count(schedule.order.begin(), schedule.order.end(), counter) > 1) {
      refuse(nest, "a direction has one counter, which cannot turn inside and outside of another",
             "loops of a direction next to one another");
    }
  }
  const std::uint64_t taps = std::uint64_t{nest.domain.kh} * nest.domain.kw;
  if (tap_steps != (taps + schedule.tap_lanes - 1) / schedule.tap_lanes) {
    refuse(nest, "the taps are one direction, whose lanes are not filled",
           "unrolled loops that divide the kernel's rows or columns");
  }
  return schedule;
}

namespace {

class LayerWriter {
 public:
  LayerWriter(const Operation& operation, const std::string& name, std::size_t input, Network& network)
      : operation_(operation), name_(name), network_(network), input_(input) {}

  std::size_t write() {
    std::vector<std::size_t> outputs;
    for (std::size_t i = 0; i < operation_.branches.size(); ++i) {
      check_input(operation_.branches[i].nest.domain);
      const std::string name = operation_.branches.size() == 1 ? name_ : fmt::format("{}_{}", name_, i);
      outputs.push_back(write_branch(operation_.branches[i], name));
    }
    std::size_t last = joined(outputs, name_ + "_channels");
    if (operation_.upsampling > 1) {
      last = repeated(last);
    }
    return last;
  }

 private:
  const TensorShape& shape(std::size_t position) const { return network_.layers[position].shape; }

  void check_input(const Domain& domain) const {
    const TensorShape wanted{domain.input_h, domain.input_w, operation_.inputs};
    if (input_ >= network_.layers.size() || shape(input_) != wanted) {
      throw ConfigurationError(
          {}, fmt::format("operation '{}' reads {}", name_, wanted.text()),
          input_ < network_.layers.size() ? "the shape of its input, " + shape(input_).text() : "a layer");
    }
  }

  std::size_t append(LayerKind kind, const std::string& name, std::vector<std::size_t> inputs,
                     NetworkLayer layer = {}) {
    layer.kind = kind;
    layer.name = name;
    layer.inputs = std::move(inputs);
    std::vector<TensorShape> shapes;
    for (const std::size_t each : layer.inputs) {
      shapes.push_back(shape(each));
    }
    layer.shape = output_shape(layer, shapes);
    network_.layers.push_back(std::move(layer));
    return network_.layers.size() - 1;
  }

  std::size_t rearranged(std::size_t from, const std::string& name, const TensorShape& to,
                         Rearrangement elements) {
    NetworkLayer layer;
    layer.shape = to;
    layer.rearrangement = std::move(elements);
    return append(LayerKind::rearrange, name, {from}, std::move(layer));
  }

  /// Some rows and channels of the operation's input; the input itself when that is all.
  std::size_t part_of_input(const std::string& name, std::uint32_t first_row, std::uint32_t rows,
                            std::uint32_t first_channel, std::uint32_t channels) {
    const TensorShape whole = shape(input_);
    if (rows == whole.height && channels == whole.channels) {
      return input_;
    }
    const std::int64_t row = std::int64_t{whole.width} * whole.channels;
    return rearranged(input_, name, {rows, whole.width, channels},
                      {first_row * row + first_channel,
                       {rows, whole.width, channels},
                       {row, std::int64_t{whole.channels}, 1}});
  }

  std::size_t write_branch(const Branch& branch, const std::string& name) {
    const Domain& domain = branch.nest.domain;
    const std::uint32_t rows = domain.input_h / domain.bands;
    std::vector<std::size_t> outputs;
    for (std::uint32_t band = 0; band < domain.bands; ++band) {
      const std::string band_name = domain.bands == 1 ? name : fmt::format("{}_band{}", name, band);
      const std::size_t read =
          part_of_input(band_name + "_input", band * rows, rows, branch.first_input, domain.input_channels());
      NetworkLayer layer;
      layer.shape.channels = domain.output_channels();
      layer.window = {domain.kh,      domain.kw,      domain.stride,  domain.stride,
                      domain.padding, domain.padding, domain.padding, domain.padding};
      layer.groups = domain.groups;
      outputs.push_back(append(LayerKind::convolution, band_name, {read}, std::move(layer)));
    }
    return domain.bands == 1 ? outputs.front() : stacked(outputs, name);
  }

  std::size_t joined(const std::vector<std::size_t>& parts, const std::string& name) {
    return parts.size() == 1 ? parts.front() : append(LayerKind::concat, name, parts);
  }

  /// Bands below one another: joined in channels, and taken apart again.
  std::size_t stacked(const std::vector<std::size_t>& bands, const std::string& name) {
    const TensorShape band = shape(bands.front());
    const auto count = static_cast<std::uint32_t>(bands.size());
    const std::size_t all = joined(bands, name + "_bands");
    const std::int64_t pixel = std::int64_t{band.channels} * count;
    return rearranged(all, name + "_rows", {band.height * count, band.width, band.channels},
                      {0,
                       {count, band.height, band.width, band.channels},
                       {std::int64_t{band.channels}, pixel * band.width, pixel, 1}});
  }

  std::size_t repeated(std::size_t from) {
    const TensorShape small = shape(from);
    const std::uint32_t factor = operation_.upsampling;
    return rearranged(from, name_ + "_upsampled",
                      {small.height * factor, small.width * factor, small.channels},
                      {0,
                       {small.height, factor, small.width, factor, small.channels},
                       {std::int64_t{small.width} * small.channels, 0, std::int64_t{small.channels}, 0, 1}});
  }

  const Operation& operation_;
  const std::string& name_;
  Network& network_;
  const std::size_t input_;
};

}  // namespace

std::size_t append_layers(const Operation& operation, const std::string& name, std::size_t input,
                          Network& network) {
  return LayerWriter(operation, name, input, network).write();
}

std::vector<std::vector<float>> layer_weights(const Operation& operation,
                                              const std::vector<std::vector<float>>& weights_of_branches) {
  if (weights_of_branches.size() != operation.branches.size()) {
    throw std::invalid_argument("weights of other branches than the operation has");
  }
  std::vector<std::vector<float>> layers;
  for (std::size_t i = 0; i < operation.branches.size(); ++i) {
    const Domain& domain = operation.branches[i].nest.domain;
    const std::vector<float>& weights = weights_of_branches[i];
    if (weights.size() != domain.weights()) {
      throw std::invalid_argument("weights of another size than the branch has");
    }
    const std::size_t taps = std::size_t{domain.kh} * domain.kw;
    const std::size_t size = weights.size() / domain.bands;
    for (std::size_t band = 0; band < domain.bands; ++band) {
      std::vector<float>& layer = layers.emplace_back();
      for (std::size_t filter = 0; filter < domain.output_channels(); ++filter) {
        for (std::size_t tap = 0; tap < taps; ++tap) {
          for (std::size_t input = 0; input < domain.ci; ++input) {
            layer.push_back(weights[band * size + (filter * domain.ci + input) * taps + tap]);
          }
        }
      }
    }
  }
  return layers;
}

}  // namespace lacuna
