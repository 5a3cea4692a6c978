#pragma once

#include "models/tomato/systemc/channel_units.h"

namespace lacuna::tomato::systemc {

/// Units that relate pixels to frames: global sums, and those of dynamic channel pruning.
class GlobalSumPool : public ChannelUnit {
 public:
  using ChannelUnit::ChannelUnit;
  void reset(const RunInput& input) override;

 protected:
  void compute(std::vector<Values>& tokens, Values& result) override;
  void count() override { events_[UnitEvent::additions] += channels(); }
  bool makes_result() const override { return token_in_frame() + 1 == plan().tokens_per_frame; }

 private:
  Values sums_;
};

/// k-winners-take-all: one comparator tree that finds a winner per cycle.
class Winners : public ChannelUnit {
 public:
  using ChannelUnit::ChannelUnit;

 protected:
  std::uint64_t accept(std::vector<Values>& tokens, Values& result) override;
  void compute(std::vector<Values>& tokens, Values& result) override;
  void count() override { events_[UnitEvent::comparisons] += std::uint64_t{channels()} * unit().winners; }
};

/// Multiplies by the frame's gate.
class Boost : public ChannelUnit {
 public:
  using ChannelUnit::ChannelUnit;

 protected:
  std::uint64_t accept(std::vector<Values>& tokens, Values& result) override;
  void compute(std::vector<Values>& tokens, Values& result) override;
  void count() override { events_[UnitEvent::multiply_accumulates] += channels(); }

 private:
  Gate gate_;
};

}  // namespace lacuna::tomato::systemc
