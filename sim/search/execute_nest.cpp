#include "sim/search/execute_nest.h"

#include <array>
#include <cstddef>
#include <stdexcept>

namespace lacuna {
namespace {

void check_size(std::size_t found, std::size_t wanted) {
  if (found != wanted) {
    throw std::invalid_argument("values of another size than the nest has");
  }
}

template <class Value>
class Execution {
 public:
  Execution(const LoopNest& nest, const std::vector<Value>& inputs, const std::vector<Value>& weights)
      : nest_(nest), domain_(nest.domain), inputs_(inputs), weights_(weights) {
    check_size(inputs.size(), std::size_t{domain_.input_channels()} * domain_.input_h * domain_.input_w);
    check_size(weights.size(), domain_.weights());
    outputs_.assign(std::size_t{domain_.output_channels()} * domain_.h() * domain_.w(), Value{});
  }

  std::vector<Value> run() {
    enter(0);
    return std::move(outputs_);
  }

 private:
  std::size_t& at(LoopAxis axis) { return position_[static_cast<std::size_t>(axis)]; }

  void enter(std::size_t depth) {
    if (depth == nest_.levels.size()) {
      multiply();
      return;
    }
    const Level& level = nest_.levels[depth];
    const std::size_t before = at(level.axis);
    for (std::size_t turn = 0; turn < level.size; ++turn) {
      at(level.axis) = before + turn * level.step;
      enter(depth + 1);
    }
    at(level.axis) = before;
  }

  void multiply() {
    for (std::size_t axis = 0; axis < axis_count; ++axis) {
      if (position_[axis] >= domain_.extent(static_cast<LoopAxis>(axis))) {
        return;
      }
    }
    const auto [group, co, ci, h, w, kh, kw] = position_;
    const std::size_t band_outputs = domain_.h() / domain_.bands;
    const std::size_t band_inputs = domain_.input_h / domain_.bands;
    const std::size_t band = h / band_outputs;
    // In the band's rows; wraps around above the first, which is then too large as well.
    const std::size_t row = h % band_outputs * domain_.stride + kh - domain_.padding;
    const std::size_t column = w * domain_.stride + kw - domain_.padding;
    if (row >= band_inputs || column >= domain_.input_w) {
      return;
    }
    const std::size_t input = group * domain_.ci + ci;
    const std::size_t output = group * domain_.co + co;
    const std::size_t filter = (band * domain_.groups + group) * domain_.co + co;
    const Value weight = weights_[((filter * domain_.ci + ci) * domain_.kh + kh) * domain_.kw + kw];
    const Value value =
        inputs_[(input * domain_.input_h + band * band_inputs + row) * domain_.input_w + column];
    outputs_[(output * domain_.h() + h) * domain_.w() + w] += weight * value;
  }

  const LoopNest& nest_;
  const Domain& domain_;
  const std::vector<Value>& inputs_;
  const std::vector<Value>& weights_;
  std::vector<Value> outputs_;
  std::array<std::size_t, axis_count> position_{};
};

}  // namespace

template <class Value>
std::vector<Value> execute(const LoopNest& nest, const std::vector<Value>& inputs,
                           const std::vector<Value>& weights) {
  return Execution<Value>(nest, inputs, weights).run();
}

namespace {

template <class Value>
std::vector<Value> upsampled(const std::vector<Value>& map, std::size_t width, std::size_t factor) {
  std::vector<Value> larger;
  for (std::size_t begin = 0; begin < map.size(); begin += width) {
    for (std::size_t i = 0; i < factor * factor * width; ++i) {
      larger.push_back(map[begin + i % (factor * width) / factor]);
    }
  }
  return larger;
}

}  // namespace

template <class Value>
std::vector<Value> execute(const Operation& operation, const std::vector<Value>& inputs,
                           const std::vector<std::vector<Value>>& weights) {
  check_size(weights.size(), operation.branches.size());
  std::vector<Value> outputs;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Branch& branch = operation.branches[i];
    const Domain& domain = branch.nest.domain;
    const std::size_t plane = std::size_t{domain.input_h} * domain.input_w;
    check_size(inputs.size(), operation.inputs * plane);
    const auto begin = inputs.begin() + static_cast<std::ptrdiff_t>(branch.first_input * plane);
    const std::vector<Value> read(begin,
                                  begin + static_cast<std::ptrdiff_t>(domain.input_channels() * plane));
    const std::vector<Value> written =
        upsampled(execute(branch.nest, read, weights[i]), domain.w(), operation.upsampling);
    outputs.insert(outputs.end(), written.begin(), written.end());
  }
  return outputs;
}

template std::vector<std::int64_t> execute(const LoopNest&, const std::vector<std::int64_t>&,
                                           const std::vector<std::int64_t>&);
template std::vector<double> execute(const LoopNest&, const std::vector<double>&, const std::vector<double>&);
template std::vector<std::int64_t> execute(const Operation&, const std::vector<std::int64_t>&,
                                           const std::vector<std::vector<std::int64_t>>&);
template std::vector<double> execute(const Operation&, const std::vector<double>&,
                                     const std::vector<std::vector<double>>&);

}  // namespace lacuna
