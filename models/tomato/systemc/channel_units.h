#pragma once

#include "models/tomato/systemc/staged_unit.h"

namespace lacuna::tomato::systemc {

/// Units that work channel by channel and whose issue cycles are those of the plan.
class ChannelUnit : public StagedUnit {
 public:
  using StagedUnit::StagedUnit;

 protected:
  std::uint64_t accept(std::vector<Values>& tokens, Values& result) override;
  virtual void compute(std::vector<Values>& tokens, Values& result) = 0;
  /// Counts one token's events.
  virtual void count() {}
  std::uint32_t channels() const { return input_stream().map.channels; }
};

class MaxPool : public ChannelUnit {
 public:
  using ChannelUnit::ChannelUnit;

 protected:
  void compute(std::vector<Values>& tokens, Values& result) override;
  void count() override { events_[UnitEvent::comparisons] += input_stream().values_per_token(); }
};

class SumPool : public ChannelUnit {
 public:
  using ChannelUnit::ChannelUnit;

 protected:
  void compute(std::vector<Values>& tokens, Values& result) override;
  void count() override { events_[UnitEvent::additions] += input_stream().values_per_token(); }
};

class ResidualAdd : public ChannelUnit {
 public:
  using ChannelUnit::ChannelUnit;

 protected:
  void compute(std::vector<Values>& tokens, Values& result) override;
  void count() override { events_[UnitEvent::additions] += channels(); }
};

class Concat : public ChannelUnit {
 public:
  using ChannelUnit::ChannelUnit;

 protected:
  void compute(std::vector<Values>& tokens, Values& result) override;
};

/// Some channels of a pixel, in any order.
class Select : public ChannelUnit {
 public:
  using ChannelUnit::ChannelUnit;

 protected:
  void compute(std::vector<Values>& tokens, Values& result) override;
};

class Requantise : public ChannelUnit {
 public:
  using ChannelUnit::ChannelUnit;

 protected:
  void compute(std::vector<Values>& tokens, Values& result) override;
  void count() override;
};

/// One stream to several. Gates pass in runs without values, too.
class Fork : public ChannelUnit {
 public:
  using ChannelUnit::ChannelUnit;

 protected:
  std::uint64_t accept(std::vector<Values>& tokens, Values& result) override;
  void compute(std::vector<Values>& tokens, Values& result) override;
};

}  // namespace lacuna::tomato::systemc
