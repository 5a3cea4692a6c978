#include "models/tomato/systemc/link.h"

#include <utility>

namespace lacuna::tomato::systemc {

void LinkUnit::reset(const RunInput& input) {
  StagedUnit::reset(input);
  away_ = 0;
  returning_.clear();
}

std::uint64_t LinkUnit::credits(Cycle cycle) const {
  std::uint64_t home = unit().link.buffer_tokens - away_;
  for (const Cycle back : returning_) {
    home += back <= cycle ? 1 : 0;
  }
  return home;
}

Cycle LinkUnit::may_accept_from(Cycle cycle) const {
  for (const Cycle back : returning_) {
    if (back > cycle) {
      return back;
    }
  }
  return never;
}

std::uint64_t LinkUnit::accept(std::vector<Values>& tokens, Values& result) {
  // A credit that has come home by now is the one that goes out.
  if (away_ == unit().link.buffer_tokens) {
    returning_.pop_front();
  } else {
    ++away_;
  }
  events_[UnitEvent::link_words] += plan().issue_cycles;
  result = std::move(tokens.front());
  return plan().issue_cycles;
}

}  // namespace lacuna::tomato::systemc
