#pragma once

#include <cstdint>

/// C interface between the engine and a compiled machine (a shared object made of Verilator's output and
/// harness.cpp).
extern "C" {

/// What varies from layer to layer: the run-time inputs of eie_top.
struct LacunaRtlLayer {
  std::uint32_t source_rows;       ///< ceil(inputs / PEs)
  std::uint32_t columns;           ///< bias included
  std::uint32_t output_rows;       ///< ceil(outputs / PEs)
  std::uint32_t last_row_outputs;  ///< outputs in the last of output_rows, 1..PEs
  std::uint32_t store_region;      ///< activation-SRAM word of the first result
  std::uint32_t bias_value;        ///< raw: the bias column's activation
  std::uint32_t product_shift;
  std::int32_t output_shift;
  std::uint8_t has_bias;
  std::uint8_t relu;
};

/// Called in each cycle; either function may be null.
struct LacunaRtlObserver {
  void* context;
  void (*broadcast)(void* context, std::uint64_t cycle, std::uint32_t column, std::uint32_t value);
  void (*occupancies)(void* context, std::uint64_t cycle, const std::uint32_t* entries);
};

/// Memories written in I/O mode and words read in it (the codes of eie_pe's io_write and io_read).
enum LacunaRtlMemory : std::uint8_t {
  lacuna_rtl_pointers = 1,
  lacuna_rtl_spmat = 2,
  lacuna_rtl_codebook = 3,
  lacuna_rtl_source = 4,
  lacuna_rtl_activation_sram = 5,
};
enum LacunaRtlRead : std::uint8_t { lacuna_rtl_output = 1, lacuna_rtl_sram_word = 2, lacuna_rtl_counter = 3 };

struct LacunaRtlInterface {
  std::uint32_t io_words;  ///< 32-bit words of all PEs' slices together
  void* (*create)();
  void (*destroy)(void* machine);
  /// To idle; memories are kept.
  void (*reset)(void* machine);
  /// Writes one word of each PE, `io_words` 32-bit words, PE after PE.
  void (*write)(void* machine, LacunaRtlMemory memory, std::uint32_t address, const std::uint32_t* words);
  /// Reads one word of each PE into `words` (`io_words` 32-bit words).
  void (*read)(void* machine, LacunaRtlRead what, std::uint32_t address, std::uint32_t* words);
  /// Runs to the end; returns 0 if the machine has not finished within `cycle_limit` cycles, else 1.
  int (*run)(void* machine, const LacunaRtlLayer* layer, const LacunaRtlObserver* observer,
             std::uint64_t cycle_limit);
  std::uint64_t (*cycles)(void* machine);
  std::uint64_t (*control_counter)(void* machine, std::uint32_t index);
};

/// The one exported function of a compiled machine.
const LacunaRtlInterface* lacuna_rtl_interface();
}
