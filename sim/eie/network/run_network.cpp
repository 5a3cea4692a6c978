#include "sim/eie/network/run_network.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "models/eie/memory_job.h"
#include "sim/eie/network/aggregation_order.h"
#include "sim/eie/network/leading_tensors.h"
#include "sim/eie/network/network_pass.h"
#include "sim/eie/network/network_report.h"
#include "sim/eie/network/prepared_network.h"
#include "sim/eie/network/product_machines.h"
#include "sim/eie/run/layer_report.h"
#include "sim/eie/run/reference_outputs.h"
#include "sim/network/reference.h"
#include "sim/network/simplify.h"

namespace lacuna {
namespace {

/// Counts of one layer over all images.
struct LayerTally {
  ProductCounts counts;
  std::uint64_t input_nonzeros = 0;
  std::uint64_t outputs_at_limits = 0;
  std::vector<std::string> image_checksums;
};

/// Collects the tensors of all layers behind the input, where they are wanted, and compares them with
/// floating point.
class NetworkValues {
 public:
  /// Keeps a reference to the network.
  void start(const PreparedNetwork& network, std::size_t images, const WantedValues& wanted,
             std::uint64_t budget_mib) {
    network_ = &network;
    wanted_ = wanted;
    std::uint64_t kept = 0;
    for (std::size_t i = 1; i < network.network.layers.size(); ++i) {
      const NetworkLayer& layer = network.network.layers[i];
      std::vector<std::size_t> shape = {layer.shape.height, layer.shape.width, layer.shape.channels};
      values_.push_back(fixed_point_values(layer.name, shape, network.formats[i]));
      values_.back().vectors = images;
      kept += keeps(i) ? images * values_.back().elements() : 0;
    }
    check_kept_values(kept, wanted, budget_mib);
    if (wanted.reference) {
      reference_.emplace(network.network);
    }
  }

  void add(const InputImages& images, std::size_t first, const NetworkTensors& tensors) {
    for (std::size_t image = 0; image < tensors.front().size(); ++image) {
      const std::vector<Tensor> reference =
          reference_ ? reference_->run(images.image(first + image)) : std::vector<Tensor>();
      for (std::size_t i = 1; i < tensors.size(); ++i) {
        add(i, tensors[i][image], reference.empty() ? nullptr : &reference[i]);
      }
    }
  }

  std::vector<LayerValues> take() { return wanted_.any() ? std::move(values_) : std::vector<LayerValues>(); }

 private:
  bool keeps(std::size_t i) const {
    return wanted_.kept == KeptValues::of_all_layers ||
           (wanted_.kept == KeptValues::of_last_layer && i + 1 == network_->network.layers.size());
  }

  void add(std::size_t i, const RawTensor& tensor, const Tensor* reference) {
    LayerValues& values = values_[i - 1];
    if (keeps(i)) {
      values.raw.insert(values.raw.end(), tensor.values.begin(), tensor.values.end());
    }
    if (reference == nullptr) {
      return;
    }
    if (keeps(i)) {
      values.reference.insert(values.reference.end(), reference->values.begin(), reference->values.end());
    }
    if (!values.error) {
      values.error.emplace();
    }
    for (std::size_t k = 0; k < tensor.values.size(); ++k) {
      values.error->add(static_cast<double>(reference->values[k]),
                        to_real(tensor.values[k], network_->formats[i]), false);
    }
  }

  const PreparedNetwork* network_ = nullptr;
  WantedValues wanted_;
  std::optional<Reference> reference_;
  std::vector<LayerValues> values_;  ///< from the layer behind the input on
};

/// Runs a network chunk of images by chunk of images.
class NetworkRun {
 public:
  NetworkRun(const RunConfig& config, const RunOptions& options)
      : config_(config),
        options_(options),
        lowering_(config.workload.lowering.value_or(LoweringConfig{})),
        machine_(config.architecture.parameters),
        engine_(config.engine, machine_, options.engine, options.threads),
        values_(machine_, options.threads) {
    report_.engine = engine_name(config.engine);
    if (config_.memory) {
      engine_.keep_vector_cycles();
    }
  }

  /// What a configuration states, read.
  RunReport run() {
    costs_ = load_energy(config_.energy, machine_, report_);
    LoadedNetwork loaded = load_network_workload(config_.workload, config_.seed);
    for (const std::string& file : loaded.files) {
      add_input(file, report_);
    }
    std::vector<OrderChoice> orders = choose_order(loaded);
    RunReport report = run(loaded);
    report.network->orders = std::move(orders);
    return report;
  }

  /// What is read already; reads nothing. `leading`: the tensors of the only input, kept between runs.
  RunReport run(LoadedNetwork loaded, const std::optional<Costs>& costs, LeadingTensors* leading) {
    costs_ = costs;
    choose_order(loaded);
    leading_ = leading;
    return run(loaded);
  }

 private:
  /// Puts transforms and aggregations in the cheapest order, where that is asked for.
  std::vector<OrderChoice> choose_order(LoadedNetwork& loaded) const {
    if (lowering_.aggregation_order == AggregationOrder::as_written) {
      return {};
    }
    RunConfig config = config_;
    config.engine = EngineKind::timeline;
    config.outputs = false;
    config.workload.lowering = lowering_;
    config.workload.lowering->aggregation_order = AggregationOrder::as_written;
    config.workload.lowering->check_vectors = 0;
    RunOptions options;
    options.threads = options_.threads;
    OrderedNetwork ordered = with_cheapest_order(loaded.network, [&](const Network& network) {
      const LoadedNetwork tried = {network, loaded.images, {}};
      return NetworkRun(config, options).run(tried).total.sums.cycles;
    });
    loaded.network = std::move(ordered.network);
    return std::move(ordered.choices);
  }

  RunReport run(const LoadedNetwork& loaded) {
    prepared_ = prepare_network(loaded, lowering_, machine_, options_.threads, leading_);
    if (config_.memory) {
      check_memory_phases(prepared_);
    }
    start_report(loaded.images);
    tallies_.resize(layers().size());
    values_of_layers_.start(prepared_, loaded.images.size(), options_.values, config_.memory_budget_mib);
    for (std::size_t first = 0; first < loaded.images.size();) {
      first = run_chunk(loaded.images, first);
    }
    finish_report(loaded.images);
    report_.values = values_of_layers_.take();
    engine_.finish();
    return std::move(report_);
  }

  const std::vector<NetworkLayer>& layers() const { return prepared_.network.layers; }

  void start_report(const InputImages& images) {
    NetworkReport& network = report_.network.emplace();
    network.name = prepared_.network.name;
    network.images = images.size();
    network.timed_images =
        std::min<std::uint64_t>(lowering_.timed_images.value_or(images.size()), images.size());
    network.calibration_images = prepared_.reference.size();
    score_reference(prepared_.reference, images, network);
  }

  /// Images from `first` on that are either all timed or none, and fit the memory.
  std::size_t chunk_end(const InputImages& images, std::size_t first) const {
    const std::size_t timed = report_.network->timed_images;
    const std::size_t limit = first < timed ? timed : images.size();
    return std::min(first + images_at_once(prepared_.network), limit);
  }

  std::size_t run_chunk(const InputImages& images, std::size_t first) {
    const std::size_t end = chunk_end(images, first);
    leads_ = leads();
    NetworkTensors tensors = leads_ ? leading_tensors() : input_tensors(prepared_, images, first, end);
    for (std::size_t i = 1; i < layers().size(); ++i) {
      run_layer(i, first, tensors);
    }
    score_outputs(prepared_, tensors, first, images, *report_.network);
    if (options_.values.any()) {
      values_of_layers_.add(images, first, tensors);
    }
    if (leading_ != nullptr) {
      keep_leading(tensors);
    }
    return end;
  }

  /// Whether the first tensors are those of an earlier run, in the same formats.
  bool leads() const {
    return leading_ != nullptr && !leading_->raw.empty() &&
           std::equal(leading_->formats.begin(), leading_->formats.end(), prepared_.formats.begin());
  }

  NetworkTensors leading_tensors() {
    NetworkTensors tensors(layers().size());
    for (std::size_t i = 0; i < leading_->raw.size(); ++i) {
      tensors[i].push_back(std::move(leading_->raw[i]));
    }
    return tensors;
  }

  void keep_leading(NetworkTensors& tensors) {
    const auto layers = static_cast<std::ptrdiff_t>(leading_->layers());
    leading_->formats.assign(prepared_.formats.begin(), prepared_.formats.begin() + layers);
    const bool counted = leads_;
    leading_->raw.clear();
    leading_->nonzeros.resize(leading_->layers());
    for (std::size_t i = 0; i < leading_->layers(); ++i) {
      leading_->nonzeros[i] = counted ? leading_->nonzeros[i] : nonzeros_of(tensors[i]);
      leading_->raw.push_back(std::move(tensors[i].front()));
    }
  }

  void run_layer(std::size_t i, std::size_t first, NetworkTensors& tensors) {
    const std::vector<RawTensor>& inputs = tensors[layers()[i].inputs[0]];
    if (leads_ && layers()[i].inputs[0] < leading_->layers()) {
      tallies_[i].input_nonzeros += leading_->nonzeros[layers()[i].inputs[0]];
    } else {
      tallies_[i].input_nonzeros += nonzeros_of(inputs);
    }
    const bool timed = first < report_.network->timed_images;
    ProductMachine& machine = timed ? static_cast<ProductMachine&>(engine_) : values_;
    if (tensors[i].empty()) {
      tallies_[i].counts +=
          run_network_layer(prepared_, i, machine_.rounding, machine, progress_of(i, first), tensors);
    }
    if (!prepared_.layers[i].on_machine()) {
      return;
    }
    for (const RawTensor& output : tensors[i]) {
      tally_output(i, output);
    }
    if (first == 0 && lowering_.check_vectors > 0) {
      report_.network->checked_vectors += check_machine_layer(
          machine_layer(prepared_, i, machine_.rounding), inputs.front(), tensors[i].front(),
          lowering_.check_vectors, engine_, report_.network->check_failures);
    }
  }

  static std::uint64_t nonzeros_of(const std::vector<RawTensor>& tensors) {
    std::uint64_t nonzeros = 0;
    for (const RawTensor& tensor : tensors) {
      nonzeros += static_cast<std::uint64_t>(std::count_if(tensor.values.begin(), tensor.values.end(),
                                                           [](std::int32_t value) { return value != 0; }));
    }
    return nonzeros;
  }

  void tally_output(std::size_t i, const RawTensor& output) {
    const FixedFormat& format = prepared_.formats[i];
    tallies_[i].outputs_at_limits += static_cast<std::uint64_t>(std::count_if(
        output.values.begin(), output.values.end(),
        [&](std::int32_t value) { return value == format.max_raw() || value == format.min_raw(); }));
    if (config_.outputs) {
      tallies_[i].image_checksums.push_back(tensor_checksum(output));
    }
  }

  StreamProgress progress_of(std::size_t i, std::size_t first) const {
    if (!options_.progress) {
      return {};
    }
    return [this, i, first](std::size_t vector) {
      options_.progress({i, layers().size(), layers()[i].name, first + vector, report_.network->images});
    };
  }

  void finish_report(const InputImages& images) {
    for (std::size_t i = 1; i < layers().size(); ++i) {
      const LayerTally& tally = tallies_[i];
      NetworkLayerReport network = network_layer_report(prepared_, i, images.size(), machine_);
      network.input_density =
          static_cast<double>(tally.input_nonzeros) /
          static_cast<double>(images.size() * prepared_.network.input_of(layers()[i]).shape.elements());
      if (!prepared_.layers[i].on_machine()) {
        report_.network->host_layers.push_back({layers()[i].name, std::move(network)});
        continue;
      }
      network.outputs_at_limits = tally.outputs_at_limits;
      LayerReport layer = machine_layer_report(prepared_, i, tally.counts);
      network.vector_density = vector_density(prepared_, i, report_.network->timed_images, layer.sums);
      layer.outputs_checksum = joined_checksum(tally.image_checksums);
      layer.network = std::move(network);
      derive_measures(machine_, costs_, layer);
      report_.layers.push_back(std::move(layer));
    }
    if (config_.memory) {
      MemoryRun memory(*config_.memory, eie::memory_machine(machine_));
      put_in_memory(memory);
      add_memory(memory, machine_, costs_, options_.memory_requests, report_);
    }
    sum_up(machine_, costs_, report_);
  }

  /// Each product is a job, whose weights are loaded once for all timed images.
  void put_in_memory(MemoryRun& memory) {
    std::size_t on_machine = 0;
    for (std::size_t i = 1; i < layers().size(); ++i) {
      if (!prepared_.layers[i].on_machine()) {
        continue;
      }
      for (const Product& product : prepared_.layers[i].products()) {
        std::vector<std::uint64_t> cycles = engine_.take_vector_cycles(product);
        if (!cycles.empty()) {
          memory.add(
              on_machine,
              eie::memory_job(machine_, eie::LayerShape::of(product.layer), product.layer.codebook.size(),
                              product.image.row_batches, product.image.pe_entries(), std::move(cycles)),
              job_inputs(prepared_, i, product));
        }
      }
      ++on_machine;
    }
  }

  const RunConfig& config_;
  const RunOptions& options_;
  const LoweringConfig lowering_;
  const eie::Parameters machine_;
  EngineProducts engine_;
  PlainProducts values_;
  std::optional<Costs> costs_;
  PreparedNetwork prepared_;
  LeadingTensors* leading_ = nullptr;
  bool leads_ = false;  ///< whether the run has its tensors
  std::vector<LayerTally> tallies_;
  NetworkValues values_of_layers_;
  RunReport report_;
};

}  // namespace

RunReport run_network(const RunConfig& config, const RunOptions& options) {
  if (config.workload.lowering && config.workload.lowering->check_vectors > 0 &&
      config.engine == EngineKind::systemc) {
    throw ConfigurationError(config.workload.network.place,
                             "check_vectors compares with the SystemC engine, on which this runs anyway",
                             "engine: timeline or rtl, or check_vectors: 0");
  }
  return NetworkRun(config, options).run();
}

namespace {

class EieNetworkMachine : public NetworkMachine {
 public:
  explicit EieNetworkMachine(RunConfig config) : config_(std::move(config)) {
    config_.engine = EngineKind::timeline;
    config_.outputs = false;
    lowering_ = config_.workload.lowering.value_or(LoweringConfig{});
    lowering_.check_vectors = 0;
    lowering_.timed_images.reset();
    RunReport of_table;
    costs_ = load_energy(config_.energy, config_.architecture.parameters, of_table);
    area_ = of_table.area;
  }

  FrameCost measure(const Network& network, const std::vector<Tensor>& inputs) const override {
    RunConfig config = config_;
    config.workload.lowering = lowering_for(inputs);
    const LoadedNetwork loaded = load(network, inputs);
    std::optional<LeadingTensors> leading;
    if (inputs.size() == 1) {
      leading = leading_.take(loaded.network, inputs.front());
    }
    const RunReport report = NetworkRun(config, {}).run(loaded, costs_, leading ? &*leading : nullptr);
    if (leading) {
      leading_.give(std::move(*leading));
    }
    const auto frames = static_cast<double>(inputs.size());
    FrameCost cost;
    cost.cycles = static_cast<double>(report.total.sums.cycles) / frames;
    constexpr double us_per_s = 1e6;
    cost.frames_per_second = frames * us_per_s / report.total.time_us;
    cost.energy_pj = energy_of(report.total.energy, frames);
    cost.area_mm2 = area_.mm2;
    const double weights_read =
        static_cast<double>(report.total.sums.pe_events[eie::PeEvent::spmat_row_reads]) *
        config.architecture.parameters.entries_per_spmat_row();
    cost.reuse.weight = static_cast<double>(report.total.sums.macs) / weights_read;
    for (const LayerReport& layer : report.layers) {
      cost.layers.push_back(
          {layer.name, static_cast<double>(layer.sums.cycles) / frames, energy_of(layer.energy, frames)});
    }
    return cost;
  }

  /// Computes the values, which decide what is broadcast, but steps no machine. Empty where the order of
  /// products follows from simulations.
  std::optional<double> planned_cycles(const Network& network,
                                       const std::vector<Tensor>& inputs) const override {
    if (lowering_.aggregation_order != AggregationOrder::as_written) {
      return std::nullopt;
    }
    const eie::Parameters& machine = config_.architecture.parameters;
    const LoadedNetwork loaded = load(network, inputs);
    const PreparedNetwork prepared = prepare_network(loaded, lowering_for(inputs), machine);
    BoundedProducts products(machine, 1);
    const std::size_t at_once = images_at_once(prepared.network);
    for (std::size_t first = 0; first < inputs.size(); first += at_once) {
      NetworkTensors tensors =
          input_tensors(prepared, loaded.images, first, std::min(first + at_once, inputs.size()));
      for (std::size_t i = 1; i < prepared.network.layers.size(); ++i) {
        run_network_layer(prepared, i, machine.rounding, products, {}, tensors);
      }
    }
    return static_cast<double>(products.cycles()) / static_cast<double>(inputs.size());
  }

 private:
  LoadedNetwork load(const Network& network, const std::vector<Tensor>& inputs) const {
    const std::shared_ptr<const std::vector<Tensor>> borrowed(std::shared_ptr<void>(), &inputs);
    LoadedNetwork loaded = {simplified(network), {borrowed, network.layers.front().shape}, {}};
    check_lowering(loaded.network, lowering_);
    return loaded;
  }
  LoweringConfig lowering_for(const std::vector<Tensor>& inputs) const {
    LoweringConfig lowering = lowering_;
    lowering.calibration_images = static_cast<std::uint32_t>(inputs.size());
    return lowering;
  }

  static std::optional<double> energy_of(const std::optional<EnergyReport>& energy, double frames) {
    return energy ? std::optional<double>(energy->total_pj() / frames) : std::nullopt;
  }

  RunConfig config_;
  LoweringConfig lowering_;
  std::optional<Costs> costs_;
  Area area_;
  mutable LeadingTensorsStore leading_;
};

}  // namespace

std::unique_ptr<NetworkMachine> make_network_machine(RunConfig config) {
  return std::make_unique<EieNetworkMachine>(std::move(config));
}

}  // namespace lacuna
