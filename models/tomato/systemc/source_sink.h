#pragma once

#include <string>

#include "models/tomato/systemc/unit_module.h"

namespace lacuna::tomato::systemc {

/// Pushes the pixels of the run's pictures, or those that come through the machine's port (contract,
/// sections 3 and 11).
class Source : public UnitModule {
 public:
  using UnitModule::UnitModule;
  void reset(const RunInput& input) override;
  Cycle step(Cycle cycle) override;
  bool finished() const override { return sent_ == total_; }
  UnitWait wait(Cycle cycle) const override;
  /// Throws InputDataError if a pixel came through the port that is none of the source's: nothing has been
  /// pushed since.
  void check_pixels() const;

 private:
  bool pixel_is_there() const { return !from_port_ || pixel_port()->num_available() > 0; }
  Values take_pixel();
  Values pixel_of_picture();
  std::string fault_of(const Values& pixel) const;

  const RunInput* input_ = nullptr;
  RunInput::Frame frame_;  ///< that is being sent
  bool from_port_ = false;
  std::string fault_;  ///< of the pixel that ended the run
  std::uint64_t sent_ = 0;
  std::uint64_t total_ = 0;
  Cycle next_ = 0;
};

/// Takes the results, and hands them on where the machine's port is bound.
class Sink : public UnitModule {
 public:
  using UnitModule::UnitModule;
  void reset(const RunInput& input) override;
  Cycle step(Cycle cycle) override;
  bool finished() const override { return taken_ == total_; }
  UnitWait wait(Cycle cycle) const override;
  std::uint32_t frames_done() const { return static_cast<std::uint32_t>(frame_cycles_.size()); }
  /// Fills outputs (of a run with values and without a port), frame cycles and the first output's cycle.
  void report(RunResult& result) const;

 private:
  void hand_on(const Values& token);

  bool to_port_ = false;
  std::uint64_t taken_ = 0;
  std::uint64_t total_ = 0;
  Cycle first_ = 0;
  std::vector<std::uint64_t> frame_cycles_;
  std::vector<Values> outputs_;
};

}  // namespace lacuna::tomato::systemc
