#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/eie/counters.h"
#include "models/eie/layer.h"
#include "sim/eie/energy/eie_costs.h"
#include "sim/eie/run/network_report.h"
#include "sim/family/result.h"

namespace lacuna {

/// Counts summed over runs: what engines report, and what follows from the layers alone.
struct RunSums {
  std::uint64_t vectors = 0;
  std::uint64_t cycles = 0;
  std::uint64_t entries = 0;  ///< stored entries under active columns, all PEs, all vectors
  std::uint64_t macs = 0;     ///< real entries among them
  eie::PeEventCounts pe_events;
  eie::ControlEventCounts control_events;
  eie::CycleClassCounts cycle_classes;  ///< of all PEs: sums to cycles times PEs

  RunSums& operator+=(const RunSums& other);
};

/// One processing element over all vectors of a layer.
struct PeReport {
  eie::CycleClassCounts cycle_classes;
  std::uint64_t stored_entries = 0;  ///< of its memory image
  eie::PeEventCounts events{};
  double energy_pj = 0.0;  ///< of its five modules; 0 without an energy table
};

/// What a layer's run on the machine gave.
struct LayerReport {
  std::string name;
  std::string source;  ///< file name, benchmark or "generate"
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;  ///< inputs, bias not counted
  bool has_bias = false;
  bool relu = false;
  eie::LayerFormats formats;
  std::uint64_t stored_entries = 0;   ///< of the memory image
  std::uint64_t padding_entries = 0;  ///< of the memory image
  std::uint64_t true_nonzeros = 0;    ///< of the matrix
  RunSums sums;
  std::vector<PeReport> pes;
  double time_us = 0.0;
  double theoretical_cycles = 0.0;       ///< entries / PEs
  double load_balance_efficiency = 0.0;  ///< see load_balance_efficiency()
  std::optional<EnergyReport> energy;
  std::string
      outputs_checksum;  ///< SHA-256 of the outputs as little-endian 32-bit integers; empty if not computed
  std::optional<Classification> classification;
  std::optional<NetworkLayerReport> network;  ///< of layers of a whole network
};

/// Sums over layers. `load_balance_efficiency` weighs each layer with its compute cycles.
struct TotalReport {
  RunSums sums;
  std::uint64_t stored_entries = 0;
  std::uint64_t padding_entries = 0;
  std::uint64_t true_nonzeros = 0;
  double time_us = 0.0;
  double theoretical_cycles = 0.0;
  double load_balance_efficiency = 0.0;
  std::optional<EnergyReport> energy;
};

/// The result of a run configuration.
struct RunReport {
  std::string engine;
  std::vector<InputFile> inputs;
  std::string energy_table;  ///< its name; empty without one
  Area area;
  std::vector<std::string> notes;  ///< what the energy table says of this machine, such as slow memories
  std::vector<LayerReport> layers;
  TotalReport total;
  std::optional<NetworkReport> network;  ///< of a whole network
};

/// Busy cycles over computation cycles (all but batch loads and stores), averaged over PEs; all PEs compute
/// for the same number of cycles. 0 when there are none.
double load_balance_efficiency(const eie::CycleClassCounts& all_pes);

/// Useful-work ratio: true nonzeros / stored entries; 1 when nothing is stored.
double useful_work_ratio(std::uint64_t true_nonzeros, std::uint64_t stored_entries);

}  // namespace lacuna
