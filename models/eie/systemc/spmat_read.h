#pragma once

#include <cstdint>
#include <systemc>

#include "models/eie/counters.h"
#include "models/eie/image.h"
#include "models/eie/systemc/pointer_read.h"

namespace lacuna::eie::systemc {

/// An entry as the arithmetic unit receives it.
struct CodedEntry {
  bool valid = false;
  bool first = false;
  std::uint8_t code = 0;
  std::uint8_t zeros = 0;
  std::int32_t value = 0;
};

/// Sparse-matrix read unit of one PE (contract, section 6): delivers one (code, z) pair per cycle and reads
/// an SRAM row only when the entry lies in another row than the one read last.
class SpmatRead : public sc_core::sc_module {
 public:
  SpmatRead(const sc_core::sc_module_name& name, std::uint32_t entries_per_row)
      : sc_module(name), entries_per_row_(entries_per_row) {}

  void reset(const PeMemory& memory) {
    codes_ = memory.codes.data();
    zeros_ = memory.zeros.data();
    register_.valid = false;
    row_valid_ = false;
  }

  bool valid() const { return register_.valid; }

  /// The unit's input register, which pointer read loads at the end of the issue cycle.
  IssuedEntry& input_register() { return register_; }
  const IssuedEntry& input_register() const { return register_; }

  /// One cycle without hold: delivers the entry in the register.
  CodedEntry clock(PeEventCounts& events) {
    if (!register_.valid) {
      return {};
    }
    select_row(events);
    return {true, register_.first, codes_[register_.number], zeros_[register_.number], register_.value};
  }

 private:
  void select_row(PeEventCounts& events) {
    if (row_valid_ && register_.number - row_begin_ < entries_per_row_) {
      ++events[PeEvent::spmat_row_reuses];
      return;
    }
    row_begin_ = register_.number - register_.number % entries_per_row_;
    row_valid_ = true;
    ++events[PeEvent::spmat_row_reads];
  }

  const std::uint32_t entries_per_row_;
  const std::uint8_t* codes_ = nullptr;
  const std::uint8_t* zeros_ = nullptr;
  IssuedEntry register_;
  std::uint32_t row_begin_ = 0;
  bool row_valid_ = false;
};

}  // namespace lacuna::eie::systemc
