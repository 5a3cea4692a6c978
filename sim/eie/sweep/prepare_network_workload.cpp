#include "sim/eie/sweep/prepare_network_workload.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/data/random/generated_layer.h"
#include "sim/eie/network/engine_products.h"
#include "sim/eie/network/network_pass.h"
#include "sim/eie/network/network_scores.h"
#include "sim/eie/network/plain_products.h"
#include "sim/eie/sweep/recorded_products.h"

namespace lacuna {
namespace {

/// Computes a network with the products' vectors recorded, and takes it apart.
class NetworkPreparation {
 public:
  NetworkPreparation(const NetworkWorkload& network, const EiePoint& point, bool outputs)
      : images_(network.loaded.images),
        outputs_(outputs),
        workload_(point.workload),
        machine_(roomy_with_codebook(point.machine)),
        timed_(
            std::min<std::uint64_t>(network.lowering.timed_images.value_or(images_.size()), images_.size())),
        prepared_(prepare_network(network.loaded, network.lowering, machine_)),
        engine_(EngineKind::timeline, machine_, {}, 1),
        values_(machine_, 1),
        recorded_(outputs ? static_cast<ProductMachine&>(engine_) : values_) {}

  PreparedWorkload prepare() {
    check_size();
    saturations_.resize(prepared_.layers.size());
    compute(0, timed_, recorded_);
    if (outputs_) {
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
    }
    return std::move(result_);
  }

 private:
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
      score_outputs(prepared_, tensors, first, images_.labels(), scores_);
    }
  }

  void add_layer(std::size_t position) {
    std::vector<Product>& products = prepared_.layers[position].products();
    for (Product& product : products) {
      MatrixRun run;
      run.ready.activations = recorded_.take(product);
      run.ready.layer = product.layer;
      run.matrix = std::make_shared<const eie::CodedMatrix>(std::move(product.layer.matrix));
      run.key = {true, workload_, machine_.codebook_index_bits, result_.runs.size()};
      run.layer = result_.layers.size();
      result_.runs.push_back(std::move(run));
    }
    result_.layers.push_back(prepared_.network.layers[position].name);
    if (outputs_) {
      result_.values.push_back({saturations_[position], {}});
    }
  }

  const InputImages& images_;
  const bool outputs_;
  const std::size_t workload_;
  const eie::Parameters machine_;
  const std::size_t timed_;
  PreparedNetwork prepared_;
  EngineProducts engine_;
  PlainProducts values_;
  RecordedProducts recorded_;
  NetworkReport scores_;
  std::vector<std::uint64_t> saturations_;
  PreparedWorkload result_;
};

}  // namespace

PreparedWorkload prepare_network_workload(const NetworkWorkload& network, const EiePoint& point,
                                          bool outputs) {
  return NetworkPreparation(network, point, outputs).prepare();
}

}  // namespace lacuna
