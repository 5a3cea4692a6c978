#pragma once

#include <cstdint>
#include <systemc>
#include <vector>

#include "models/eie/counters.h"
#include "models/eie/systemc/relu.h"
#include "models/eie/systemc/run_context.h"

namespace lacuna::eie::systemc {

/// Activation read/write unit of one PE (contract, section 8): the two register files (source and
/// destination, which swap roles between layers), the activation SRAM behind them, and ReLU on the read side
/// of the destination.
class ActivationRw : public sc_core::sc_module {
 public:
  ActivationRw(const sc_core::sc_module_name& name, std::uint32_t pe)
      : sc_module(name), relu("relu"), pe_(pe) {}

  Relu relu;

  /// I/O mode or the swap after the previous layer: the input lies in the source file, or in the SRAM if it
  /// is longer.
  void reset(const RunContext& context);

  /// Source register `entry` of this PE, read into the scan row.
  std::int32_t read_source(std::uint32_t entry, PeEventCounts& events) const {
    ++events[PeEvent::source_register_reads];
    return source_[entry];
  }

  /// The destination registers, which the arithmetic unit reads and writes, and a scratch register behind
  /// them.
  std::int32_t* destination_registers() { return destination_.data(); }
  std::uint32_t scratch_register() const { return static_cast<std::uint32_t>(destination_.size() - 1); }

  void begin_load(const ColumnBatch& batch);
  void clock_load(PeEventCounts& events);
  void clock_store(PeEventCounts& events) const { ++events[PeEvent::activation_sram_writes]; }

  /// The row batch is complete: its results leave through ReLU, into the SRAM if `stored`, and the
  /// destination file is cleared for the next one.
  void finish_row_batch(std::uint32_t batch, bool stored, PeEventCounts& events);

 private:
  std::int32_t sram_input(std::uint32_t local) const;

  const std::uint32_t pe_;
  const RunContext* context_ = nullptr;
  std::vector<std::int32_t> source_;
  std::vector<std::int32_t> destination_;
  ColumnBatch batch_;
  std::uint64_t load_cycles_done_ = 0;
  std::uint32_t loaded_ = 0;
};

}  // namespace lacuna::eie::systemc
