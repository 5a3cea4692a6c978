#include "models/tomato/systemc/weight_units.h"

#include <algorithm>
#include <utility>

namespace lacuna::tomato::systemc {

void WeightUnit::reset(const RunInput& input) {
  StagedUnit::reset(input);
  output_gate_.clear();
  input_gate_.clear();
}

void WeightUnit::take_gates(std::vector<Values>& tokens) {
  if (plan().output_gate_input) {
    output_gate_ = std::move(tokens[*plan().output_gate_input]);
  }
  if (plan().input_gate_input) {
    input_gate_ = std::move(tokens[*plan().input_gate_input]);
  }
  const std::uint32_t outputs = output_stream().map.channels;
  const std::uint32_t inputs = joined_channels();
  const OpenChannels out = open_channels(output_gate_, outputs, unit().unroll.output_channels);
  const OpenChannels in = open_channels(input_gate_, inputs, inputs == 1 ? 1 : unit().unroll.input_channels);
  const std::uint64_t taps = input_stream().taps;
  issue_cycles_ = std::max<std::uint64_t>(1, in.steps * out.steps * plan().tap_steps);
  products_ = in.count * out.count * taps;
  skipped_products_ = std::uint64_t{inputs} * outputs * taps - products_;
}

std::uint64_t WeightUnit::accept(std::vector<Values>& tokens, Values& result) {
  if (token_in_frame() == 0) {
    take_gates(tokens);
  }
  events_[UnitEvent::multiply_accumulates] += products_;
  events_[UnitEvent::skipped_multiply_accumulates] += skipped_products_;
  events_[UnitEvent::weight_reads] += plan().fully_unrolled ? 0 : products_;
  if (has_values()) {
    compute(tokens.front(), result);
  }
  return issue_cycles_;
}

Convolution::Convolution(const sc_core::sc_module_name& name, const UnitWiring& wiring)
    : WeightUnit(name, wiring), products_(unit(), input_stream(), output_stream()) {}

void Convolution::compute(const Values& input, Values& result) {
  products_.multiply(input, input_gate_, output_gate_, result);
}

void Depthwise::compute(const Values& input, Values& result) {
  multiply_depthwise(unit(), input_stream(), input, output_gate_, result);
}

FullyConnected::FullyConnected(const sc_core::sc_module_name& name, const UnitWiring& wiring)
    : WeightUnit(name, wiring), products_(unit(), input_stream(), output_stream()) {}

void FullyConnected::reset(const RunInput& input) {
  WeightUnit::reset(input);
  sums_.clear();
}

void FullyConnected::compute(const Values& input, Values& result) {
  products_.multiply(input, input_gate_, output_gate_, sums_, token_in_frame(), plan().tokens_per_frame,
                     token_in_frame() > 0);
  if (makes_result()) {
    result = sums_;
  }
}

}  // namespace lacuna::tomato::systemc
