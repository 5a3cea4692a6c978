#include "sim/tomato/tomato_result.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

#include "sim/report/numbers_report.h"
#include "sim/tomato/fpga_energy.h"
#include "sim/tomato/layer_summary.h"
#include "sim/tomato/tomato_text.h"
#include "sim/yaml/field_writer.h"

namespace lacuna::tomato {
namespace {

using Json = nlohmann::ordered_json;

template <class Values, class Infos>
Json counts_json(const Values& values, const Infos& infos) {
  Json json;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    json[std::string(infos[i].name)] = values[i];
  }
  return json;
}

Json unroll_json(const Unroll& unroll) {
  return {{"input_channels", unroll.input_channels},
          {"output_channels", unroll.output_channels},
          {"taps", unroll.taps}};
}

Json layer_resources_json(const Resources& resources, const std::optional<Device>& device) {
  if (!device) {
    return nullptr;
  }
  return {{"multiplier_lanes", resources.lanes},
          {"logic_cells", resources.cells},
          {"logic_blocks", logic_blocks(resources, *device)},
          {"registers", resources.registers},
          {"dsp_blocks", resources.dsp},
          {"memory_blocks", resources.memory_blocks()}};
}

/// Whole numbers as such.
Json number_json(double value) {
  const bool whole = value == std::floor(value) && value < 9e15;
  return whole ? Json(static_cast<std::uint64_t>(value)) : Json(value);
}

Json optional_json(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json steady_json(const std::optional<SteadyState>& steady) {
  if (!steady) {
    return nullptr;
  }
  return {{"intervals", steady->intervals},
          {"cycles", steady->cycles},
          {"least_interval_cycles", steady->least_interval_cycles},
          {"most_interval_cycles", steady->most_interval_cycles},
          {"repeats", steady->repeats}};
}

Json units_json(const TomatoReport& report) {
  Json json = Json::array();
  for (std::size_t i = 0; i < report.machine.pipeline.units.size(); ++i) {
    const Unit& unit = report.machine.pipeline.units[i];
    const UnitPlan& plan = report.machine.analysis.units[i];
    json.push_back({{"name", unit.name},
                    {"layer", unit.layer},
                    {"kind", to_text(unit.kind)},
                    {"tokens_per_frame", plan.tokens_per_frame},
                    {"issue_cycles", plan.issue_cycles},
                    {"latency_cycles", plan.latency_cycles},
                    {"cycle_classes", counts_json(report.result.units[i].cycles.values, cycle_class_info)},
                    {"counters", counts_json(report.result.units[i].events.values, unit_event_info)}});
  }
  return json;
}

Json fifos_json(const TomatoReport& report) {
  Json json = Json::array();
  for (std::size_t i = 0; i < report.machine.pipeline.edges.size(); ++i) {
    const FifoResult& fifo = report.result.fifos[i];
    json.push_back({{"name", edge_name(report.machine.pipeline, report.machine.pipeline.edges[i])},
                    {"depth", report.machine.pipeline.edges[i].depth},
                    {"bits_per_token", report.machine.analysis.streams[i].bits_per_token()},
                    {"pushes", fifo.pushes},
                    {"high_water_mark", fifo.high_water_mark},
                    {"full_stall_cycles", fifo.full_stall_cycles},
                    {"empty_stall_cycles", fifo.empty_stall_cycles}});
  }
  return json;
}

Json devices_json(const MachineDesign& machine) {
  Json json = Json::array();
  for (std::size_t d = 0; machine.placement && d < machine.placement->devices.size(); ++d) {
    Json uses;
    for (const ResourceUse& use : device_use(machine.placement->devices[d].total, *machine.device)) {
      uses[use.name] = {{"used", use.used}, {"available", use.available}};
    }
    json.push_back(std::move(uses));
  }
  return json;
}

Measured measured_layer(const LayerSummary& l, const TomatoReport& report, double clock_mhz) {
  Measured m;
  m.name = l.name;
  m.cycles = l.cycles[CycleClass::busy];
  m.time_us = static_cast<double>(m.cycles) / clock_mhz;
  m.multiply_accumulates = report.result.units[l.engine].events[UnitEvent::multiply_accumulates];
  append_counts(m.cycle_classes, l.cycles.values, cycle_class_info);
  append_counts(m.events, l.events.values, unit_event_info);
  m.resources = layer_resources_json(l.resources, report.machine.device);
  m.own = {{"unit", l.kind},
           {"weights", l.weights.empty() ? Json(nullptr) : Json(l.weights)},
           {"outputs", l.outputs.empty() ? Json(nullptr) : Json(l.outputs)},
           {"device", l.device},
           {"unroll", unroll_json(l.unroll)},
           {"cycles_per_frame", number_json(l.busy_cycles_per_frame)},
           {"planned_cycles_per_frame", l.planned_cycles_per_frame},
           {"utilisation", optional_json(l.utilisation)},
           {"fifo_high_water_mark", l.fifo_high_water_mark},
           {"fifo_slots", l.fifo_slots}};
  return m;
}

Json own_totals(const TomatoConfig& config, const TomatoReport& report) {
  const MachineDesign& machine = report.machine;
  const std::optional<bool> meets = meets_target(report);
  return {{"frames", report.frames},
          {"cycles_per_frame", cycles_per_frame_json(report.result)},
          {"steady_state", steady_json(steady_state(report.result.frame_cycles))},
          {"frames_per_second", optional_json(frames_per_second(config, report))},
          {"latency_cycles", report.result.latency_cycles()},
          {"latency_us", latency_us(config, report)},
          {"first_output_cycle", report.result.first_output_cycle},
          {"frame_cycles", report.result.frame_cycles},
          {"bottleneck", machine.pipeline.units[busiest_unit(report.result)].name},
          {"balanced_for_cycles", machine.target ? Json(*machine.target) : Json(nullptr)},
          {"meets_target", meets ? Json(*meets) : Json(nullptr)},
          {"macs_per_frame", report.multiply_accumulates_per_frame},
          {"devices", devices_json(machine)},
          {"output_error_db", optional_json(report.output_error.error_db())},
          {"outputs_clipped_share",
           report.output_ends.values == 0 ? Json(nullptr) : Json(report.output_ends.clipped_share())},
          {"classes", report.accuracy ? Json(report.accuracy->classes) : Json(nullptr)}};
}

/// Over all units: cycle classes sum to the run's cycles times the units.
Measured measured_totals(const TomatoConfig& config, const TomatoReport& report) {
  CycleClassCounts classes;
  UnitEventCounts events;
  for (const UnitResult& unit : report.result.units) {
    classes += unit.cycles;
    events += unit.events;
  }
  Measured m;
  m.cycles = report.cycles();
  m.time_us = static_cast<double>(m.cycles) / config.architecture.parameters.clock_mhz;
  m.multiply_accumulates = report.multiply_accumulates_per_frame * report.frames;
  append_counts(m.cycle_classes, classes.values, cycle_class_info);
  if (report.memory) {
    append_phases(m.cycle_classes, *report.memory, report.result.units.size());
    m.memory = memory_json(*report.memory);
  }
  append_counts(m.events, events.values, unit_event_info);
  m.energy = report.energy;
  if (report.machine.placement) {
    Resources all;
    for (const auto& device : report.machine.placement->devices) {
      all += device.total;
    }
    m.resources = layer_resources_json(all, report.machine.device);
  }
  m.outputs_checksum = report.outputs_checksum;
  if (report.accuracy) {
    m.classification = Classification{report.accuracy->correct, report.accuracy->labelled};
  }
  m.own = own_totals(config, report);
  return m;
}

}  // namespace

Json cycles_per_frame_json(const RunResult& result) {
  const std::optional<double> cycles = result.cycles_per_frame();
  return cycles ? number_json(*cycles) : Json(nullptr);
}

Result tomato_result(const TomatoConfig& config, const TomatoReport& report) {
  Result result;
  result.family = "tomato";
  result.engine = report.engine;
  result.seed = config.seed;
  result.configuration = FieldWriter::of(config);
  result.configuration.erase("engine");
  result.configuration.erase("seed");
  result.inputs = report.inputs;
  result.energy_table = report.energy_table;
  result.notes = notes_of(report);
  result.costed = &fpga_costed_machine();
  for (const LayerSummary& layer : layer_summaries(report)) {
    result.layers.push_back(measured_layer(layer, report, config.architecture.parameters.clock_mhz));
    const auto named = std::find(report.layer_names.begin(), report.layer_names.end(), layer.name);
    if (named != report.layer_names.end()) {
      result.layers.back().numbers =
          report.numbers[static_cast<std::size_t>(named - report.layer_names.begin())];
    }
  }
  result.totals = measured_totals(config, report);
  if (report.result.intervals) {
    result.intervals = intervals_of(*report.result.intervals, cycle_class_info);
  }
  result.own = {{"weights", report.weights_source},
                {"images", report.inputs_source},
                {"units", units_json(report)},
                {"fifos", fifos_json(report)}};
  const std::vector<std::string> lost = numbers_notes(result.layers);
  result.notes.insert(result.notes.end(), lost.begin(), lost.end());
  result.values = report.values;
  result.text = text_report(config, report);
  if (const std::string numbers = numbers_text(result.layers); !numbers.empty()) {
    result.text += "\n" + numbers;
  }
  for (const std::string& note : lost) {
    result.text += "note: " + note + "\n";
  }
  return result;
}

}  // namespace lacuna::tomato
