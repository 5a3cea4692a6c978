#pragma once

#include "models/tomato/systemc/staged_unit.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato::systemc {

/// An engine with weights: keeps the frame's gates, counts products, skips what they close.
class WeightUnit : public StagedUnit {
 public:
  using StagedUnit::StagedUnit;
  void reset(const RunInput& input) override;

 protected:
  std::uint64_t accept(std::vector<Values>& tokens, Values& result) override;
  virtual void compute(const Values& input, Values& result) = 0;
  /// Channels that are summed up for each output; 1 for depthwise.
  std::uint32_t joined_channels() const { return tomato::joined_channels(unit(), input_stream()); }

  Gate output_gate_;
  Gate input_gate_;

 private:
  void take_gates(std::vector<Values>& tokens);

  std::uint64_t issue_cycles_ = 1;
  std::uint64_t products_ = 0;
  std::uint64_t skipped_products_ = 0;
};

/// Window to pixel: all taps and input channels of its group to each output channel.
class Convolution : public WeightUnit {
 public:
  Convolution(const sc_core::sc_module_name& name, const UnitWiring& wiring);

 protected:
  void compute(const Values& input, Values& result) override;

 private:
  DotProducts products_;
};

/// The same for a window of one tap.
class Pointwise : public Convolution {
 public:
  using Convolution::Convolution;
};

/// Window to pixel, each channel with its own kernel.
class Depthwise : public WeightUnit {
 public:
  using WeightUnit::WeightUnit;

 protected:
  void compute(const Values& input, Values& result) override;
};

/// A frame's pixels to one result.
class FullyConnected : public WeightUnit {
 public:
  FullyConnected(const sc_core::sc_module_name& name, const UnitWiring& wiring);
  void reset(const RunInput& input) override;

 protected:
  void compute(const Values& input, Values& result) override;
  bool makes_result() const override { return token_in_frame() + 1 == plan().tokens_per_frame; }

 private:
  DotProducts products_;
  Values sums_;
};

}  // namespace lacuna::tomato::systemc
