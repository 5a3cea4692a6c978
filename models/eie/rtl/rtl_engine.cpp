#include "models/eie/rtl/rtl_engine.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "models/eie/cycle_observer.h"
#include "models/eie/rtl/hardware.h"
#include "models/eie/rtl/loaded_machine.h"
#include "models/eie/rtl/machine_build.h"

namespace lacuna::eie {
namespace {

LacunaRtlLayer layer_inputs(const Parameters& p, const Layer& layer) {
  LacunaRtlLayer inputs{};
  inputs.source_rows = (layer.inputs() + p.pe_count - 1) / p.pe_count;
  inputs.columns = layer.matrix.columns;
  inputs.output_rows = (layer.outputs() + p.pe_count - 1) / p.pe_count;
  inputs.last_row_outputs = (layer.outputs() - 1) % p.pe_count + 1;
  inputs.store_region = static_cast<std::uint32_t>(sram_layout(p, layer).load_words);
  inputs.bias_value = static_cast<std::uint32_t>(layer.formats.bias_activation());
  inputs.product_shift = static_cast<std::uint32_t>(layer.formats.product_shift());
  inputs.output_shift = layer.formats.output_shift();
  inputs.has_bias = layer.has_bias ? 1 : 0;
  inputs.relu = layer.relu ? 1 : 0;
  return inputs;
}

/// More cycles than any layer of this image needs: every entry, column and batch after the other.
std::uint64_t cycle_limit(const Parameters& p, const Layer& layer, const MemoryImage& image) {
  const SramLayout layout = sram_layout(p, layer);
  const std::uint64_t batches =
      image.row_batches *
      (2 + layer.inputs() / p.pe_count / std::max<std::uint64_t>(p.register_file_entries, 1));
  return 1000 + 4 * image.stored_entries + 16 * std::uint64_t{image.image_columns()} +
         batches * (64 + 5 * std::uint64_t{p.lnzd_latency_cycles}) +
         image.row_batches * (layout.load_words + layout.store_words);
}

/// Passes the machine's signals on to a CycleObserver.
class ObserverBridge {
 public:
  ObserverBridge(CycleObserver& observer, const Parameters& parameters)
      : observer_(observer), width_(parameters.activation_width_bits), entries_(parameters.pe_count) {}

  LacunaRtlObserver functions() { return {this, on_broadcast, on_occupancies}; }

 private:
  static void on_broadcast(void* context, std::uint64_t cycle, std::uint32_t column, std::uint32_t value) {
    auto& self = *static_cast<ObserverBridge*>(context);
    const auto raw = static_cast<std::int32_t>(value << (32 - self.width_)) >> (32 - self.width_);
    self.observer_.broadcast(CycleNumber(cycle), ColumnNumber(column), raw);
  }
  static void on_occupancies(void* context, std::uint64_t cycle, const std::uint32_t* entries) {
    auto& self = *static_cast<ObserverBridge*>(context);
    self.entries_.assign(entries, entries + self.entries_.size());
    self.observer_.occupancies(CycleNumber(cycle), self.entries_);
  }

  CycleObserver& observer_;
  std::uint32_t width_;
  std::vector<std::uint32_t> entries_;
};

class RtlEngine : public Engine {
 public:
  RtlEngine(const Parameters& parameters, RtlBuild build)
      : parameters_(parameters), build_(std::move(build)) {
    check_parameters(parameters_);
  }

  std::string_view name() const override { return "rtl"; }
  const Parameters& parameters() const override { return parameters_; }
  void observe(CycleObserver* observer) override { observer_ = observer; }

  RunResult run(const Layer& layer, const MemoryImage& image, const std::vector<std::int32_t>& activations,
                Outputs outputs) override {
    provide_machine(needed_depths(parameters_, layer, image));
    machine_->interface().reset(machine_->machine());
    MemoryLoader loader(parameters_, *machine_);
    loader.load_image(image);
    loader.load_codebook(layer.codebook);
    loader.load_activations(layer, activations);
    run_machine(layer, image);

    RunResult result = read_counters();
    if (outputs == Outputs::wanted) {
      result.outputs = loader.outputs(layer);
    } else {
      forget_values(result);
    }
    return result;
  }

 private:
  /// Compiles and loads a machine with memories of at least these depths.
  void provide_machine(const MemoryDepths& need) {
    if (machine_ && depths_.covers(need)) {
      return;
    }
    const MemoryDepths depths = build_depths(parameters_, need);
    const std::string shared_object = build_machine(parameters_, depths, build_);
    machine_.emplace(shared_object);
    depths_ = depths;
  }

  void run_machine(const Layer& layer, const MemoryImage& image) {
    const LacunaRtlLayer inputs = layer_inputs(parameters_, layer);
    std::optional<ObserverBridge> bridge;
    LacunaRtlObserver observer{};
    if (observer_ != nullptr) {
      bridge.emplace(*observer_, parameters_);
      observer = bridge->functions();
    }
    const std::uint64_t limit = cycle_limit(parameters_, layer, image);
    if (machine_->interface().run(machine_->machine(), &inputs, bridge ? &observer : nullptr, limit) == 0) {
      // The limit is far beyond what the contract allows: the machine's description is wrong.
      throw std::logic_error(
          fmt::format("engine rtl: layer {} not finished after {} cycles", layer.name, limit));
    }
  }

  RunResult read_counters() {
    RunResult result;
    const LacunaRtlInterface& interface = machine_->interface();
    result.cycles = interface.cycles(machine_->machine());
    for (std::size_t i = 0; i < control_event_count; ++i) {
      result.control.values[i] =
          interface.control_counter(machine_->machine(), static_cast<std::uint32_t>(i));
    }
    result.pes.resize(parameters_.pe_count);
    IoWords words(interface.io_words, parameters_.pe_count);
    for (std::size_t i = 0; i < cycle_class_count + pe_event_count; ++i) {
      machine_->read(lacuna_rtl_counter, static_cast<std::uint32_t>(i), words);
      for (std::uint32_t pe = 0; pe < parameters_.pe_count; ++pe) {
        PeResult& counts = result.pes[pe];
        const std::uint64_t value = words.get(pe, 0, 32) | std::uint64_t{words.get(pe, 32, 32)} << 32U;
        (i < cycle_class_count ? counts.cycles.values[i] : counts.events.values[i - cycle_class_count]) =
            value;
      }
    }
    return result;
  }

  Parameters parameters_;
  RtlBuild build_;
  CycleObserver* observer_ = nullptr;
  MemoryDepths depths_;
  std::optional<LoadedMachine> machine_;
};

}  // namespace

std::unique_ptr<Engine> make_rtl_engine(const Parameters& parameters, const RtlBuild& build) {
  return std::make_unique<RtlEngine>(parameters, build);
}

}  // namespace lacuna::eie
