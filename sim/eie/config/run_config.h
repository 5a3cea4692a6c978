#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/eie/parameters.h"
#include "models/memory/parameters.h"
#include "sim/data/trace/trace.h"
#include "sim/family/engine.h"
#include "sim/network/network_workload.h"
#include "sim/yaml/scalars.h"

namespace lacuna {

/// `architecture:`, the machine.
struct ArchitectureConfig {
  enum class Kind { eie };

  Kind kind = Kind::eie;
  FilePath base;  ///< preset that the other keys start from; already applied in a loaded configuration
  eie::Parameters parameters;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.choice("kind", c.kind, {"eie"}, "family of machines; needed where there is no base");
    v.file("base", c.base, "YAML file with an architecture section to start from; the keys beside it win");
    eie::Parameters::describe(c.parameters, v);
    v.any_of({"kind", "base"});
  }
};

/// `generate:`, a layer with random structure of given densities.
struct GenerateConfig {
  std::uint32_t rows = 1;
  std::uint32_t columns = 1;
  double weight_density = 0.1;
  double activation_density = 1.0;
  std::uint32_t vectors = 1;
  std::uint32_t codebook_index_bits = 4;
  bool has_bias = false;
  std::optional<std::uint64_t> seed;

  static constexpr std::uint32_t most_rows = 0x7fffffff;  ///< as check_generated_layer has it

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.integer("rows", c.rows, 1, most_rows, "outputs of the layer");
    v.integer("columns", c.columns, 1, most_rows - 1, "inputs of the layer, bias not counted");
    v.real("weight_density", c.weight_density, 0.0, 1.0, "share of weights that are not zero");
    v.real("activation_density", c.activation_density, 0.0, 1.0, "share of inputs that are not zero");
    v.integer("vectors", c.vectors, 1, 1U << 16, "input vectors to run");
    v.integer("codebook_index_bits", c.codebook_index_bits, 1, 8,
              "2^bits shared weights, the zero of padding included");
    v.boolean("has_bias", c.has_bias, "whether a bias column is added");
    v.integer("seed", c.seed, 0, UINT64_MAX, "seed of this layer; default: the configuration's seed");
    v.required({"rows", "columns", "weight_density", "activation_density"});
  }
};

/// `formats:`, integer bits of a layer's fixed-point formats; absent ones come from the trace or its data.
struct FormatsConfig {
  IntegerBits integer_bits;  ///< as the quantiser takes them

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    const auto bits = [&](const char* key, auto& member, const char* meaning) {
      v.signed_integer(key, member, least_integer_bits, most_integer_bits, meaning);
    };
    bits("weight_integer_bits", c.integer_bits.weight,
         "bits before the point of the shared weights; negative: zeros behind it that are left out");
    bits("activation_integer_bits", c.integer_bits.activation,
         "bits before the point of the activations; negative: zeros behind it that are left out");
    bits("accumulator_integer_bits", c.integer_bits.accumulator,
         "bits before the point of the accumulators; negative: zeros behind it that are left out");
    bits("output_integer_bits", c.integer_bits.output,
         "bits before the point of the outputs; negative: zeros behind it that are left out");
  }
};

enum class ActivationSource { trace, from_previous };

/// Which row goes to which PE: row i to PE i mod N, or dealt out so that the PEs have about as many nonzeros,
/// in all or under nonzero activations.
enum class RowOrderKind { natural, balanced_nonzeros, balanced_active };

/// The nine layers that `benchmark:` names, in the published order.
inline const std::vector<std::string>& benchmark_names() {
  static const std::vector<std::string> names = {"Alex-6", "Alex-7", "Alex-8", "VGG-6",  "VGG-7",
                                                 "VGG-8",  "NT-We",  "NT-Wd",  "NT-LSTM"};
  return names;
}

/// One element of `workload.layers`.
struct LayerConfig {
  FilePath trace;
  std::string benchmark;
  std::optional<GenerateConfig> generate;
  FilePath workload;  ///< another file's layers; already inserted in a loaded configuration
  std::string name;
  ActivationSource activations = ActivationSource::trace;
  std::optional<std::uint32_t> max_vectors;
  std::optional<std::uint64_t> seed;
  std::optional<std::uint32_t> vectors;
  std::optional<bool> relu;
  std::optional<FormatsConfig> formats;
  RowOrderKind row_order = RowOrderKind::natural;
  std::uint32_t row_order_vectors = 16;
  ErrorPlace place;  ///< of the element

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("trace", c.trace, "trace file (HDF5) of the layer and its activations");
    v.name("benchmark", c.benchmark, benchmark_names(), "one of the nine published layers, generated");
    v.section("generate", c.generate, "a layer with random structure");
    v.file("workload", c.workload, "YAML file whose workload layers are inserted here");
    v.text("name", c.name, "name in the report; default: the trace's");
    v.choice("activations", c.activations, {"trace", "from_previous"},
             "the trace's own activations, or the outputs of the layer before, unchanged in fixed point");
    v.integer("max_vectors", c.max_vectors, 1, 1U << 20, "runs at most the first so many vectors");
    v.integer("seed", c.seed, 0, UINT64_MAX, "seed of a benchmark layer; default: the configuration's seed");
    v.integer("vectors", c.vectors, 1, 1U << 16, "input vectors of a benchmark layer; default 1");
    v.boolean("relu", c.relu, "whether outputs pass through ReLU; default: as the trace says");
    v.section("formats", c.formats, "fixed-point formats; default: as the trace says or its data need");
    v.choice(
        "row_order", c.row_order, {"natural", "balanced_nonzeros", "balanced_active"},
        "which rows a PE holds: every N-th, or dealt out so that PEs have equal nonzeros, in all or under "
        "active columns; undone at the output");
    v.integer("row_order_vectors", c.row_order_vectors, 1, 1U << 20,
              "balanced_active counts under the first so many vectors");
    v.one_of({"trace", "benchmark", "generate", "workload"});
    v.alone("workload");
    v.only_with("seed", "benchmark");
    v.only_with("vectors", "benchmark");
  }
};

/// `workload:`.
struct WorkloadConfig {
  std::vector<LayerConfig> layers;
  FilePath network;
  std::optional<DataDescription> data;
  bool random_data = false;  ///< `data: random`
  std::optional<LoweringConfig> lowering;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.list("layers", c.layers, "layers, run one after the other");
    v.file("network", c.network, "network file (docs/networks.md), run as a whole");
    v.section_or_word("data", c.data, "random", c.random_data,
                      "inputs of the network, in place of its file's; random: as many images as the formats "
                      "are calibrated on, values between -1 and 1, drawn by the seed");
    v.section("lowering", c.lowering, "how the machine runs the network");
    v.one_of({"layers", "network"});
    v.only_with("data", "network");
    v.only_with("lowering", "network");
  }
};

enum class EngineKind { systemc, timeline, rtl };

/// A whole run configuration.
struct RunConfig {
  ArchitectureConfig architecture;
  WorkloadConfig workload;
  FilePath energy;
  EngineKind engine = EngineKind::systemc;
  std::uint64_t seed = 1;
  bool outputs = true;
  std::uint32_t memory_budget_mib = 1024;
  std::optional<memory::Parameters> memory;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("architecture", c.architecture, "the machine");
    v.section("workload", c.workload, "what it runs");
    v.section(
        "memory", c.memory,
        "the memory outside: layers and vectors are loaded and results stored; without it they are there");
    v.file("energy", c.energy, "energy table (YAML); without it no energy is reported");
    v.choice("engine", c.engine, {"systemc", "timeline", "rtl"}, "which simulator of the machine runs it");
    v.integer("seed", c.seed, 0, UINT64_MAX, "seed of everything generated");
    v.boolean("outputs", c.outputs, "whether output values are computed and their checksum reported");
    v.integer("memory_budget_mib", c.memory_budget_mib, 1, 1U << 20,
              "a generated layer that would take more is streamed (timeline engine, no outputs) or refused");
    v.required({"architecture", "workload"});
  }
};

/// A preset file: an architecture section alone.
struct ArchitectureFile {
  ArchitectureConfig architecture;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("architecture", c.architecture, "the machine");
    v.required({"architecture"});
  }
};

/// A workload file: a workload section alone.
struct WorkloadFile {
  WorkloadConfig workload;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("workload", c.workload, "layers to insert in a run configuration");
    v.required({"workload"});
  }
};

}  // namespace lacuna
