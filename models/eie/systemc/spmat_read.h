#pragma once

#include <cstdint>
#include <string>
#include <systemc>

#include "models/eie/counters.h"
#include "models/eie/layer.h"
#include "models/eie/systemc/pointer_read.h"

namespace lacuna::eie::systemc {

/// An entry as the arithmetic unit receives it.
struct CodedEntry {
  std::uint32_t code = 0;
  std::uint32_t zeros = 0;
  std::int32_t value = 0;
  bool first = false;
};

/// Sparse-matrix read unit of one PE (contract, section 6): delivers one (code, z) pair per cycle and reads
/// an SRAM row only when the entry lies in another row than the one read last.
class SpmatRead {
 public:
  explicit SpmatRead(std::uint32_t entries_per_row)
      : entries_per_row_reciprocal_(((std::uint64_t{1} << reciprocal_bits) - 1) / entries_per_row + 1) {}

  void reset(const PeMemory& memory) {
    codes_ = memory.codes.data();
    zeros_ = memory.zeros.data();
    register_.valid = false;
    last_row_ = no_row;
    row_reads_ = 0;
    row_reuses_ = 0;
  }

  bool valid() const { return register_.valid; }

  /// Adds the entry that the unit works on to a wave file.
  void trace(sc_core::sc_trace_file* file, const std::string& name) const {
    sc_core::sc_trace(file, register_.valid, name + ".entry_valid");
    sc_core::sc_trace(file, register_.number, name + ".entry_number");
  }

  /// The unit's input register, which pointer read loads at the end of the issue cycle.
  IssuedEntry& input_register() { return register_; }

  /// One cycle without hold and with a valid register: delivers its entry.
  void clock(CodedEntry& delivered) {
    const std::uint64_t row = row_of(register_.number);
    const std::uint32_t read = row != last_row_ ? 1U : 0U;
    row_reads_ += read;
    row_reuses_ += 1U - read;
    last_row_ = row;
    delivered.code = codes_[register_.number];
    delivered.zeros = zeros_[register_.number];
    delivered.value = register_.value;
    delivered.first = register_.first;
  }

  void add_events_to(PeEventCounts& events) const {
    events[PeEvent::spmat_row_reads] += row_reads_;
    events[PeEvent::spmat_row_reuses] += row_reuses_;
  }

 private:
  static constexpr std::uint64_t no_row = ~std::uint64_t{0};

  static constexpr unsigned reciprocal_bits = 63;

  /// entry / E by multiplication with ceil(2^63 / E), which fits 64 bits for E = 1 too; exact for 32-bit
  /// entry numbers (Lemire, Kaser, Kurz 2019).
  std::uint64_t row_of(std::uint32_t entry) const {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((Wide{entries_per_row_reciprocal_} * entry) >> reciprocal_bits);
  }

  alignas(64) const std::uint8_t* codes_ = nullptr;
  const std::uint8_t* zeros_ = nullptr;
  IssuedEntry register_;
  std::uint64_t last_row_ = no_row;
  const std::uint64_t entries_per_row_reciprocal_;
  std::uint64_t row_reads_ = 0;
  std::uint64_t row_reuses_ = 0;
};

}  // namespace lacuna::eie::systemc
