#include "sim/eie/sweep/metric.h"

#include <initializer_list>

#include "models/eie/counters.h"

namespace lacuna {
namespace {

using eie::CycleClass;

/// Calls add(name, value) for each metric; the one place that lists them.
template <class Add>
void for_each_metric(const Measures& m, Add&& add) {
  const double pes = m.machine.pe_count;
  const double time_us = static_cast<double>(m.sums.cycles) / m.machine.clock_mhz;
  add("cycles", m.sums.cycles);
  add("time_us", time_us);
  add("theoretical_cycles", static_cast<double>(m.sums.entries) / pes);
  add("load_balance_efficiency", load_balance_efficiency(m.sums.cycle_classes));
  add("useful_work_ratio", useful_work_ratio(m.true_nonzeros, m.stored_entries));
  constexpr double pj_per_nj = 1e3;
  const auto energy = [&](double picojoules) {
    return m.energy ? MetricValue(picojoules / pj_per_nj) : MetricValue();
  };
  const EnergyReport report = m.energy.value_or(EnergyReport{});
  add("energy_nj", energy(report.total_pj()));
  add("area_mm2", m.area.mm2 ? MetricValue(*m.area.mm2) : MetricValue());
  add("vectors", m.sums.vectors);
  add("stored_entries", m.stored_entries);
  add("padding_entries", m.padding_entries);
  add("true_nonzeros", m.true_nonzeros);
  add("entries_processed", m.sums.entries);
  add("macs", m.sums.macs);
  for (std::size_t kind = 0; kind < eie::cycle_class_count; ++kind) {
    const std::string name(eie::cycle_class_info[kind].name);
    add(kind == static_cast<std::size_t>(CycleClass::busy) ? "busy_cycles" : "stall_cycles." + name,
        m.sums.cycle_classes.values[kind]);
  }
  for (std::size_t event = 0; event < eie::pe_event_count; ++event) {
    const bool known =
        event != static_cast<std::size_t>(eie::PeEvent::accumulator_saturations) || m.has_values;
    add("counters." + std::string(eie::pe_event_info[event].name),
        known ? MetricValue(m.sums.pe_events.values[event]) : MetricValue());
  }
  for (std::size_t event = 0; event < eie::control_event_count; ++event) {
    add("counters." + std::string(eie::control_event_info[event].name), m.sums.control_events.values[event]);
  }
  for (std::size_t module = 0; module < module_count; ++module) {
    add("energy_nj." + std::string(module_names[module]),
        energy(m.energy ? report.modules[module].total_pj() : 0.0));
  }
  for (std::size_t event = 0; event < EieCosts::costed().events.size(); ++event) {
    const bool known =
        event != static_cast<std::size_t>(eie::PeEvent::accumulator_saturations) || m.has_values;
    add("energy_nj.events." + EieCosts::costed().events[event].name,
        known ? energy(m.energy ? report.event_pj[event] : 0.0) : MetricValue());
  }
  const ModuleEnergy sum = report.sum();
  add("energy_nj.random", energy(sum.random_pj));
  add("energy_nj.gated", energy(sum.gated_pj));
  add("energy_nj.skipped", energy(sum.skipped_pj));
  add("energy_nj.clock", energy(sum.clock_pj));
  add("energy_nj.leakage", energy(sum.leakage_pj));
  const auto& [correct, labelled] = m.classification;
  const bool classified = m.has_values && labelled > 0;
  add("accuracy",
      classified ? MetricValue(static_cast<double>(correct) / static_cast<double>(labelled)) : MetricValue());
  add("classification.correct", classified ? MetricValue(correct) : MetricValue());
  add("classification.labelled", classified ? MetricValue(labelled) : MetricValue());
  add("power_mw",
      m.energy && time_us > 0.0 ? MetricValue(sum.total_pj() / time_us / pj_per_nj) : MetricValue());
}

/// Takes one number out of the declared parameters.
struct NumberOf {
  std::string_view wanted;
  std::optional<double> found;

  template <class T>
  void integer(std::string_view key, T value, std::uint64_t, std::uint64_t, std::string_view) {
    take(key, static_cast<double>(value));
  }
  void real(std::string_view key, double value, double, double, std::string_view) { take(key, value); }
  void boolean(std::string_view, bool, std::string_view) {}
  template <class T>
  void choice(std::string_view, T, std::initializer_list<const char*>, std::string_view) {}

  void take(std::string_view key, double value) {
    if (key == wanted) {
      found = value;
    }
  }
};

}  // namespace

const std::vector<std::string>& eie_metric_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for_each_metric(Measures(), [&](const std::string& name, const MetricValue&) { list.push_back(name); });
    return list;
  }();
  return names;
}

std::vector<MetricValue> metrics_of(const Measures& measures) {
  std::vector<MetricValue> values;
  values.reserve(eie_metric_names().size());
  for_each_metric(measures, [&](const std::string&, const MetricValue& value) { values.push_back(value); });
  return values;
}

bool needs_energy(std::string_view metric) {
  return metric.substr(0, 6) == "energy" || metric == "power_mw";
}

bool needs_values(std::string_view metric) {
  return needs_labels(metric) || metric == "counters.accumulator_saturations" ||
         metric == "energy_nj.events.accumulator_saturations";
}

bool needs_labels(std::string_view metric) {
  return metric == "accuracy" || metric.substr(0, 15) == "classification.";
}

std::optional<double> parameter_number(const eie::Parameters& machine, std::string_view key) {
  NumberOf number{key, {}};
  eie::Parameters::describe(machine, number);
  return number.found;
}

}  // namespace lacuna
