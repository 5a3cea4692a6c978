#pragma once

#include "models/tomato/systemc/unit_module.h"

namespace lacuna::tomato::systemc {

/// Pushes the pictures' pixels (contract, section 3).
class Source : public UnitModule {
 public:
  using UnitModule::UnitModule;
  void reset(const RunInput& input) override;
  Cycle step(Cycle cycle) override;
  bool finished() const override { return sent_ == total_; }
  UnitWait wait(Cycle cycle) const override;

 private:
  Values pixel();

  const RunInput* input_ = nullptr;
  RunInput::Frame frame_;  ///< that is being sent
  std::uint64_t sent_ = 0;
  std::uint64_t total_ = 0;
  Cycle next_ = 0;
};

/// Takes the results.
class Sink : public UnitModule {
 public:
  using UnitModule::UnitModule;
  void reset(const RunInput& input) override;
  Cycle step(Cycle cycle) override;
  bool finished() const override { return taken_ == total_; }
  UnitWait wait(Cycle cycle) const override;
  std::uint32_t frames_done() const { return static_cast<std::uint32_t>(frame_cycles_.size()); }
  /// Fills outputs, frame cycles and the first output's cycle.
  void report(RunResult& result) const;

 private:
  std::uint64_t taken_ = 0;
  std::uint64_t total_ = 0;
  Cycle first_ = 0;
  std::vector<std::uint64_t> frame_cycles_;
  std::vector<Values> outputs_;
};

}  // namespace lacuna::tomato::systemc
