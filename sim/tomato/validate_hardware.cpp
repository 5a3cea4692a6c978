#include "sim/tomato/validate_hardware.h"

#include <optional>

#include <fmt/format.h>

#include "sim/tomato/layer_summary.h"
#include "sim/tomato/load_tomato.h"
#include "sim/tomato/run_tomato.h"

namespace lacuna {
namespace {

using tomato::RunResult;
using tomato::TomatoConfig;
using tomato::TomatoReport;

struct HardwareCase {
  const char* name;
  const char* configuration;
  std::vector<std::string> assignments;
};

const std::vector<HardwareCase>& hardware_cases() {
  static const std::vector<HardwareCase> list = {
      {"LeNet-5, real weights", "lenet5", {}},
      {"residual block", "residual", {}},
      {"ShuffleNet unit", "shuffle-unit", {}},
      {"fire modules over two devices",
       "squeezenet-head",
       {"workload.frames=1", "architecture.devices=2",
        "architecture.balance.target_cycles_per_frame=100000"}},
      {"MobileNet-V1, an eighth of its width, 32 x 32, 3-bit shifts", "mobilenet-eighth", {}}};
  return list;
}

std::string figure_difference(const tomato::Pipeline& pipeline, const RunResult& a, const RunResult& b) {
  for (std::size_t unit = 0; unit < a.units.size(); ++unit) {
    if (!(a.units[unit].cycles == b.units[unit].cycles) || !(a.units[unit].events == b.units[unit].events)) {
      return fmt::format("counters of {}", pipeline.units[unit].name);
    }
  }
  for (std::size_t fifo = 0; fifo < a.fifos.size(); ++fifo) {
    const tomato::FifoResult& x = a.fifos[fifo];
    const tomato::FifoResult& y = b.fifos[fifo];
    if (x.pushes != y.pushes || x.high_water_mark != y.high_water_mark ||
        x.full_stall_cycles != y.full_stall_cycles || x.empty_stall_cycles != y.empty_stall_cycles) {
      return fmt::format("FIFO {}", edge_name(pipeline, pipeline.edges[fifo]));
    }
  }
  return {};
}

std::string hardware_difference(const tomato::Pipeline& pipeline, const RunResult& a, const RunResult& b) {
  if (a.cycles != b.cycles) {
    return fmt::format("{} cycles, not {}", b.cycles, a.cycles);
  }
  if (a.frame_cycles != b.frame_cycles || a.first_output_cycle != b.first_output_cycle) {
    return "cycles in which frames end";
  }
  return a.outputs == b.outputs ? figure_difference(pipeline, a, b) : "values at the sink";
}

HardwareComparison compare_hardware(const HardwareValidationOptions& options, const HardwareCase& machine) {
  ConfigOverrides overrides;
  overrides.assignments = machine.assignments;
  TomatoConfig config = tomato::load_tomato_config(
      fmt::format("{}/tomato/{}.yaml", options.configuration_folder, machine.configuration), overrides);
  tomato::TomatoEngineOptions engine;
  engine.in_child_process = true;
  engine.rtl_source_folder = options.rtl_source_folder;
  engine.rtl_cache_folder = options.rtl_cache_folder;
  config.engine = tomato::EngineKind::systemc;
  const TomatoReport clocked = tomato::run_tomato(config, engine);
  config.engine = tomato::EngineKind::rtl;
  const TomatoReport hardware = tomato::run_tomato(config, engine);
  HardwareComparison result;
  result.machine = machine.name;
  result.units = hardware.machine.pipeline.units.size();
  result.frames = hardware.frames;
  result.cycles = hardware.result.cycles;
  if (const std::optional<double> cycles = hardware.result.cycles_per_frame()) {
    result.cycles_per_frame = tomato::cycles_text(*cycles);
    result.frames_per_second = fmt::format("{:.1f}", *tomato::frames_per_second(config, hardware));
  }
  result.first_difference = hardware_difference(clocked.machine.pipeline, clocked.result, hardware.result);
  return result;
}

}  // namespace

std::vector<HardwareComparison> validate_hardware(const HardwareValidationOptions& options) {
  std::vector<HardwareComparison> comparisons;
  for (const HardwareCase& machine : hardware_cases()) {
    comparisons.push_back(compare_hardware(options, machine));
  }
  return comparisons;
}

std::string hardware_text(const std::vector<HardwareComparison>& comparisons) {
  std::string text =
      "Generated SystemVerilog under Verilator beside the SystemC pipeline: every cycle, class, stall, mark "
      "and event, every value "
      "at the sink\n\n"
      "| machine | units | frames | cycles | cycles per frame | frames/s | "
      "|\n|---|---:|---:|---:|---:|---:|---|\n";
  for (const HardwareComparison& c : comparisons) {
    text += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", c.machine, c.units, c.frames, c.cycles,
                        c.cycles_per_frame, c.frames_per_second,
                        c.first_difference.empty() ? "equal" : "different: " + c.first_difference);
  }
  return text;
}

}  // namespace lacuna
