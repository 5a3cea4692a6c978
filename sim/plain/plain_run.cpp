#include "sim/plain/plain_run.h"

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/report/text_table.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

constexpr double pj_per_nj = 1e3;

NamedCounts named(const std::vector<const CounterInfo*>& infos, const std::vector<std::uint64_t>& values) {
  NamedCounts counts;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    counts.push_back({infos[i], values[i]});
  }
  return counts;
}

/// Every count of a run by its name.
std::vector<std::pair<std::string, std::uint64_t>> all_counts(const PlainRun& run, const PlainNames& names) {
  std::vector<std::pair<std::string, std::uint64_t>> counts = {{"cycles", run.cycles},
                                                               {"macs", run.multiply_accumulates}};
  for (const NamedCount& count : named(names.cycle_classes, run.cycle_classes)) {
    counts.emplace_back(count.info->name, count.value);
  }
  for (const NamedCount& count : named(names.events, run.events)) {
    counts.emplace_back(count.info->name, count.value);
  }
  return counts;
}

std::string counts_text(const Measured& measured) {
  TextTable table({"", "count", "unit"});
  for (const NamedCounts* counts : {&measured.cycle_classes, &measured.events}) {
    for (const NamedCount& count : *counts) {
      table.add_row(
          {std::string(count.info->name), fmt::format("{}", count.value), std::string(count.info->unit)});
    }
  }
  return "\n" + table.str();
}

std::string energy_text(const EnergyReport& energy, const CostedMachine& machine) {
  std::string text = fmt::format("\nenergy {:.6g} pJ", energy.total_pj());
  for (std::size_t module = 0; module < machine.modules.size(); ++module) {
    text += fmt::format("{} {} {:.6g}", module == 0 ? ":" : ",", machine.modules[module],
                        energy.modules[module].total_pj());
  }
  return text + "\n";
}

}  // namespace

std::string encode_run(const PlainRun& run) {
  return Json{{"name", run.name},
              {"cycles", run.cycles},
              {"macs", run.multiply_accumulates},
              {"cycle_classes", run.cycle_classes},
              {"events", run.events},
              {"outputs_checksum", run.outputs_checksum},
              {"own", run.own}}
      .dump();
}

PlainRun decode_run(const std::string& bytes, const PlainNames& names, const std::string& store) {
  PlainRun run;
  try {
    const Json json = Json::parse(bytes);
    json.at("name").get_to(run.name);
    json.at("cycles").get_to(run.cycles);
    json.at("macs").get_to(run.multiply_accumulates);
    json.at("cycle_classes").get_to(run.cycle_classes);
    json.at("events").get_to(run.events);
    json.at("outputs_checksum").get_to(run.outputs_checksum);
    run.own = json.at("own");
  } catch (const Json::exception&) {
    throw InputDataError({store, 0, {}}, "holds damaged counts");
  }
  if (run.cycle_classes.size() != names.cycle_classes.size() || run.events.size() != names.events.size()) {
    throw InputDataError({store, 0, {}}, "holds counts of another machine");
  }
  return run;
}

std::string first_difference(const PlainRun& a, const PlainRun& b, const PlainNames& names) {
  const auto ours = all_counts(a, names);
  const auto theirs = all_counts(b, names);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (ours[i].second != theirs[i].second) {
      return fmt::format("{} {} and {}", ours[i].first, ours[i].second, theirs[i].second);
    }
  }
  if (a.outputs_checksum != b.outputs_checksum) {
    return "the outputs differ";
  }
  return a.own == b.own ? "" : fmt::format("{} and {}", a.own.dump(), b.own.dump());
}

Measured measured_run(const PlainRun& run, const PlainNames& names, double clock_mhz,
                      const CostedMachine* costed, const Costs* costs) {
  Measured measured;
  measured.name = run.name;
  measured.cycles = run.cycles;
  measured.time_us = static_cast<double>(run.cycles) / clock_mhz;
  measured.multiply_accumulates = run.multiply_accumulates;
  measured.cycle_classes = named(names.cycle_classes, run.cycle_classes);
  measured.events = named(names.events, run.events);
  measured.outputs_checksum = run.outputs_checksum;
  measured.own = run.own;
  if (costs != nullptr) {
    measured.energy = energy_of(*costed, *costs, run.events, run.cycles);
    measured.area_mm2 = area_of(*costs).mm2;
  }
  return measured;
}

std::vector<std::string> plain_metric_names(const PlainNames& names, const CostedMachine* costed) {
  std::vector<std::string> metrics = {"cycles", "time_us", "macs", "energy_nj", "area_mm2", "busy_cycles"};
  for (std::size_t i = 1; i < names.cycle_classes.size(); ++i) {
    metrics.push_back("stall_cycles." + std::string(names.cycle_classes[i]->name));
  }
  for (const CounterInfo* event : names.events) {
    metrics.push_back("counters." + std::string(event->name));
  }
  for (std::size_t i = 0; costed != nullptr && i < costed->modules.size(); ++i) {
    metrics.push_back("energy_nj." + costed->modules[i]);
  }
  return metrics;
}

std::vector<MetricValue> plain_metrics(const Measured& measured, const CostedMachine* costed) {
  std::vector<MetricValue> metrics = {measured.cycles, measured.time_us, measured.multiply_accumulates};
  metrics.push_back(measured.energy ? MetricValue(measured.energy->total_pj() / pj_per_nj) : MetricValue());
  metrics.push_back(measured.area_mm2 ? MetricValue(*measured.area_mm2) : MetricValue());
  for (const NamedCounts* counts : {&measured.cycle_classes, &measured.events}) {
    for (const NamedCount& count : *counts) {
      metrics.emplace_back(count.value);
    }
  }
  for (std::size_t i = 0; costed != nullptr && i < costed->modules.size(); ++i) {
    metrics.push_back(measured.energy ? MetricValue(measured.energy->modules[i].total_pj() / pj_per_nj)
                                      : MetricValue());
  }
  return metrics;
}

std::string plain_text(const Result& result) {
  const Measured& m = result.totals;
  std::string text = fmt::format("{} on {}, engine {}: {} cycles, {:.6g} us, {} multiply-accumulates\n",
                                 result.layers.front().name, result.family, result.engine, m.cycles,
                                 m.time_us, m.multiply_accumulates);
  text += counts_text(m);
  if (m.energy) {
    text += energy_text(*m.energy, *result.costed);
  }
  for (const std::string& note : result.notes) {
    text += "note: " + note + "\n";
  }
  return text;
}

}  // namespace lacuna
