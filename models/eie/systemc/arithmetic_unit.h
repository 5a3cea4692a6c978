#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <systemc>

#include "models/eie/counters.h"
#include "models/eie/layer.h"
#include "models/eie/systemc/activation_rw.h"
#include "models/eie/systemc/event_tally.h"
#include "models/eie/systemc/spmat_read.h"

namespace lacuna::eie::systemc {

/// Arithmetic unit of one PE (contract, section 7): four stages, S1 to S4, working on registers R1 to R4.
///
/// Written without branches on the data, which the computer that simulates would mispredict at every padding
/// entry and bubble of every PE: both travel as entries of weight 0 to a scratch register behind the PE's
/// destination registers, where they change nothing.
class ArithmeticUnit {
 public:
  explicit ArithmeticUnit(const Parameters& parameters)
      : bypass_(parameters.arithmetic_bypass), rounding_(parameters.rounding) {}

  /// `destination` holds the PE's destination registers and one scratch register at index `scratch`.
  void reset(const Layer& layer, std::int32_t* destination, std::uint32_t scratch);

  /// Combinational: the entry in S1 must wait for the accumulator of the entry in S2 (only with the bypass
  /// off).
  bool hold() const {
    return !bypass_ && (real_ & (in_r1 | in_r2)) == (in_r1 | in_r2) && r2_.address == stage1_address();
  }

  bool holds_entries() const { return occupied_ != 0; }
  bool writing() const { return (occupied_ & in_r4) != 0; }

  /// One cycle: stages 4, 3, 2 and 1, last stage first so that each reads the registers as they were.
  /// Afterwards R1 is free for `accept`; with `hold` it keeps its entry instead, and a bubble enters R2.
  void clock(bool hold, PeEventCounts& events) {
    CycleEvents cycle;
    stage4(cycle);
    stage3(cycle);
    stage2(cycle);
    stage1(hold, cycle);
    tally_.add(cycle, events);
    const std::uint32_t kept = hold ? in_r1 : 0U;
    occupied_ = advance(occupied_ & ~kept) | (occupied_ & kept);
    real_ = advance(real_ & ~kept) | (real_ & kept);
  }

  /// R1, which sparse-matrix read loads at the end of a cycle without hold; `accept` marks it loaded.
  CodedEntry& input_register() { return r1_; }
  void accept() {
    occupied_ |= in_r1;
    real_ |= r1_.code != 0 ? in_r1 : 0U;
  }

  /// Adds the events that `clock` has not passed on yet.
  void add_events_to(PeEventCounts& events) const { tally_.add_to(events); }

  /// Adds stage 4's write port to a wave file.
  void trace(sc_core::sc_trace_file* file, const std::string& name) const;

 private:
  static constexpr std::uint32_t in_r1 = 1;
  static constexpr std::uint32_t in_r2 = 2;
  static constexpr std::uint32_t in_r3 = 4;
  static constexpr std::uint32_t in_r4 = 8;

  struct R2 {
    std::uint32_t address = 0;
    std::int32_t weight = 0;
    std::int32_t value = 0;
  };
  struct R3 {
    std::int64_t product = 0;
    std::uint32_t address = 0;
    std::int32_t operand = 0;
  };
  struct R4 {
    std::uint32_t address = 0;
    std::int32_t sum = 0;
  };

  static constexpr std::uint32_t advance(std::uint32_t flags) {
    return (flags << 1U) & (in_r2 | in_r3 | in_r4);
  }
  /// All ones for true: selects without a branch.
  static constexpr std::uint32_t mask(bool flag) { return flag ? ~0U : 0U; }
  static constexpr std::uint32_t select(std::uint32_t chosen, std::uint32_t yes, std::uint32_t no) {
    return no ^ ((yes ^ no) & chosen);
  }

  /// 1 if the register holds a real entry.
  std::uint32_t holds_real(std::uint32_t in_register) const { return (real_ & in_register) / in_register; }

  std::uint32_t stage1_address() const { return (mask(!r1_.first) & (last_address_ + 1)) + r1_.zeros; }

  void stage4(CycleEvents& cycle) {
    destination_[r4_.address] = r4_.sum;
    cycle.count(PeEvent::accumulator_writes, holds_real(in_r4));
  }

  void stage3(CycleEvents& cycle) {
    const std::int64_t sum = r3_.operand + shifted(r3_.product);
    const std::int64_t clipped = std::clamp<std::int64_t>(sum, min_sum_, max_sum_);
    cycle.count(PeEvent::accumulator_saturations, clipped != sum ? 1U : 0U);
    r4_.address = r3_.address;
    r4_.sum = static_cast<std::int32_t>(clipped);
  }

  void stage2(CycleEvents& cycle) {
    // Stage 3 has just put this cycle's sum into R4, so R4 is the adder's output.
    const bool forward = r4_.address == r2_.address && (real_ & (in_r2 | in_r3)) == (in_r2 | in_r3);
    const std::uint32_t real = holds_real(in_r2);
    const std::uint32_t bypassed = forward ? 1U : 0U;
    cycle.count(PeEvent::multiplies, real);
    cycle.count(PeEvent::accumulator_bypasses, bypassed);
    cycle.count(PeEvent::accumulator_reads, real & ~bypassed);
    const std::int32_t stored = destination_[r2_.address];
    r3_.operand = forward ? r4_.sum : stored;
    r3_.address = r2_.address;
    r3_.product = std::int64_t{r2_.weight} * r2_.value;
  }

  void stage1(bool hold, CycleEvents& cycle) {
    const std::uint32_t leaving = hold ? 0U : in_r1;
    const std::uint32_t leaves = occupied_ & leaving;
    const std::uint32_t real = real_ & leaving;
    const std::uint32_t address = stage1_address();
    last_address_ = select(mask(leaves != 0), address, last_address_);
    r2_.address = select(mask(real != 0), address, scratch_);
    r2_.weight = codebook_[r1_.code & mask(real != 0)];  // element 0 is 0
    r2_.value = r1_.value;
    cycle.count(PeEvent::codebook_reads, real);
    cycle.count(PeEvent::padding_entries, leaves & ~real);
  }

  /// round_shift with what is constant during a run worked out beforehand.
  std::int64_t shifted(std::int64_t product) const {
    return rounding_ == Rounding::nearest_even ? round_shift(product, shift_, rounding_)
                                               : (product + half_) >> shift_;
  }

  // In use order, so that a cycle touches two cache lines of the simulating computer.
  alignas(64) EventTally tally_;
  std::uint32_t occupied_ = 0;  ///< one bit per register, R1 lowest: it holds an entry
  std::uint32_t real_ = 0;      ///< and that is no padding
  R4 r4_;
  R3 r3_;
  R2 r2_;
  std::uint32_t last_address_ = 0;
  CodedEntry r1_;

  // Constant during a run.
  const bool bypass_;
  const Rounding rounding_;
  int shift_ = 0;
  std::int32_t max_sum_ = 0;
  std::int32_t min_sum_ = 0;
  std::uint32_t scratch_ = 0;
  const std::int32_t* codebook_ = nullptr;
  std::int32_t* destination_ = nullptr;
  std::int64_t half_ = 0;
};

}  // namespace lacuna::eie::systemc
