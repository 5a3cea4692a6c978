#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/eie/engine.h"
#include "models/eie/parameters.h"
#include "models/memory/schedule.h"
#include "sim/eie/energy/eie_costs.h"
#include "sim/eie/run/layer_report.h"
#include "sim/family/design_space.h"
#include "sim/memory/memory_report.h"

namespace lacuna {

/// What the formats make of a layer's numbers. Its outputs count where values were computed and no layer
/// takes them; those of a network stand with its last layer.
struct FormatCounts {
  std::uint64_t weights = 0;  ///< that are not zero
  std::uint64_t weights_clipped = 0;
  std::uint64_t weights_to_zero = 0;
  std::uint64_t outputs = 0;
  std::uint64_t outputs_at_ends = 0;  ///< of their format, where clipped ones stand
  // Sums of squares against floating point (of a network's calibration images), as the bits of a double.
  std::uint64_t signal_bits = 0;
  std::uint64_t noise_bits = 0;

  void set_weights(const QuantisationTally& tally);
  void set_error(const QuantisationTally& tally);
  void add_outputs(const std::vector<std::int32_t>& outputs, const FixedFormat& format);
};

/// Reads of sparse-matrix rows in some runs.
struct RowReads {
  std::uint64_t reads = 0;
  std::uint64_t digest = 0;  ///< of every PE's reads in every run, in order

  void add(const std::vector<std::uint64_t>& pe_reads, std::size_t pe_count);
};

/// What some runs of one matrix did, one after the other.
struct RunCounts {
  RunSums sums;
  /// Of every PE's cycle classes and events in every run, in order, but saturations and row reads. An entry
  /// counts whether its row was read for it or not.
  std::uint64_t pe_digest = 0;
  std::uint64_t row_digest = 0;  ///< that of RowReads

  void add(const eie::RunResult& result);
  /// The same runs on a machine whose sparse-matrix rows are of another width.
  RunCounts with(const RowReads& rows) const;
};

/// What one layer did at a design point, all its vectors together: counts only, so that everything else is
/// computed from them anew. What depends on values, `accumulator_saturations` and the classification, is 0
/// unless values were computed.
struct LayerCounts {
  std::string name;
  std::uint64_t stored_entries = 0;   ///< of the memory image
  std::uint64_t padding_entries = 0;  ///< of the memory image
  std::uint64_t true_nonzeros = 0;    ///< of the matrix
  RunSums sums;
  std::uint64_t pe_digest = 0;    ///< of the digests of its matrices' runs
  std::uint64_t row_digest = 0;   ///< the same of their row reads
  Classification classification;  ///< of the layer's outputs, or of the network's with its last layer
  FormatCounts formats;
  std::optional<memory::JobTimes> memory;  ///< where there is a memory outside

  /// Adds a matrix with all its vectors.
  void add(const RunCounts& run);
};

/// Counts as bytes: 64-bit integers, least significant byte first.
std::string encode_counts(const std::vector<LayerCounts>& layers);

/// The inverse, with memory phases or without. Throws InputDataError (place: store) when the bytes are no
/// such counts.
std::vector<LayerCounts> decode_counts(const std::string& bytes, const std::string& store,
                                       bool with_memory = false);

/// The first count in which the layers of two runs differ, as a sentence; empty when all are equal.
std::string first_difference(const std::vector<LayerCounts>& a, const std::vector<LayerCounts>& b);

/// What a design point was measured to do: sums over its layers, and the machine they hold for.
struct Measures {
  eie::Parameters machine;
  RunSums sums;
  std::uint64_t stored_entries = 0;
  std::uint64_t padding_entries = 0;
  std::uint64_t true_nonzeros = 0;
  Classification classification;
  QuantisationTally outputs;  ///< against floating point; `clipped` of `values` stand at their formats' ends
  double weights_clipped_share = 0.0;  ///< the largest of any layer
  double weights_to_zero_share = 0.0;
  bool has_values = false;  ///< whether values were computed, so that saturations and classes are known
  std::optional<EnergyReport> energy;
  std::optional<MemoryReport> memory;  ///< where there is a memory outside
  Area area;
};

/// Adds what a layer did.
void add(Measures& measures, const LayerCounts& layer);

/// Names of all metrics, in the order of result files. `stall_cycles.*` and `counters.*` are those of
/// models/eie/counters.h. Where there is a memory outside, `memory.*` follow.
const std::vector<std::string>& eie_metric_names(bool with_memory);

/// All metrics of a point, in that order.
std::vector<MetricValue> metrics_of(const Measures& measures);

/// Whether a metric needs an energy table.
bool needs_energy(std::string_view metric);

/// Whether a metric needs the values of the layers.
bool needs_values(std::string_view metric);

/// Whether a metric needs the classes of the vectors.
bool needs_labels(std::string_view metric);

/// A parameter of a machine that is a number, by its key.
std::optional<double> parameter_number(const eie::Parameters& machine, std::string_view key);

}  // namespace lacuna
