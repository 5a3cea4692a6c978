#include "sim/tomato/tomato_metric.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <optional>

#include <boost/algorithm/string/predicate.hpp>
#include <fmt/format.h>

#include "models/tomato/counters.h"
#include "sim/memory/memory_report.h"

namespace lacuna::tomato {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 7> resource_metrics = {
    "logic_blocks", "dsp_blocks", "memory_blocks",   "largest_share",
    "logic_cells",  "registers",  "multiplier_lanes"};
constexpr std::string_view energy_prefix = "energy_nj_per_frame";

/// What metrics are computed from; a default one serves for their names.
struct Measures {
  Json counts = {{"totals", Json::object()}, {"events", Json::array()}, {"energy_events", nullptr}};
  double clock_mhz = 1.0;
  std::optional<EnergyReport> energy;

  MetricValue total(std::string_view key) const {
    const auto found = counts["totals"].find(std::string(key));
    if (found == counts["totals"].end() || !found->is_number()) {
      return {};
    }
    return found->is_number_unsigned() ? MetricValue(found->get<std::uint64_t>())
                                       : MetricValue(found->get<double>());
  }
  std::uint64_t count(std::string_view key) const {
    const MetricValue value = total(key);
    const auto* integer = std::get_if<std::uint64_t>(&value);
    return integer == nullptr ? 0 : *integer;
  }
  double number(std::string_view key) const { return metric_number(total(key)).value_or(0.0); }
};

/// A quotient; not known where the divisor is 0.
MetricValue quotient(double dividend, double divisor) {
  return divisor > 0.0 ? MetricValue(dividend / divisor) : MetricValue();
}

template <class Add>
void for_each_energy(const Measures& m, Add&& add) {
  constexpr double pj_per_nj = 1e3;
  const double frames = m.number("frames");
  const auto per_frame = [&](double picojoules) {
    return m.energy ? quotient(picojoules / pj_per_nj, frames) : MetricValue();
  };
  const double total = m.energy ? m.energy->total_pj() : 0.0;
  add(std::string(energy_prefix), per_frame(total));
  for (std::size_t module = 0; module < fpga_costed_machine().modules.size(); ++module) {
    add(std::string(energy_prefix) + "." + fpga_costed_machine().modules[module],
        per_frame(m.energy ? m.energy->modules[module].total_pj() : 0.0));
  }
  // pJ / us = uW.
  constexpr double microwatts_per_milliwatt = 1e3;
  add("power_mw", m.energy ? quotient(total * m.clock_mhz / microwatts_per_milliwatt, m.number("cycles"))
                           : MetricValue());
}

/// As sim/memory writes them into the counts; nothing without a memory outside.
template <class Add>
void for_each_memory_metric(const Measures& m, Add&& add) {
  const auto memory = m.counts["totals"].find("memory");
  if (memory == m.counts["totals"].end()) {
    return;
  }
  const auto number = [](const Json& object, const std::string& key) {
    const bool known = object.is_object() && object.contains(key) && object[key].is_number_unsigned();
    return known ? MetricValue(object[key].get<std::uint64_t>()) : MetricValue();
  };
  add("memory.run_cycles", number(*memory, "run_cycles"));
  add("memory.exposed_cycles", number(*memory, "exposed_cycles"));
  const bool has_phases = memory->is_object() && memory->contains("phases");
  for (const std::string what : {"exposed_cycles", "bytes"}) {
    for (const CounterInfo& info : memory::phase_info) {
      const std::string phase(info.name);
      const bool known = has_phases && (*memory)["phases"].is_object() && (*memory)["phases"].contains(phase);
      add(fmt::format("memory.{}.{}", what, phase),
          known ? number((*memory)["phases"][phase], what) : MetricValue());
    }
  }
  const bool energy =
      memory->is_object() && memory->contains("energy_pj") && (*memory)["energy_pj"].is_number();
  constexpr double pj_per_nj = 1e3;
  add("memory.energy_nj",
      energy ? MetricValue((*memory)["energy_pj"].get<double>() / pj_per_nj) : MetricValue());
}

/// Calls add(name, value) for each metric; the one place that lists them.
template <class Add>
void for_each_metric(const Measures& m, Add&& add) {
  const double clock = m.clock_mhz;
  constexpr double hz_per_mhz = 1e6;
  add("frames", m.total("frames"));
  add("cycles", m.total("cycles"));
  add("time_us", MetricValue(m.number("cycles") / clock));
  add("cycles_per_frame", m.total("cycles_per_frame"));
  add("frames_per_second", quotient(clock * hz_per_mhz, m.number("cycles_per_frame")));
  add("latency_cycles", m.total("latency_cycles"));
  add("latency_us", MetricValue(m.number("latency_cycles") / clock));
  add("first_output_cycle", m.total("first_output_cycle"));
  add("balanced_for_cycles", m.total("balanced_for_cycles"));
  add("device_count", m.total("devices"));
  for (const std::string_view resource : resource_metrics) {
    add(std::string(resource), m.total(resource));
  }
  for_each_energy(m, add);
  add("weight_bits", m.total("weight_bits"));
  add("fifo_slots", m.total("fifo_slots"));
  add("fifo_bits", m.total("fifo_bits"));
  add("macs_per_frame", m.total("macs_per_frame"));
  add("correct_frames", m.total("correct_frames"));
  add("labelled_frames", m.total("labelled_frames"));
  add("accuracy", quotient(m.number("correct_frames"), m.number("labelled_frames")));
  add("weights_clipped_share", m.total("weights_clipped_share"));
  add("weights_to_zero_share", m.total("weights_to_zero_share"));
  add("output_error_db", m.counts["totals"].contains("outputs_exact")
                             ? MetricValue(-std::numeric_limits<double>::infinity())
                             : m.total("output_error_db"));
  add("outputs_clipped_share", m.total("outputs_clipped_share"));
  for (std::size_t event = 0; event < unit_event_count; ++event) {
    const bool known = event < m.counts["events"].size() && m.counts["events"][event].is_number_unsigned();
    add("counters." + std::string(unit_event_info[event].name),
        known ? MetricValue(m.counts["events"][event].get<std::uint64_t>()) : MetricValue());
  }
  for_each_memory_metric(m, add);
}

/// Energy of the counted events; nothing without a table or a device.
std::optional<EnergyReport> energy_of_counts(const Measures& m, const FpgaEnergyTable* table) {
  const Json& events = m.counts["energy_events"];
  const bool counted =
      events.is_array() && events.size() == fpga_costed_machine().events.size() &&
      std::all_of(events.begin(), events.end(), [](const Json& each) { return each.is_number_unsigned(); });
  if (table == nullptr || !counted) {
    return std::nullopt;
  }
  return fpga_energy(*table, events.get<std::vector<std::uint64_t>>(),
                     static_cast<std::size_t>(m.count("devices")), m.count("cycles"), m.clock_mhz);
}

}  // namespace

const std::vector<std::string>& tomato_metric_names(bool with_memory) {
  const auto names_of = [](bool memory) {
    Measures measures;
    if (memory) {
      measures.counts["totals"]["memory"] = memory_json({});
    }
    std::vector<std::string> list;
    for_each_metric(measures, [&](const std::string& name, const MetricValue&) { list.push_back(name); });
    return list;
  };
  static const std::vector<std::string> names = names_of(false);
  static const std::vector<std::string> memory_names = names_of(true);
  return with_memory ? memory_names : names;
}

bool is_energy_metric(std::string_view metric) {
  return metric.substr(0, energy_prefix.size()) == energy_prefix || metric == "power_mw";
}

bool is_resource_metric(std::string_view metric) {
  return std::find(resource_metrics.begin(), resource_metrics.end(), metric) != resource_metrics.end();
}

bool is_steady_metric(std::string_view metric) {
  return metric == "cycles_per_frame" || metric == "frames_per_second";
}

bool is_label_metric(std::string_view metric) {
  return metric == "accuracy" || metric == "correct_frames" || metric == "labelled_frames";
}

bool is_value_metric(std::string_view metric) {
  return is_label_metric(metric) || metric == "counters.saturations" || metric == "output_error_db" ||
         metric == "outputs_clipped_share" || metric == "weights_clipped_share" ||
         metric == "weights_to_zero_share";
}

std::string neutral_resource(std::string_view name, const DeviceSet& devices) {
  const std::vector<const Device*> all = devices.all();
  const auto all_have = [&](const std::function<std::string(const DeviceDescription&)>& name_of) {
    return !all.empty() && std::all_of(all.begin(), all.end(), [&](const Device* device) {
      return boost::iequals(name_of(device->description()), name);
    });
  };
  if (all_have([](const DeviceDescription& d) { return d.logic.block; })) {
    return "logic_blocks";
  }
  if (all_have([](const DeviceDescription& d) { return d.block_ram.block; })) {
    return "memory_blocks";
  }
  return boost::iequals(name, "dsp") ? "dsp_blocks" : std::string(name);
}

PointFigures tomato_figures(const Json& counts, const TomatoArchitecture& machine,
                            const FpgaEnergyTable* table) {
  Measures measures;
  measures.counts = counts;
  measures.clock_mhz = machine.parameters.clock_mhz;
  measures.energy = energy_of_counts(measures, table);
  const auto outputs = counts.find("output values");
  const bool has_values =
      outputs != counts.end() && outputs->is_string() && !outputs->get_ref<const std::string&>().empty();
  PointFigures figures;
  for_each_metric(measures, [&](const std::string& name, const MetricValue& value) {
    figures.metrics.push_back(is_value_metric(name) && !has_values ? MetricValue() : value);
  });
  figures.layers = counts["layers"];
  if (const auto lost = counts["totals"].find("lost"); lost != counts["totals"].end()) {
    figures.note = lost->get<std::string>();
  }
  return figures;
}

}  // namespace lacuna::tomato
