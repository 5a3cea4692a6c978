#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/eie/counters.h"
#include "models/eie/layer.h"
#include "models/eie/parameters.h"
#include "sim/eie/energy/eie_costs.h"
#include "sim/family/layer_values.h"
#include "sim/family/result_parts.h"
#include "sim/memory/memory_report.h"
#include "sim/memory/memory_run.h"
#include "sim/yaml/scalars.h"

namespace lacuna {

/// What the host computes beside the machine: additions, multiplications (and divisions), comparisons, and
/// evaluations of exponential functions.
struct HostWork {
  std::uint64_t additions = 0;
  std::uint64_t multiplications = 0;
  std::uint64_t comparisons = 0;
  std::uint64_t exponentials = 0;

  HostWork& operator+=(const HostWork& other) {
    additions += other.additions;
    multiplications += other.multiplications;
    comparisons += other.comparisons;
    exponentials += other.exponentials;
    return *this;
  }
  HostWork times(std::uint64_t n) const {
    return {additions * n, multiplications * n, comparisons * n, exponentials * n};
  }
  std::uint64_t total() const { return additions + multiplications + comparisons + exponentials; }
};

/// Activations that pass between host and machine for one layer, in words of one activation.
struct ActivationTraffic {
  std::uint64_t words_in = 0;   ///< written into source registers, once for every vector they are part of
  std::uint64_t words_out = 0;  ///< results read out of destination registers, partial sums among them
  std::uint64_t distinct_words =
      0;  ///< elements of the layer's input tensor: what a perfect cache would load
  /// Cycles in which PEs load and store these words through their activation SRAM ports, for vectors whose
  /// loads and stores the machine's own cycles do not hold (contract, section 8).
  std::uint64_t cycles = 0;

  ActivationTraffic& operator+=(const ActivationTraffic& other) {
    words_in += other.words_in;
    words_out += other.words_out;
    distinct_words += other.distinct_words;
    cycles += other.cycles;
    return *this;
  }
};

/// What a whole network's run knows of a layer beside its cycles.
struct NetworkLayerReport {
  std::string kind;      ///< convolution, fully_connected, lstm, gru, ...
  std::string lowering;  ///< matrix, im2col, kernel_offsets, winograd, adjacency, lstm, gru; "host" for
                         ///< layers without products
  std::string input_shape;
  std::string output_shape;
  std::uint32_t products = 0;   ///< matrices
  double weight_density = 0.0;  ///< nonzeros over elements of the matrices, biases not counted
  double input_density = 0.0;   ///< nonzero share of the layer's input, over all images
  double vector_density = 0.0;  ///< broadcast share of the vectors' elements, biases not counted
  std::string sharing;          ///< how weights became codes
  double sharing_largest_error = 0.0;
  bool exact_gathering = true;          ///< vectors hold the inputs, or their sums, without rounding
  std::uint64_t outputs_at_limits = 0;  ///< elements at the ends of their format, where clipped ones stand
  HostWork host;                        ///< over all images
  ActivationTraffic traffic;            ///< over all images
};

/// A layer that the host computes.
struct HostLayerReport {
  std::string name;
  NetworkLayerReport network;
};

/// One class of a network's output.
struct ClassScore {
  std::size_t index = 0;
  double score = 0.0;
};

/// Two layers over a graph that may change places, and what the whole network takes in either order.
struct OrderChoice {
  std::string first;  ///< as the file has them
  std::string second;
  std::uint64_t written_cycles = 0;
  std::uint64_t changed_cycles = 0;
  bool changed = false;
};

/// What a whole network's run gave.
struct NetworkReport {
  std::string name;
  std::uint64_t images = 0;
  std::uint64_t timed_images = 0;        ///< images that cycles, events and energy stand for
  std::uint64_t calibration_images = 0;  ///< images from which the fixed-point formats were chosen
  std::vector<HostLayerReport> host_layers;
  std::vector<std::vector<ClassScore>> best;            ///< largest outputs of the first images, descending
  std::vector<std::vector<ClassScore>> reference_best;  ///< the same in floating point, weights not shared
  double largest_output_error = 0.0;  ///< against floating point, over the calibration images
  QuantisationTally output_error;     ///< the same
  std::uint64_t labelled = 0;         ///< images, or nodes of a graph
  std::uint64_t correct = 0;
  std::uint64_t reference_labelled = 0;  ///< labelled images among the calibration images
  std::uint64_t reference_correct = 0;   ///< that floating point gets right
  std::uint64_t checked_vectors = 0;     ///< run on the SystemC engine too
  std::vector<std::string> check_failures;
  std::vector<OrderChoice> orders;  ///< where the cheapest was asked for
};

/// Counts summed over runs: what engines report, and what follows from the layers alone.
struct RunSums {
  std::uint64_t vectors = 0;
  std::uint64_t cycles = 0;   ///< with those in which memory is waited for, where there is one outside
  std::uint64_t entries = 0;  ///< stored entries under active columns, all PEs, all vectors
  std::uint64_t macs = 0;     ///< real entries among them
  eie::PeEventCounts pe_events;
  eie::ControlEventCounts control_events;
  eie::CycleClassCounts cycle_classes;  ///< of all PEs: sums to the runs' cycles times PEs

  RunSums& operator+=(const RunSums& other);
};

/// One processing element over all vectors of a layer.
struct PeReport {
  eie::CycleClassCounts cycle_classes;
  std::uint64_t stored_entries = 0;  ///< of its memory image
  eie::PeEventCounts events{};
  double energy_pj = 0.0;  ///< of its five modules; 0 without an energy table

  PeReport& operator+=(const PeReport& other);
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
  LayerNumbers numbers;
  std::optional<MemoryReport> memory;         ///< where there is a memory outside
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
  std::optional<MemoryReport> memory;
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
  std::optional<eie::ClassIntervals> intervals;  ///< where they were asked for
  std::optional<NetworkReport> network;          ///< of a whole network
  std::vector<LayerValues> values;               ///< where they were asked for
};

/// Busy cycles over computation cycles (all but batch loads and stores), averaged over PEs; all PEs compute
/// for the same number of cycles. 0 when there are none.
double load_balance_efficiency(const eie::CycleClassCounts& all_pes);

/// Useful-work ratio: true nonzeros / stored entries; 1 when nothing is stored.
double useful_work_ratio(std::uint64_t true_nonzeros, std::uint64_t stored_entries);

/// Loads the energy table, if any, for this machine, and sets the report's name of it, the area, what the
/// table says of the machine and the input files.
std::optional<Costs> load_energy(const FilePath& file, const eie::Parameters& machine, RunReport& report);

/// Adds a file that the run reads, unless it is there already.
void add_input(const std::string& path, RunReport& report);
void add_input(InputFile input, RunReport& report);

/// Sets what follows from a layer's sums: time, theoretical cycles, balance, and energy (also of each PE)
/// where there is a table.
void derive_measures(const eie::Parameters& machine, const std::optional<Costs>& costs, LayerReport& layer);

/// Adds the memory phases, which are known when all layers' runs are, to the layers and the total.
void add_memory(const MemoryRun& memory, const eie::Parameters& machine, const std::optional<Costs>& costs,
                const memory::RequestSink& sink, RunReport& report);

/// Fills the totals from the layers.
void sum_up(const eie::Parameters& machine, const std::optional<Costs>& costs, RunReport& report);

}  // namespace lacuna
