#pragma once

#include <cstdint>
#include <systemc>
#include <vector>

#include "models/eie/counters.h"
#include "models/eie/layer.h"
#include "models/eie/systemc/run_context.h"

namespace lacuna::eie::systemc {

/// Output conversion and ReLU of one PE, combinational (contract, section 2).
class Relu : public sc_core::sc_module {
 public:
  explicit Relu(const sc_core::sc_module_name& name) : sc_module(name) {}

  std::int32_t apply(std::int32_t accumulator, const Layer& layer, Rounding rounding,
                     PeEventCounts& events) const {
    const std::int64_t output =
        convert(accumulator, layer.formats.accumulator, layer.formats.output, rounding);
    if (layer.relu) {
      ++events[PeEvent::relu_operations];
      return output < 0 ? 0 : static_cast<std::int32_t>(output);
    }
    return static_cast<std::int32_t>(output);
  }
};

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
  /// One word from the SRAM; the source registers that it completes are written.
  void clock_load(PeEventCounts& events);

  void begin_store(std::uint32_t row_batch);
  /// One word to the SRAM; the results that begin in it leave their registers through ReLU.
  void clock_store(PeEventCounts& events);

  /// The row batch is complete and is not stored: its results are read through ReLU where they lie, and the
  /// destination file is free for the next run.
  void finish_row_batch(std::uint32_t row_batch, PeEventCounts& events);

  /// Adds how far a load or store has come to a wave file.
  void trace(sc_core::sc_trace_file* file) const override;

 private:
  std::int32_t sram_input(std::uint32_t local) const;
  void begin_transfer(std::uint32_t entries);
  void begin_row_batch(std::uint32_t row_batch);
  void release_result(std::uint32_t entry, PeEventCounts& events);

  const std::uint32_t pe_;
  const RunContext* context_ = nullptr;
  std::vector<std::int32_t> source_;
  std::vector<std::int32_t> destination_;
  std::uint32_t first_source_row_ = 0;  ///< of the column batch being loaded
  std::uint32_t row_batch_outputs_ = 0;
  std::uint64_t row_batch_first_row_ = 0;

  // Of the load or store that goes on, or of the last one.
  std::uint32_t entries_ = 0;
  std::uint64_t words_moved_ = 0;
  std::uint32_t entries_moved_ = 0;
};

}  // namespace lacuna::eie::systemc
