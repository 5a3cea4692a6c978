#include "sim/eie/report/result_json.h"

#include <string>

#include "sim/eie/report/network_json.h"
#include "sim/yaml/field_writer.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;
using eie::CycleClass;

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// The configuration as it was after base files, workload files and the command line; the engine stands
/// outside it.
Json configuration_json(const RunConfig& config) {
  Json json = FieldWriter::of(config);
  json.erase("engine");
  json.erase("seed");
  return json;
}

Json inputs_json(const RunReport& report) {
  Json json = Json::array();
  for (const InputFile& input : report.inputs) {
    json.push_back({{"file", input.name}, {"sha256", input.sha256}});
  }
  return json;
}

template <class Values, class Infos>
void put_counts(Json& json, const Values& values, const Infos& infos) {
  for (std::size_t i = 0; i < infos.size(); ++i) {
    json[std::string(infos[i].name)] = values[i];
  }
}

Json counters_json(const RunSums& sums) {
  Json json;
  put_counts(json, sums.pe_events.values, eie::pe_event_info);
  put_counts(json, sums.control_events.values, eie::control_event_info);
  return json;
}

/// All cycle classes but `busy`.
Json stalls_json(const eie::CycleClassCounts& classes) {
  Json json;
  put_counts(json, classes.values, eie::cycle_class_info);
  json.erase("busy");
  return json;
}

Json energy_json(const std::optional<EnergyReport>& energy) {
  if (!energy) {
    return nullptr;
  }
  Json json;
  for (std::size_t module = 0; module < module_count; ++module) {
    json[std::string(module_names[module])] = energy->modules[module].total_pj();
  }
  json["total"] = energy->total_pj();
  return json;
}

/// What the energy was spent on: events that happened, were gated, were skipped; clock tree; leakage.
Json energy_kinds_json(const ModuleEnergy& energy) {
  return {{"random", energy.random_pj},
          {"gated", energy.gated_pj},
          {"skipped", energy.skipped_pj},
          {"clock", energy.clock_pj},
          {"leakage", energy.leakage_pj}};
}

/// By kind, over all modules and for each, and by event.
Json energy_details_json(const std::optional<EnergyReport>& energy) {
  if (!energy) {
    return nullptr;
  }
  Json json = energy_kinds_json(energy->sum());
  for (std::size_t module = 0; module < module_count; ++module) {
    json["modules"][std::string(module_names[module])] = energy_kinds_json(energy->modules[module]);
  }
  for (std::size_t event = 0; event < energy->event_pj.size(); ++event) {
    json["events"][EieCosts::costed().events[event].name] = energy->event_pj[event];
  }
  return json;
}

Json pe_json(const std::vector<PeReport>& pes, bool with_energy) {
  Json json;
  for (std::size_t kind = 0; kind < eie::cycle_class_count; ++kind) {
    Json values = Json::array();
    for (const PeReport& pe : pes) {
      values.push_back(pe.cycle_classes.values[kind]);
    }
    json[std::string(eie::cycle_class_info[kind].name)] = std::move(values);
  }
  Json entries = Json::array();
  for (const PeReport& pe : pes) {
    entries.push_back(pe.stored_entries);
  }
  json["entries"] = std::move(entries);
  if (with_energy) {
    Json energies = Json::array();
    for (const PeReport& pe : pes) {
      energies.push_back(pe.energy_pj);
    }
    json["energy_pj"] = std::move(energies);
  }
  return json;
}

Json formats_json(const eie::LayerFormats& formats) {
  const auto json = [](const FixedFormat& format) {
    return Json{{"width_bits", format.width_bits}, {"integer_bits", format.integer_bits}};
  };
  return {{"weight", json(formats.weight)},
          {"activation", json(formats.activation)},
          {"accumulator", json(formats.accumulator)},
          {"output", json(formats.output)}};
}

Json classification_json(const std::optional<Classification>& classification) {
  if (!classification) {
    return nullptr;
  }
  return {{"correct", classification->correct}, {"labelled", classification->labelled}};
}

/// What layers and totals have in common.
template <class Report>
void put_measures(Json& json, const Report& report, const Area& area) {
  json["vectors"] = report.sums.vectors;
  json["cycles"] = report.sums.cycles;
  json["time_us"] = report.time_us;
  json["theoretical_cycles"] = report.theoretical_cycles;
  json["load_balance_efficiency"] = report.load_balance_efficiency;
  json["useful_work_ratio"] = useful_work_ratio(report.true_nonzeros, report.stored_entries);
  json["stored_entries"] = report.stored_entries;
  json["padding_entries"] = report.padding_entries;
  json["true_nonzeros"] = report.true_nonzeros;
  json["entries_processed"] = report.sums.entries;
  json["macs"] = report.sums.macs;
  json["broadcasts"] = report.sums.control_events[eie::ControlEvent::broadcasts];
  json["busy_cycles"] = report.sums.cycle_classes[CycleClass::busy];
  json["stall_cycles"] = stalls_json(report.sums.cycle_classes);
  json["counters"] = counters_json(report.sums);
  json["energy_pj"] = energy_json(report.energy);
  json["energy_details_pj"] = energy_details_json(report.energy);
  json["area_mm2"] = or_null(area.mm2);
}

Json layer_json(const LayerReport& layer, const Area& area) {
  Json json = {{"name", layer.name},
               {"source", layer.source},
               {"rows", layer.rows},
               {"columns", layer.columns},
               {"has_bias", layer.has_bias},
               {"relu", layer.relu},
               {"formats", formats_json(layer.formats)}};
  put_measures(json, layer, area);
  json["outputs_checksum"] = layer.outputs_checksum.empty() ? Json(nullptr) : Json(layer.outputs_checksum);
  json["classification"] = classification_json(layer.classification);
  if (layer.network) {
    json["network"] = network_layer_json(*layer.network);
  }
  json["pe"] = pe_json(layer.pes, layer.energy.has_value());
  return json;
}

}  // namespace

const char* program_version() {
  return LACUNA_VERSION;
}

Json result_json(const RunConfig& config, const RunReport& report) {
  Json json = {
      {"schema", "lacuna.result/1"},
      {"program", "lacuna"},
      {"version", program_version()},
      {"engine", report.engine},
      {"seed", config.seed},
      {"configuration", configuration_json(config)},
      {"inputs", inputs_json(report)},
      {"energy_table", report.energy_table.empty() ? Json(nullptr) : Json(report.energy_table)},
      {"notes", report.notes},
      {"area_unknown_because", report.area.reason.empty() ? Json(nullptr) : Json(report.area.reason)},
      {"layers", Json::array()}};
  for (const LayerReport& layer : report.layers) {
    json["layers"].push_back(layer_json(layer, report.area));
  }
  Json totals;
  put_measures(totals, report.total, report.area);
  json["totals"] = std::move(totals);
  if (report.network) {
    json["network"] = network_json(*report.network);
  }
  return json;
}

}  // namespace lacuna
