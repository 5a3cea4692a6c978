#pragma once

#include <deque>

#include "models/tomato/systemc/unit_module.h"

namespace lacuna::tomato::systemc {

/// A unit with an issue stage and an elastic pipe behind it (contract, section 3). Kinds say how long a token
/// is issued, what it computes and what it counts.
class StagedUnit : public UnitModule {
 public:
  using UnitModule::UnitModule;
  void reset(const RunInput& input) override;
  Cycle step(Cycle cycle) override;
  bool finished() const override { return accepted_ == total_ && !occupied_ && pipe_.empty(); }
  UnitWait wait(Cycle cycle) const override;

 protected:
  /// Takes a token: fills `result` when there are values and returns the issue cycles. `tokens` are those
  /// popped, by input; a gate's place is empty but for the first token of a frame.
  virtual std::uint64_t accept(std::vector<Values>& tokens, Values& result) = 0;
  /// Whether the token accepted last makes a result.
  virtual bool makes_result() const { return true; }
  /// Stages of the pipe, and cycles through it.
  virtual bool pipe_has_room() const { return pipe_.size() < plan().latency_cycles; }
  /// Whether a token could be taken in `cycle` if it were there.
  virtual bool may_accept(Cycle /*cycle*/) const { return true; }
  /// When `may_accept` will hold by time alone, or never.
  virtual Cycle may_accept_from(Cycle /*cycle*/) const { return never; }
  virtual void pushed(Cycle /*cycle*/) {}

  /// The number, in its frame, of the token being accepted.
  std::uint64_t token_in_frame() const { return accepted_ % plan().tokens_per_frame; }

 private:
  struct InPipe {
    Cycle ready;
    Values token;
  };
  bool needs(std::size_t number) const;
  bool push(Cycle cycle);
  void move_on(Cycle cycle);
  bool inputs_there(Cycle cycle);
  void take(Cycle cycle);
  Cycle next_step(Cycle cycle, bool changed) const;

  std::uint64_t accepted_ = 0;
  std::uint64_t total_ = 0;
  bool occupied_ = false;
  Cycle issued_ = 0;  ///< last cycle of the issue
  bool result_due_ = false;
  Values result_;
  std::deque<InPipe> pipe_;
};

}  // namespace lacuna::tomato::systemc
