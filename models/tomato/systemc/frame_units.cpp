#include "models/tomato/systemc/frame_units.h"

#include <utility>

namespace lacuna::tomato::systemc {

void GlobalSumPool::reset(const RunInput& input) {
  ChannelUnit::reset(input);
  sums_.clear();
}

void GlobalSumPool::compute(std::vector<Values>& tokens, Values& result) {
  if (token_in_frame() == 0) {
    sums_.assign(channels(), 0);
  }
  add_to(sums_, tokens.front());
  if (makes_result()) {
    result = sums_;
  }
}

std::uint64_t Winners::accept(std::vector<Values>& tokens, Values& result) {
  if (!has_values()) {
    result = winners_without_values(unit().winners, channels());
  }
  return ChannelUnit::accept(tokens, result);
}

void Winners::compute(std::vector<Values>& tokens, Values& result) {
  result = std::move(tokens.front());
  keep_winners(unit().winners, unit().winner_lanes, result);
}

std::uint64_t Boost::accept(std::vector<Values>& tokens, Values& result) {
  if (token_in_frame() == 0) {
    gate_ = std::move(tokens[1]);
  }
  return ChannelUnit::accept(tokens, result);
}

void Boost::compute(std::vector<Values>& tokens, Values& result) {
  result = std::move(tokens.front());
  for (std::size_t c = 0; c < result.size(); ++c) {
    result[c] *= gate_[c];
  }
}

}  // namespace lacuna::tomato::systemc
