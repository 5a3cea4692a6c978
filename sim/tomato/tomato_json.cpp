#include "sim/tomato/tomato_json.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "sim/eie/report/result_json.h"
#include "sim/tomato/fpga_energy.h"
#include "sim/tomato/layer_summary.h"
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

Json stalls_json(const CycleClassCounts& cycles) {
  Json json = counts_json(cycles.values, cycle_class_info);
  json.erase("busy");
  return json;
}

Json unroll_json(const Unroll& unroll) {
  return {{"input_channels", unroll.input_channels},
          {"output_channels", unroll.output_channels},
          {"taps", unroll.taps}};
}

Json resources_json(const Resources& resources, const std::optional<Device>& device) {
  if (!device) {
    return nullptr;
  }
  return {{"multiplier_lanes", resources.lanes},
          {"logic_cells", resources.cells},
          {"logic_blocks", logic_blocks(resources, *device)},
          {"registers", resources.registers},
          {"dsp_blocks", resources.dsp},
          {"memory_blocks", resources.block_ram}};
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

Json layer_json(const LayerSummary& l, const TomatoReport& report, double clock_mhz) {
  const std::uint64_t busy = l.cycles[CycleClass::busy];
  const std::uint64_t macs = report.result.units[l.engine].events[UnitEvent::multiply_accumulates];
  return {{"name", l.name},
          {"unit", l.kind},
          {"weights", l.weights.empty() ? Json(nullptr) : Json(l.weights)},
          {"outputs", l.outputs.empty() ? Json(nullptr) : Json(l.outputs)},
          {"device", l.device},
          {"unroll", unroll_json(l.unroll)},
          {"cycles", busy},
          {"time_us", static_cast<double>(busy) / clock_mhz},
          {"cycles_per_frame", number_json(l.busy_cycles_per_frame)},
          {"planned_cycles_per_frame", l.planned_cycles_per_frame},
          {"utilisation", optional_json(l.utilisation)},
          {"macs", macs},
          {"busy_cycles", busy},
          {"stall_cycles", stalls_json(l.cycles)},
          {"fifo_high_water_mark", l.fifo_high_water_mark},
          {"fifo_slots", l.fifo_slots},
          {"counters", counts_json(l.events.values, unit_event_info)},
          {"resources", resources_json(l.resources, report.machine.device)}};
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

Json totals_json(const TomatoConfig& config, const TomatoReport& report) {
  UnitEventCounts events;
  for (const UnitResult& unit : report.result.units) {
    events += unit.events;
  }
  const MachineDesign& machine = report.machine;
  const std::optional<SteadyState> steady = steady_state(report.result.frame_cycles);
  const std::optional<bool> meets = meets_target(report);
  Json totals = {
      {"frames", report.frames},
      {"cycles", report.result.cycles},
      {"time_us", static_cast<double>(report.result.cycles) / config.architecture.parameters.clock_mhz},
      {"cycles_per_frame", cycles_per_frame_json(report.result)},
      {"steady_state", steady_json(steady)},
      {"frames_per_second", optional_json(frames_per_second(config, report))},
      {"latency_cycles", report.result.latency_cycles()},
      {"latency_us", latency_us(config, report)},
      {"first_output_cycle", report.result.first_output_cycle},
      {"frame_cycles", report.result.frame_cycles},
      {"bottleneck", machine.pipeline.units[busiest_unit(report.result)].name},
      {"balanced_for_cycles", machine.target ? Json(*machine.target) : Json(nullptr)},
      {"meets_target", meets ? Json(*meets) : Json(nullptr)},
      {"macs_per_frame", report.multiply_accumulates_per_frame},
      {"counters", counts_json(events.values, unit_event_info)},
      {"devices", devices_json(machine)},
      {"outputs_checksum", report.outputs_checksum.empty() ? Json(nullptr) : Json(report.outputs_checksum)},
      {"classification", nullptr}};
  totals["energy_pj"] = nullptr;
  if (report.energy) {
    Json energy;
    for (std::size_t module = 0; module < report.energy->modules.size(); ++module) {
      energy[fpga_costed_machine().modules[module]] = report.energy->modules[module].total_pj();
    }
    energy["total"] = report.energy->total_pj();
    totals["energy_pj"] = std::move(energy);
  }
  if (report.accuracy) {
    totals["classification"] = {{"correct", report.accuracy->correct},
                                {"labelled", report.accuracy->labelled},
                                {"classes", report.accuracy->classes}};
  }
  return totals;
}

}  // namespace

Json cycles_per_frame_json(const RunResult& result) {
  const std::optional<double> cycles = result.cycles_per_frame();
  return cycles ? number_json(*cycles) : Json(nullptr);
}

Json result_json(const TomatoConfig& config, const TomatoReport& report) {
  Json configuration = FieldWriter::of(config);
  configuration.erase("engine");
  configuration.erase("seed");
  Json inputs = Json::array();
  for (const InputName& input : report.inputs) {
    inputs.push_back({{"file", input.name}, {"sha256", input.sha256}});
  }
  Json json = {{"schema", "lacuna.result/1"},  {"program", "lacuna"},
               {"version", program_version()}, {"engine", report.engine},
               {"seed", config.seed},          {"configuration", std::move(configuration)},
               {"inputs", std::move(inputs)},  {"weights", report.weights_source},
               {"layers", Json::array()}};
  for (const LayerSummary& layer : layer_summaries(report)) {
    json["layers"].push_back(layer_json(layer, report, config.architecture.parameters.clock_mhz));
  }
  json["units"] = units_json(report);
  json["fifos"] = fifos_json(report);
  json["totals"] = totals_json(config, report);
  json["notes"] = notes_of(report);
  return json;
}

}  // namespace lacuna::tomato
