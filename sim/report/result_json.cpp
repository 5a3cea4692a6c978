#include "sim/report/result_json.h"

#include <string>

#include <nlohmann/json.hpp>

#include "models/common/version.h"
#include "sim/report/numbers_report.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json counts_json(const NamedCounts& counts) {
  Json json = Json::object();
  for (const NamedCount& count : counts) {
    json[std::string(count.info->name)] = count.value;
  }
  return json;
}

/// All cycle classes but the first, which is useful work.
Json stalls_json(const NamedCounts& classes) {
  return classes.empty() ? Json::object() : counts_json({classes.begin() + 1, classes.end()});
}

Json energy_json(const EnergyReport& energy, const CostedMachine& machine) {
  Json json;
  for (std::size_t module = 0; module < machine.modules.size(); ++module) {
    json[machine.modules[module]] = energy.modules[module].total_pj();
  }
  json["total"] = energy.total_pj();
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
Json energy_details_json(const EnergyReport& energy, const CostedMachine& machine) {
  Json json = energy_kinds_json(energy.sum());
  for (std::size_t module = 0; module < machine.modules.size(); ++module) {
    json["modules"][machine.modules[module]] = energy_kinds_json(energy.modules[module]);
  }
  for (std::size_t event = 0; event < energy.event_pj.size(); ++event) {
    json["events"][machine.events[event].name] = energy.event_pj[event];
  }
  return json;
}

/// What layers and totals have in common.
void put_measures(Json& json, const Measured& measured, const Result& result) {
  const bool has_energy = measured.energy.has_value();
  json["cycles"] = measured.cycles;
  json["time_us"] = measured.time_us;
  json["macs"] = measured.multiply_accumulates;
  json["busy_cycles"] = measured.cycle_classes.empty() ? 0 : measured.cycle_classes.front().value;
  json["stall_cycles"] = stalls_json(measured.cycle_classes);
  json["counters"] = counts_json(measured.events);
  json["energy_pj"] = has_energy ? energy_json(*measured.energy, *result.costed) : Json(nullptr);
  json["energy_details_pj"] =
      has_energy ? energy_details_json(*measured.energy, *result.costed) : Json(nullptr);
  json["area_mm2"] = measured.area_mm2 ? Json(*measured.area_mm2) : Json(nullptr);
  json["resources"] = measured.resources;
  if (!measured.memory.is_null()) {
    json["memory"] = measured.memory;
  }
  json["outputs_checksum"] = or_null(measured.outputs_checksum);
  json["classification"] = nullptr;
  if (measured.classification) {
    json["classification"] = {{"correct", measured.classification->correct},
                              {"labelled", measured.classification->labelled}};
  }
  json[result.family] = measured.own;
}

Json inputs_json(const std::vector<InputFile>& inputs) {
  Json json = Json::array();
  for (const InputFile& input : inputs) {
    json.push_back({{"file", input.name}, {"sha256", input.sha256}});
  }
  return json;
}

Json intervals_json(const std::vector<Interval>& intervals) {
  Json json = Json::array();
  for (const Interval& interval : intervals) {
    json.push_back({{"first_cycle", interval.first_cycle},
                    {"cycles", interval.cycles},
                    {"cycle_classes", counts_json(interval.cycle_classes)}});
    if (!interval.busy_of_each.empty()) {
      json.back()["busy_of_each"] = interval.busy_of_each;
    }
  }
  return json;
}

/// Of the layers that were compared.
Json errors_json(const std::vector<LayerValues>& values) {
  Json json = Json::array();
  for (const LayerValues& layer : values) {
    if (layer.error) {
      const std::optional<double> error = layer.error->error_db();
      json.push_back({{"name", layer.name},
                      {"format", layer.format},
                      {"sqnr_db", error ? Json(-*error) : Json(nullptr)},
                      {"largest_error", layer.error->largest_error}});
    }
  }
  return json;
}

}  // namespace

Json result_json(const Result& result) {
  Json json = {{"schema", "lacuna.result/2"},
               {"program", "lacuna"},
               {"version", program_version()},
               {"commit", program_commit()},
               {"family", result.family},
               {"engine", result.engine},
               {"seed", result.seed},
               {"configuration", result.configuration},
               {"inputs", inputs_json(result.inputs)},
               {"energy_table", or_null(result.energy_table)},
               {"notes", result.notes},
               {"layers", Json::array()}};
  for (const Measured& layer : result.layers) {
    Json entry = {{"name", layer.name}};
    put_measures(entry, layer, result);
    entry["numbers"] = layer.numbers ? numbers_json(*layer.numbers) : Json(nullptr);
    json["layers"].push_back(std::move(entry));
  }
  Json totals;
  put_measures(totals, result.totals, result);
  json["totals"] = std::move(totals);
  if (!result.intervals.empty()) {
    json["intervals"] = intervals_json(result.intervals);
  }
  if (const Json errors = errors_json(result.values); !errors.empty()) {
    json["against_floating_point"] = errors;
  }
  json[result.family] = result.own;
  return json;
}

}  // namespace lacuna
