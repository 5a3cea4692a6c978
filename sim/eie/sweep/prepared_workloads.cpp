#include "sim/eie/sweep/prepared_workloads.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "models/common/parallel_for.h"
#include "models/eie/capacity.h"
#include "models/eie/layer.h"
#include "models/eie/timeline/timeline_engine.h"
#include "sim/data/random/generated_layer.h"
#include "sim/eie/network/network_pass.h"
#include "sim/eie/network/network_report.h"
#include "sim/eie/network/product_machines.h"
#include "sim/eie/run/prepare_layer.h"
#include "sim/eie/run/reference_outputs.h"
#include "sim/eie/run/run_layer.h"
#include "sim/yaml/field_writer.h"

namespace lacuna {
namespace {

std::uint64_t bytes_of(const eie::CodedMatrix& matrix) {
  return matrix.nonzeros() * 5 + matrix.column_starts.size() * 8;
}

}  // namespace

std::uint64_t PreparedWorkload::bytes() const {
  std::uint64_t sum = 0;
  for (const MatrixRun& run : runs) {
    sum += bytes_of(run.ready.layer.matrix);
    sum += run.key.of_network ? bytes_of(*run.matrix) : 0;  // a trace stays whether it is used or not
    for (const auto& vector : run.ready.activations) {
      sum += vector.size() * sizeof(vector.front());
    }
  }
  return sum;
}

std::vector<LayerCounts> empty_counts(const PreparedWorkload& workload) {
  std::vector<LayerCounts> layers(workload.layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i].name = workload.layers[i];
    layers[i].formats = workload.formats[i];
    layers[i].classification = workload.values.empty() ? Classification() : workload.values[i].classification;
  }
  return layers;
}

eie::Parameters roomy(eie::Parameters machine) {
  constexpr std::uint64_t gib = std::uint64_t{1} << 30;
  machine.pe_count = 64;
  machine.codebook_index_bits = 8;
  machine.pointer_width_bits = 32;
  machine.pointer_capacity_bytes = gib;
  machine.spmat_capacity_bytes = gib;
  machine.register_file_entries = 0;
  return machine;
}

namespace {

/// Leaves the shape alone.
void drop_entries(eie::CodedMatrix& matrix) {
  matrix.column_starts = {};
  matrix.row_indices = {};
  matrix.codes = {};
}

/// Has products computed by another machine and keeps the vectors that they take.
class RecordedProducts : public ProductMachine {
 public:
  explicit RecordedProducts(ProductMachine& machine) : machine_(machine) {}

  ProductCounts run(const Product& product, const VectorStream& stream,
                    const StreamProgress& progress) override;

  /// All vectors of a product so far, in their order. Takes them away.
  std::vector<std::vector<std::int32_t>> take(const Product& product);

 private:
  ProductMachine& machine_;
  std::map<const Product*, std::vector<std::vector<std::int32_t>>> vectors_;
};

ProductCounts RecordedProducts::run(const Product& product, const VectorStream& stream,
                                    const StreamProgress& progress) {
  std::vector<std::vector<std::int32_t>>& vectors = vectors_[&product];
  const std::size_t before = vectors.size();
  vectors.resize(before + stream.size);
  VectorStream recorded = stream;
  recorded.make = [&](std::size_t i, std::vector<std::int32_t>& elements) {
    stream.make(i, elements);
    vectors[before + i] = elements;
  };
  return machine_.run(product, recorded, progress);
}

std::vector<std::vector<std::int32_t>> RecordedProducts::take(const Product& product) {
  return std::move(vectors_[&product]);
}

/// Whether the values of all layers are wanted, or only of those whose outputs the next layer takes.
enum class Values { where_needed, of_all };

/// The outputs of a layer, and what they tell of it.
struct ComputedLayer {
  LayerOutputs outputs;
  LayerFindings values;
};

bool takes_outputs(const TracedLayer& layer) {
  return layer.config->activations == ActivationSource::from_previous;
}

/// They depend on the machine through its widths only.
ComputedLayer computed(const QuantisedLayer& layer, const eie::Parameters& machine) {
  const eie::Parameters p = roomy(machine);
  const auto engine = eie::make_timeline_engine(p);
  LayerRun run = run_layer(*engine, layer, fitting_image(*engine, layer.layer), eie::Outputs::wanted, {});
  ComputedLayer result;
  result.outputs.format = layer.layer.formats.output;
  result.outputs.vectors = std::move(run.outputs);
  result.values.saturations = run.sums.pe_events[eie::PeEvent::accumulator_saturations];
  return result;
}

/// Layers in the widths of a machine, with matrices of their own where these are wanted or a layer's values
/// are. Those that take the outputs of the layer before have them computed. Throws ConfigurationError when a
/// layer's formats do not go with the machine.
PreparedWorkload prepare_layers(const std::vector<TracedLayer>& layers, const eie::Parameters& machine,
                                Values values, MatrixEntries entries) {
  PreparedWorkload result;
  LayerOutputs previous;
  std::vector<std::vector<double>> reference;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto& [config, trace, id] = layers[i];
    const bool chained = takes_outputs(layers[i]);
    const bool feeds_next = i + 1 < layers.size() && takes_outputs(layers[i + 1]);
    const bool is_computed = feeds_next || values == Values::of_all;
    MatrixRun run;
    const auto prepare = is_computed || entries == MatrixEntries::held ? prepare_layer : prepare_numbers;
    run.ready = prepare(*config, *trace, chained ? &previous : nullptr, machine, {});
    run.matrix = {trace, &trace->matrix};
    run.key = {false, id, 0, 0};
    run.layer = i;
    run.inputs = chained ? MemoryRun::Inputs::results_before : MemoryRun::Inputs::of_their_own;
    run.row_order = config->row_order == RowOrderKind::natural ? nullptr : config;
    FormatCounts formats;
    formats.set_weights(run.ready.weights);
    if (is_computed) {
      ComputedLayer layer = computed(run.ready, machine);
      layer.outputs.labels = known_labels(*config, *trace, previous);
      if (values == Values::of_all) {
        reference = reference_outputs(*trace, chained ? &reference : nullptr);
        if (!feeds_next) {
          QuantisationTally error;
          for (std::size_t vector = 0; vector < reference.size(); ++vector) {
            const std::vector<std::int32_t>& outputs = layer.outputs.vectors[vector];
            formats.add_outputs(outputs, layer.outputs.format);
            for (std::size_t row = 0; row < outputs.size(); ++row) {
              error.add(reference[vector][row], to_real(outputs[row], layer.outputs.format), false);
            }
          }
          formats.set_error(error);
          layer.values.classification = classify(layer.outputs.vectors, layer.outputs.labels);
        }
        result.values.push_back(layer.values);
      }
      previous = std::move(layer.outputs);
    }
    result.layers.push_back(trace->name);
    result.formats.push_back(formats);
    result.runs.push_back(std::move(run));
  }
  return result;
}

/// Computes a network with the products' vectors recorded, and takes it apart.
class NetworkPreparation {
 public:
  NetworkPreparation(const NetworkWorkload& network, const EiePoint& point, Values values,
                     std::size_t threads)
      : images_(network.loaded.images),
        wanted_(values),
        workload_(point.workload),
        order_(network.lowering.aggregation_order),
        machine_(roomy_with_codebook(point.machine)),
        timed_(
            std::min<std::uint64_t>(network.lowering.timed_images.value_or(images_.size()), images_.size())),
        prepared_(prepare_network(network.loaded, network.lowering, machine_, threads)),
        has_memory_(point.memory.has_value()),
        engine_(EngineKind::timeline, machine_, {}, threads),
        values_(machine_, threads),
        recorded_(values == Values::of_all ? static_cast<ProductMachine&>(engine_) : values_) {}

  PreparedWorkload prepare() {
    check_matrices();
    check_size();
    if (has_memory_) {
      check_memory_phases(prepared_);
    }
    saturations_.resize(prepared_.layers.size());
    compute(0, timed_, recorded_);
    if (wanted_ == Values::of_all) {
      compute(timed_, images_.size(), values_);
    }
    for (std::size_t i = 0; i < prepared_.layers.size(); ++i) {
      if (prepared_.layers[i].on_machine()) {
        add_layer(i);
      }
    }
    if (!result_.values.empty()) {
      // The network's classes stand with its last layer.
      result_.values.back().classification = {scores_.correct, scores_.labelled};
      result_.formats.back().set_error(scores_.output_error);
      result_.formats.back().outputs = outputs_.outputs;
      result_.formats.back().outputs_at_ends = outputs_.outputs_at_ends;
    }
    return std::move(result_);
  }

 private:
  /// A sweep runs each product's vectors again on other machines; it has one matrix for each.
  void check_matrices() const {
    if (order_ != AggregationOrder::as_written) {
      throw ConfigurationError({{}, 0, "workload.lowering.aggregation_order"},
                               "the cheapest order is another for each machine of a sweep", "as_written");
    }
    for (const PreparedLayer& layer : prepared_.layers) {
      if (layer.lowered != nullptr && layer.lowered->depends_on_input()) {
        refuse_layer(layer.lowered->layer(), "attention by features is not swept", "attention const or gcn");
      }
    }
  }

  static eie::Parameters roomy_with_codebook(const eie::Parameters& machine) {
    eie::Parameters p = roomy(machine);
    p.codebook_index_bits = machine.codebook_index_bits;
    return p;
  }

  void check_size() const {
    std::uint64_t elements = 0;
    for (std::size_t i = 0; i < prepared_.layers.size(); ++i) {
      elements += elements_of(i);
    }
    if (elements * timed_ > max_generated_activations) {
      throw ConfigurationError(
          {{}, 0, "workload.lowering.timed_images"},
          fmt::format("the vectors of {} images have {} activations", timed_, elements * timed_),
          fmt::format("at most {} in all, so {} images", max_generated_activations,
                      max_generated_activations / elements));
    }
  }

  /// Elements of the vectors of one image.
  std::uint64_t elements_of(std::size_t position) const {
    const PreparedLayer& layer = prepared_.layers[position];
    std::uint64_t elements = 0;
    for (std::size_t p = 0; layer.on_machine() && p < layer.products().size(); ++p) {
      elements += vectors_per_image(prepared_, position, p) * layer.products()[p].inputs();
    }
    return elements;
  }

  void compute(std::size_t begin, std::size_t end, ProductMachine& machine) {
    const std::size_t step = images_at_once(prepared_.network);
    for (std::size_t first = begin; first < end; first += step) {
      NetworkTensors tensors = input_tensors(prepared_, images_, first, std::min(first + step, end));
      for (std::size_t i = 1; i < prepared_.layers.size(); ++i) {
        const ProductCounts counts = run_network_layer(prepared_, i, machine_.rounding, machine, {}, tensors);
        saturations_[i] += counts.sums.pe_events[eie::PeEvent::accumulator_saturations];
      }
      score_outputs(prepared_, tensors, first, images_, scores_);
      for (const RawTensor& output : tensors.back()) {
        outputs_.add_outputs(output.values, prepared_.formats.back());
      }
    }
  }

  void add_layer(std::size_t position) {
    for (Product& product : prepared_.layers[position].products()) {
      MatrixRun run;
      run.inputs = job_inputs(prepared_, position, product);
      run.ready.activations = recorded_.take(product);
      run.ready.layer = product.layer;
      run.matrix = std::make_shared<const eie::CodedMatrix>(std::move(product.layer.matrix));
      run.key = {true, workload_, machine_.codebook_index_bits, result_.runs.size()};
      run.layer = result_.layers.size();
      result_.runs.push_back(std::move(run));
    }
    result_.layers.push_back(prepared_.network.layers[position].name);
    result_.formats.emplace_back().set_weights(prepared_.layers[position].weights);
    if (wanted_ == Values::of_all) {
      result_.values.push_back({saturations_[position], {}});
    }
  }

  const InputImages& images_;
  const Values wanted_;
  const std::size_t workload_;
  const AggregationOrder order_;
  const eie::Parameters machine_;
  const std::size_t timed_;
  PreparedNetwork prepared_;
  const bool has_memory_;
  EngineProducts engine_;
  PlainProducts values_;
  RecordedProducts recorded_;
  NetworkReport scores_;
  FormatCounts outputs_;  ///< of the network
  std::vector<std::uint64_t> saturations_;
  PreparedWorkload result_;
};

/// A network in the widths of a machine: each product that its layers become, with the vectors of all timed
/// images, which are found by computing the network. Throws ConfigurationError for a network that does not
/// go with the machine, or whose vectors are too many to be held.
PreparedWorkload prepare_network_workload(const NetworkWorkload& network, const EiePoint& point,
                                          Values values, std::size_t threads) {
  return NetworkPreparation(network, point, values, threads).prepare();
}

constexpr std::uint64_t cache_bytes = std::uint64_t{1} << 30;

/// What a layer's trace is made from, as text.
std::string trace_key(const LayerConfig& layer) {
  return layer.trace.resolved + "\n" + FieldWriter::of(layer).dump();
}

/// Traces by what they are made from, each loaded once.
class Traces {
 public:
  void want(const LayerConfig& config) {
    if (ids_.try_emplace(trace_key(config), ids_.size()).second) {
      configs_.push_back(&config);
    }
  }

  void load(const LayerSources& sources, std::size_t threads) {
    std::vector<double> sizes;
    for (const LayerConfig* config : configs_) {
      const std::optional<GeneratedLayer> made = generated_spec(*config, sources);
      sizes.push_back(made ? made->weight_density * made->rows * made->columns() : 0.0);
    }
    traces_.resize(configs_.size());
    parallel_each(sizes, threads, [&](std::size_t i) {
      traces_[i] = std::make_shared<const Trace>(load_layer(*configs_[i], sources).trace);
    });
  }

  TracedLayer layer(const LayerConfig& config) const {
    const std::size_t id = ids_.at(trace_key(config));
    return {&config, traces_[id], id};
  }

 private:
  std::map<std::string, std::size_t> ids_;
  std::vector<const LayerConfig*> configs_;
  std::vector<std::shared_ptr<const Trace>> traces_;
};

}  // namespace

PreparedWorkloads::PreparedWorkloads(const EieWorkloads& workloads, const std::vector<bool>& wanted,
                                     const SweepSurroundings& surroundings, MatrixEntries entries)
    : workloads_(workloads),
      entries_(entries),
      threads_(surroundings.threads),
      layers_(workloads.list.size()),
      cache_(cache_bytes) {
  Traces traces;
  const auto for_each_wanted = [&](const auto& action) {
    for (std::size_t i = 0; i < workloads.list.size(); ++i) {
      for (const LayerConfig& layer : workloads.list[i].config.layers) {
        if (wanted[i]) {
          action(i, layer);
        }
      }
    }
  };
  for_each_wanted([&](std::size_t, const LayerConfig& layer) { traces.want(layer); });
  traces.load({surroundings.reference_folder, workloads.seed}, threads_);
  for_each_wanted(
      [&](std::size_t i, const LayerConfig& layer) { layers_[i].push_back(traces.layer(layer)); });
}

ValueKey PreparedWorkloads::value_key(const EiePoint& point) const {
  const eie::Parameters& machine = point.machine;
  return {machine.weight_value_width_bits,
          machine.activation_width_bits,
          machine.accumulator_width_bits,
          static_cast<std::uint32_t>(machine.rounding),
          static_cast<std::uint32_t>(machine.nonzero_detection),
          workloads_.list[point.workload].network != nullptr ? machine.codebook_index_bits : 0};
}

std::shared_ptr<const PreparedWorkload> PreparedWorkloads::prepared(const EiePoint& point) const {
  return cache_.get({point.workload, value_key(point)}, [&] { return prepare(point); });
}

PreparedWorkload PreparedWorkloads::prepare(const EiePoint& point) const {
  const auto& network = workloads_.list[point.workload].network;
  const Values values = workloads_.outputs ? Values::of_all : Values::where_needed;
  PreparedWorkload result = network != nullptr
                                ? prepare_network_workload(*network, point, values, threads_)
                                : prepare_layers(layers_[point.workload], point.machine, values, entries_);
  if (entries_ == MatrixEntries::shared) {
    for (MatrixRun& run : result.runs) {
      drop_entries(run.ready.layer.matrix);
    }
  }
  return result;
}

}  // namespace lacuna
