#include "sim/eie/report/eie_result.h"

#include <string>

#include <nlohmann/json.hpp>

#include "sim/eie/report/text_report.h"
#include "sim/report/numbers_report.h"
#include "sim/yaml/field_writer.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

Json host_json(const HostWork& work) {
  return {{"additions", work.additions},
          {"multiplications", work.multiplications},
          {"comparisons", work.comparisons},
          {"exponentials", work.exponentials}};
}

Json best_json(const std::vector<std::vector<ClassScore>>& images) {
  Json json = Json::array();
  for (const auto& image : images) {
    Json classes = Json::array();
    for (const ClassScore& each : image) {
      classes.push_back({{"class", each.index}, {"score", each.score}});
    }
    json.push_back(std::move(classes));
  }
  return json;
}

/// `network` of a layer in the result JSON (docs/networks.md).
/// `network` of a layer in the result JSON (docs/networks.md).
Json network_layer_json(const NetworkLayerReport& layer) {
  Json json = {{"kind", layer.kind},
               {"lowering", layer.lowering},
               {"input_shape", layer.input_shape},
               {"output_shape", layer.output_shape},
               {"input_density", layer.input_density},
               {"host_operations", host_json(layer.host)}};
  if (layer.lowering == "host") {
    return json;
  }
  json["products"] = layer.products;
  json["weight_density"] = layer.weight_density;
  json["vector_density"] = layer.vector_density;
  json["weight_sharing"] = layer.sharing;
  json["weight_sharing_largest_error"] = layer.sharing_largest_error;
  json["exact_gathering"] = layer.exact_gathering;
  json["outputs_at_limits"] = layer.outputs_at_limits;
  json["activation_traffic"] = {{"words_in", layer.traffic.words_in},
                                {"words_out", layer.traffic.words_out},
                                {"distinct_words_in", layer.traffic.distinct_words},
                                {"cycles", layer.traffic.cycles}};
  return json;
}

/// `network` of the whole result.
/// `network` of the whole result.
Json network_json(const NetworkReport& network) {
  const std::optional<double> error = network.output_error.error_db();
  Json json = {{"name", network.name},
               {"images", network.images},
               {"timed_images", network.timed_images},
               {"calibration_images", network.calibration_images},
               {"labelled", network.labelled},
               {"correct", network.correct},
               {"reference_labelled", network.reference_labelled},
               {"reference_correct", network.reference_correct},
               {"largest_output_error", network.largest_output_error},
               {"output_error_db", error ? Json(*error) : Json(nullptr)},
               {"checked_vectors", network.checked_vectors},
               {"check_failures", network.check_failures},
               {"best", best_json(network.best)},
               {"reference_best", best_json(network.reference_best)},
               {"host_layers", Json::array()}};
  for (const OrderChoice& order : network.orders) {
    json["aggregation_orders"].push_back({{"first", order.first},
                                          {"second", order.second},
                                          {"cycles_as_written", order.written_cycles},
                                          {"cycles_changed", order.changed_cycles},
                                          {"changed", order.changed}});
  }
  for (const HostLayerReport& layer : network.host_layers) {
    Json entry = {{"name", layer.name}};
    entry.update(network_layer_json(layer.network));
    json["host_layers"].push_back(std::move(entry));
  }
  return json;
}

/// The configuration as it was after base files, workload files and the command line; engine and seed stand
/// outside it.
Json configuration_json(const RunConfig& config) {
  Json json = FieldWriter::of(config);
  json.erase("engine");
  json.erase("seed");
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
          {"output", json(formats.output)},
          {"bias_exponent", formats.bias_exponent}};
}

/// What layers and totals have in common.
template <class Report>
Measured measured(const Report& report, const Area& area, std::uint32_t pe_count) {
  Measured m;
  m.cycles = report.sums.cycles;
  m.time_us = report.time_us;
  m.multiply_accumulates = report.sums.macs;
  append_counts(m.cycle_classes, report.sums.cycle_classes.values, eie::cycle_class_info);
  if (report.memory) {
    append_phases(m.cycle_classes, *report.memory, pe_count);
    m.memory = memory_json(*report.memory);
  }
  append_counts(m.events, report.sums.pe_events.values, eie::pe_event_info);
  append_counts(m.events, report.sums.control_events.values, eie::control_event_info);
  m.energy = report.energy;
  m.area_mm2 = area.mm2;
  m.own = {{"vectors", report.sums.vectors},
           {"theoretical_cycles", report.theoretical_cycles},
           {"load_balance_efficiency", report.load_balance_efficiency},
           {"useful_work_ratio", useful_work_ratio(report.true_nonzeros, report.stored_entries)},
           {"stored_entries", report.stored_entries},
           {"padding_entries", report.padding_entries},
           {"true_nonzeros", report.true_nonzeros},
           {"entries_processed", report.sums.entries},
           {"broadcasts", report.sums.control_events[eie::ControlEvent::broadcasts]}};
  return m;
}

Measured measured_layer(const LayerReport& layer, const Area& area, std::uint32_t pe_count) {
  Measured m = measured(layer, area, pe_count);
  m.name = layer.name;
  m.outputs_checksum = layer.outputs_checksum;
  m.classification = layer.classification;
  m.numbers = layer.numbers;
  m.own.update(Json{{"source", layer.source},
                    {"rows", layer.rows},
                    {"columns", layer.columns},
                    {"has_bias", layer.has_bias},
                    {"relu", layer.relu},
                    {"formats", formats_json(layer.formats)}});
  if (layer.network) {
    m.own["network"] = network_layer_json(*layer.network);
  }
  m.own["pe"] = pe_json(layer.pes, layer.energy.has_value());
  return m;
}

}  // namespace

Result eie_result(const RunConfig& config, const RunReport& report) {
  Result result;
  result.family = "eie";
  result.engine = report.engine;
  result.seed = config.seed;
  result.configuration = configuration_json(config);
  result.inputs = report.inputs;
  result.energy_table = report.energy_table;
  result.notes = report.notes;
  result.costed = &EieCosts::costed();
  const std::uint32_t pe_count = config.architecture.parameters.pe_count;
  for (const LayerReport& layer : report.layers) {
    result.layers.push_back(measured_layer(layer, report.area, pe_count));
  }
  result.totals = measured(report.total, report.area, pe_count);
  if (report.intervals) {
    result.intervals = intervals_of(*report.intervals, eie::cycle_class_info);
  }
  result.own["area_unknown_because"] = report.area.reason.empty() ? Json(nullptr) : Json(report.area.reason);
  if (report.network) {
    result.own["network"] = network_json(*report.network);
    result.checks_passed = report.network->check_failures.empty();
    if (report.network->labelled > 0) {
      result.totals.classification = Classification{report.network->correct, report.network->labelled};
    }
  }
  const std::vector<std::string> lost = numbers_notes(result.layers);
  result.notes.insert(result.notes.end(), lost.begin(), lost.end());
  result.values = report.values;
  result.text = text_report(config, report) + "\n" + numbers_text(result.layers);
  for (const std::string& note : lost) {
    result.text += "note: " + note + "\n";
  }
  return result;
}

}  // namespace lacuna
