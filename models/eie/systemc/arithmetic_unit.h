#pragma once

#include <cstdint>
#include <systemc>

#include "models/eie/counters.h"
#include "models/eie/layer.h"
#include "models/eie/systemc/activation_rw.h"
#include "models/eie/systemc/spmat_read.h"

namespace lacuna::eie::systemc {

/// Arithmetic unit of one PE (contract, section 7): four stages, S1 to S4, working on registers R1 to R4.
class ArithmeticUnit : public sc_core::sc_module {
 public:
  ArithmeticUnit(const sc_core::sc_module_name& name, const Parameters& parameters)
      : sc_module(name), bypass_(parameters.arithmetic_bypass), rounding_(parameters.rounding) {}

  void reset(const Layer& layer) {
    codebook_ = layer.codebook.data();
    accumulator_ = layer.formats.accumulator;
    shift_ = layer.formats.product_shift();
    last_address_ = 0;
    r1_.valid = false;
    r2_ = {};
    r3_ = {};
    r4_ = {};
  }

  /// Combinational: the entry in S1 must wait for the accumulator of the entry in S2 (only with the bypass
  /// off).
  bool hold() const {
    return !bypass_ && r1_.valid && r1_.code != 0 && r2_.real && r2_.address == stage1_address();
  }

  bool holds_entries() const { return r1_.valid || r2_.valid || r3_.valid || r4_.valid; }
  bool writing() const { return r4_.valid; }

  // Registers of stage 4, for waves.
  const bool& write_enable() const { return r4_.real; }
  const std::uint32_t& write_address() const { return r4_.address; }
  const std::int32_t& write_data() const { return r4_.sum; }

  /// Stages 4, 3, 2 and 1 of this cycle, last stage first so that each reads the registers as they were. With
  /// `hold` a bubble enters R2 and R1 keeps its entry; else R1 takes `next`, which the caller passes to
  /// `accept` afterwards.
  void clock(bool hold, ActivationRw& registers, PeEventCounts& events) {
    stage4(registers, events);
    stage3(events);
    stage2(registers, events);
    stage1(hold, events);
  }

  void accept(const CodedEntry& next) { r1_ = next; }

 private:
  struct R2 {
    bool valid = false;
    bool real = false;
    std::uint32_t address = 0;
    std::int32_t weight = 0;
    std::int32_t value = 0;
  };
  struct R3 {
    bool valid = false;
    bool real = false;
    std::uint32_t address = 0;
    std::int32_t operand = 0;
    std::int64_t product = 0;
  };
  struct R4 {
    bool valid = false;
    bool real = false;
    std::uint32_t address = 0;
    std::int32_t sum = 0;
  };

  std::uint32_t stage1_address() const { return r1_.first ? r1_.zeros : last_address_ + 1 + r1_.zeros; }

  void stage4(ActivationRw& registers, PeEventCounts& events) const {
    if (r4_.real) {
      registers.write_destination(r4_.address, r4_.sum);
      ++events[PeEvent::accumulator_writes];
    }
  }

  void stage3(PeEventCounts& events) {
    r4_.valid = r3_.valid;
    r4_.real = r3_.real;
    if (r3_.real) {
      r4_.address = r3_.address;
      const std::int64_t sum = r3_.operand + round_shift(r3_.product, shift_, rounding_);
      const std::int64_t clipped = saturate(sum, accumulator_);
      events[PeEvent::accumulator_saturations] += clipped != sum ? 1U : 0U;
      r4_.sum = static_cast<std::int32_t>(clipped);
    }
  }

  void stage2(const ActivationRw& registers, PeEventCounts& events) {
    const bool forward =
        bypass_ && r2_.real && r4_.real && r4_.address == r2_.address;  // r4_ now holds this cycle's sum
    r3_.valid = r2_.valid;
    r3_.real = r2_.real;
    if (!r2_.real) {
      return;
    }
    r3_.address = r2_.address;
    r3_.product = std::int64_t{r2_.weight} * r2_.value;
    ++events[PeEvent::multiplies];
    if (forward) {
      r3_.operand = r4_.sum;
      ++events[PeEvent::accumulator_bypasses];
    } else {
      r3_.operand = registers.read_destination(r2_.address);
      ++events[PeEvent::accumulator_reads];
    }
  }

  void stage1(bool hold, PeEventCounts& events) {
    r2_.valid = r1_.valid && !hold;
    r2_.real = r2_.valid && r1_.code != 0;
    if (!r2_.valid) {
      return;
    }
    last_address_ = stage1_address();
    if (r2_.real) {
      r2_.address = last_address_;
      r2_.weight = codebook_[r1_.code];
      r2_.value = r1_.value;
      ++events[PeEvent::codebook_reads];
    } else {
      ++events[PeEvent::padding_entries];
    }
  }

  const bool bypass_;
  const Rounding rounding_;
  const std::int32_t* codebook_ = nullptr;
  FixedFormat accumulator_;
  int shift_ = 0;

  std::uint32_t last_address_ = 0;
  CodedEntry r1_;
  R2 r2_;
  R3 r3_;
  R4 r4_;
};

}  // namespace lacuna::eie::systemc
