#include "sim/tomato/tomato_counts.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "models/tomato/unit_traits.h"
#include "sim/report/numbers_report.h"
#include "sim/tomato/fpga_energy.h"
#include "sim/tomato/layer_summary.h"
#include "sim/tomato/tomato_result.h"

namespace lacuna::tomato {
namespace {

using Json = nlohmann::ordered_json;

/// A SHA-256 over counts.
class Digest {
 public:
  void add(std::uint64_t count) {
    for (int byte = 0; byte < 8; ++byte) {
      bytes_.push_back(static_cast<char>(count >> (8 * byte)));
    }
  }
  template <class Container>
  void add_all(const Container& counts) {
    for (const std::uint64_t count : counts) {
      add(count);
    }
  }
  std::string text() const { return sha256_bytes(bytes_.data(), bytes_.size()); }

 private:
  std::string bytes_;
};

std::string digest_of(const RunResult& result) {
  Digest digest;
  digest.add_all(result.frame_cycles);
  for (const UnitResult& unit : result.units) {
    digest.add_all(unit.cycles.values);
    digest.add_all(unit.events.values);
  }
  for (const FifoResult& fifo : result.fifos) {
    digest.add_all(std::initializer_list<std::uint64_t>{fifo.pushes, fifo.high_water_mark,
                                                        fifo.full_stall_cycles, fifo.empty_stall_cycles});
  }
  return digest.text();
}

Json resources_json(const Resources& resources, const std::optional<Device>& device) {
  if (!device) {
    return nullptr;
  }
  return {{"logic_blocks", logic_blocks(resources, *device)},
          {"dsp_blocks", resources.dsp},
          {"memory_blocks", resources.memory_blocks()},
          {"multiplier_lanes", resources.lanes}};
}

Json layer_json(const LayerSummary& layer, const TomatoReport& report) {
  return {{"name", layer.name},
          {"unit", layer.kind},
          {"weights", layer.weights},
          {"outputs", layer.outputs},
          {"device", layer.device},
          {"unroll", {layer.unroll.input_channels, layer.unroll.output_channels, layer.unroll.taps}},
          {"planned_cycles_per_frame", layer.planned_cycles_per_frame},
          {"utilisation", layer.utilisation ? Json(*layer.utilisation) : Json(nullptr)},
          {"busy_cycles", layer.cycles[CycleClass::busy]},
          {"starved_cycles", layer.cycles[CycleClass::starved]},
          {"blocked_cycles", layer.cycles[CycleClass::blocked]},
          {"fifo_slots", layer.fifo_slots},
          {"resources", resources_json(layer.resources, report.machine.device)}};
}

void add_resources(const MachineDesign& machine, Json& totals) {
  Resources sum;
  std::uint64_t blocks = 0;
  for (const DeviceResources& device : machine.placement->devices) {
    sum += device.total;
    blocks += logic_blocks(device.total, *machine.device);
  }
  totals["logic_blocks"] = blocks;
  totals["dsp_blocks"] = sum.dsp;
  totals["memory_blocks"] = sum.memory_blocks();
  totals["largest_share"] = machine.placement->largest_share(*machine.device);
  totals["logic_cells"] = sum.cells;
  totals["registers"] = sum.registers;
  totals["multiplier_lanes"] = sum.lanes;
}

/// What the formats lose, where values were computed.
void add_format_figures(const TomatoReport& report, Json& totals) {
  if (report.numbers.empty()) {
    return;
  }
  double clipped = 0.0;
  double to_zero = 0.0;
  for (std::size_t i = 0; i < report.numbers.size(); ++i) {
    if (!report.numbers[i]) {
      continue;
    }
    const QuantisationTally& weights = report.numbers[i]->weights;
    clipped = std::max(clipped, weights.clipped_share());
    to_zero = std::max(to_zero, weights.vanished_share());
    const std::string lost =
        lost_sentence(report.layer_names[i], "weights", weights.clipped_share(), weights.vanished_share());
    if (!lost.empty() && !totals.contains("lost")) {
      totals["lost"] = lost;
    }
  }
  totals["weights_clipped_share"] = clipped;
  totals["weights_to_zero_share"] = to_zero;
  const std::optional<double> error = report.output_error.error_db();
  totals["output_error_db"] = error ? Json(*error) : Json(nullptr);
  if (report.output_error.signal > 0.0 && report.output_error.noise == 0.0) {
    totals["outputs_exact"] = true;  // JSON has no infinite number
  }
  totals["outputs_clipped_share"] = report.output_ends.clipped_share();
}

Json totals_json(const TomatoReport& report) {
  const MachineDesign& machine = report.machine;
  std::uint64_t slots = 0;
  std::uint64_t bits = 0;
  for (std::size_t edge = 0; edge < machine.pipeline.edges.size(); ++edge) {
    slots += machine.pipeline.edges[edge].depth;
    bits += machine.pipeline.edges[edge].depth * machine.analysis.streams[edge].bits_per_token();
  }
  Json totals = {{"frames", report.frames},
                 {"cycles", report.cycles()},
                 {"cycles_per_frame", cycles_per_frame_json(report.result)},
                 {"latency_cycles", report.result.latency_cycles()},
                 {"first_output_cycle", report.result.first_output_cycle},
                 {"balanced_for_cycles", machine.target ? Json(*machine.target) : Json(nullptr)},
                 {"devices", machine.placement ? machine.placement->devices.size() : std::size_t{1}},
                 {"macs_per_frame", report.multiply_accumulates_per_frame},
                 {"weight_bits", weight_bits(machine.pipeline, machine.analysis)},
                 {"fifo_slots", slots},
                 {"fifo_bits", bits}};
  if (machine.placement) {
    add_resources(machine, totals);
  }
  if (report.accuracy) {
    totals["correct_frames"] = report.accuracy->correct;
    totals["labelled_frames"] = report.accuracy->labelled;
  }
  add_format_figures(report, totals);
  if (report.memory) {
    totals["memory"] = memory_json(*report.memory);
  }
  return totals;
}

/// The difference between members of `path`, which is empty at the top.
std::string difference_at(const std::string& path, const Json& a, const Json& b) {
  if (a == b) {
    return {};
  }
  const std::string above = path.empty() ? path : path + ".";
  std::string found;
  if (a.is_object() && b.is_object()) {
    for (const auto& [key, value] : a.items()) {
      const auto other = b.find(key);
      found = other == b.end() ? fmt::format("{} is there once only", key)
                               : difference_at(above + key, value, *other);
      if (!found.empty()) {
        return found;
      }
    }
  }
  if (a.is_array() && b.is_array() && a.size() == b.size()) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      found = difference_at(fmt::format("{}{}", above, i), a[i], b[i]);
      if (!found.empty()) {
        return found;
      }
    }
  }
  return fmt::format("{}: {} and {}", path, a.dump(), b.dump());
}

}  // namespace

Json tomato_counts(const TomatoReport& report) {
  UnitEventCounts events;
  for (const UnitResult& unit : report.result.units) {
    events += unit.events;
  }
  Json layers = Json::array();
  for (const LayerSummary& layer : layer_summaries(report)) {
    layers.push_back(layer_json(layer, report));
  }
  return {{"totals", totals_json(report)},
          {"events", events.values},
          {"energy_events", report.machine.placement ? Json(fpga_event_counts(report)) : Json(nullptr)},
          {"layers", std::move(layers)},
          {"counts of single units and FIFOs", digest_of(report.result)},
          {"output values", report.outputs_checksum}};
}

Json decode_tomato_counts(const std::string& bytes, const std::string& store) {
  Json counts = Json::parse(bytes, nullptr, false);
  const bool whole = counts.is_object() && counts.contains("totals") && counts["totals"].is_object() &&
                     counts.contains("layers") && counts["layers"].is_array() && counts.contains("events") &&
                     counts["events"].is_array() && counts["events"].size() == unit_event_count &&
                     counts.contains("energy_events");
  if (!whole) {
    throw InputDataError({store, 0, {}}, "the stored counts of a point are damaged",
                         "delete the folder and run the sweep again");
  }
  return counts;
}

std::string first_difference(const Json& a, const Json& b) {
  return difference_at({}, a, b);
}

}  // namespace lacuna::tomato
