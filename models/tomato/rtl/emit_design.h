#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/tomato/analysis.h"
#include "models/tomato/parameters.h"
#include "models/tomato/pipeline.h"
#include "models/tomato/rtl/data_plane.h"

namespace lacuna::tomato {

/// A file of a design, by its path in the design's folder.
struct DesignFile {
  std::string path;
  std::string text;
};

/// An end of the pipeline as an AXI4-Stream: a token a transfer, each channel's mantissa in two's complement,
/// lowest channel first, padded to whole bytes.
struct StreamPort {
  std::uint64_t channels = 1;
  int value_bits = 8;
  std::uint64_t tokens_per_frame = 1;

  std::uint64_t bytes_per_value() const { return (static_cast<std::uint64_t>(value_bits) + 7) / 8; }
  std::uint64_t bytes() const { return channels * bytes_per_value(); }
};

/// A ring of pixels of the sliced data plane (tomato_pixels.sv), between the unit that makes them and the one
/// that works on them.
struct PixelStore {
  std::size_t write_edge = 0;         ///< FIFO whose tokens it holds
  std::size_t read_edge = 0;          ///< the same, or that behind the window
  std::optional<std::size_t> window;  ///< position in Pipeline::units
  std::uint64_t write_lanes = 1;
  std::uint64_t read_lanes = 1;
  std::uint64_t tap_lanes = 1;
  std::uint64_t word_writes = 1;  ///< writes that fill a word
  std::uint64_t word_reads = 1;   ///< slices that a word gives
  std::uint64_t words = 1;        ///< of a pixel
  std::uint64_t banks = 1;
  std::uint64_t entries = 2;  ///< pixels of a bank
};

/// What lies between two units in hardware.
struct EdgeHardware {
  std::optional<PixelStore> store;  ///< holds the FIFO's tokens; else they lie in the FIFO
  bool counts_alone = false;  ///< a window's FIFO whose consumer reads from the store in front of the window
};

/// What each FIFO of a pipeline is in a data plane.
std::vector<EdgeHardware> edge_hardware(const Pipeline& pipeline, const Analysis& analysis, DataPlane plane);

/// A pipeline in SystemVerilog: a module that is nothing but instances of the library's (models/tomato/rtl)
/// and wires, and what its memories hold.
struct Design {
  std::string top_name;
  std::string top;                      ///< text of the module
  std::vector<DesignFile> memories;     ///< for $readmemh, in "mem/"
  std::vector<std::string> unit_names;  ///< instances, as Pipeline::units
  std::vector<EdgeHardware>
      edges;  ///< as Pipeline::edges; a store's instance is "store_" and its FIFO's number
  StreamPort input;
  StreamPort output;
  std::vector<std::size_t> requantisers;   ///< positions in Pipeline::units
  std::vector<std::size_t> winners;        ///< the same
  std::uint64_t counter_address_bits = 0;  ///< of the counters' AXI4-Lite port; 0 without counters
};

/// Whether a unit's results leave group by group in the sliced plane, and whether it takes slices.
bool writes_slices(const Unit& unit, const UnitPlan& plan);
bool reads_slices(const Unit& unit, const UnitPlan& plan);

/// Bits of one value of a stream in the hardware: its mantissas in two's complement.
int hardware_bits(const Stream& stream);

/// A name of SystemVerilog made from any text.
std::string hardware_name(const std::string& text);

/// How a design is written.
struct DesignOptions {
  std::string top_name = "pipeline_top";
  /// Stands before the names of memory files in the text of the top: the folder of the design as seen by the
  /// tool that reads it, "" or ending in '/'.
  std::string memory_folder;
  DataPlane data_plane = DataPlane::sliced;
  /// Products of requantisations in halves, which is faster where they are made of logic.
  bool halves_products = false;
  bool memories = true;   ///< false: tables stay, weights and scales are empty; for the size alone
  bool counters = false;  ///< counters of every FIFO behind AXI4-Lite (tomato_counters.sv)
};

/// Throws ConfigurationError, naming the unit, where weights are missing.
Design emit_design(const Pipeline& pipeline, const Analysis& analysis, const Parameters& parameters,
                   const DesignOptions& options);

/// A module for simulation around the top that also shows, in each cycle, which FIFOs are pushed and popped,
/// what requantisations clip, which channels gates open, and the token at one FIFO's input
/// (machine_interface.h has the order).
std::string emit_probe(const Pipeline& pipeline, const Analysis& analysis, const Design& design,
                       const std::string& name);

}  // namespace lacuna::tomato
