#pragma once

#include "models/tomato/systemc/staged_unit.h"

namespace lacuna::tomato::systemc {

/// A serial link between devices, with a credit for each place in the far end's buffer (contract, section 3).
class LinkUnit : public StagedUnit {
 public:
  using StagedUnit::StagedUnit;
  void reset(const RunInput& input) override;

 protected:
  std::uint64_t accept(std::vector<Values>& tokens, Values& result) override;
  bool pipe_has_room() const override { return true; }
  bool may_accept(Cycle cycle) const override { return credits(cycle) > 0; }
  Cycle may_accept_from(Cycle cycle) const override;
  void pushed(Cycle cycle) override { returning_.push_back(cycle + unit().link.latency_cycles); }

 private:
  std::uint64_t credits(Cycle cycle) const;

  std::uint64_t away_ = 0;       ///< credits that went out with a pixel and are not yet taken back here
  std::deque<Cycle> returning_;  ///< cycles in which credits come home
};

}  // namespace lacuna::tomato::systemc
