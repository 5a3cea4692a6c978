#include "models/tomato/systemc/channel_units.h"

#include <utility>

namespace lacuna::tomato::systemc {

std::uint64_t ChannelUnit::accept(std::vector<Values>& tokens, Values& result) {
  count();
  if (has_values()) {
    compute(tokens, result);
  }
  return plan().issue_cycles;
}

void MaxPool::compute(std::vector<Values>& tokens, Values& result) {
  pool_largest(input_stream(), tokens.front(), result);
}

void SumPool::compute(std::vector<Values>& tokens, Values& result) {
  pool_sums(input_stream(), tokens.front(), result);
}

void ResidualAdd::compute(std::vector<Values>& tokens, Values& result) {
  add_aligned(input_stream(0), tokens[0], input_stream(1), tokens[1], result);
}

void Concat::compute(std::vector<Values>& tokens, Values& result) {
  for (const Values& token : tokens) {
    result.insert(result.end(), token.begin(), token.end());
  }
}

void Select::compute(std::vector<Values>& tokens, Values& result) {
  select_channels(unit(), tokens.front(), result);
}

void Requantise::compute(std::vector<Values>& tokens, Values& result) {
  result = std::move(tokens.front());
  events_[UnitEvent::saturations] += requantise(unit().requantisation, result);
}

void Requantise::count() {
  events_[UnitEvent::multiply_accumulates] += channels();
  events_[UnitEvent::requantisations] += channels();
}

std::uint64_t Fork::accept(std::vector<Values>& tokens, Values& result) {
  compute(tokens, result);
  return plan().issue_cycles;
}

void Fork::compute(std::vector<Values>& tokens, Values& result) {
  result = std::move(tokens.front());
}

}  // namespace lacuna::tomato::systemc
