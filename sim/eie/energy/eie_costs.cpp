#include "sim/eie/energy/eie_costs.h"

#include <initializer_list>
#include <utility>

#include "sim/energy/technology.h"
#include "sim/yaml/file_kind.h"
#include "sim/yaml/overrides.h"

namespace lacuna {
namespace {

using eie::ControlEvent;
using eie::PeEvent;

enum Module : std::size_t { act_queue, ptr_read, spmat_read, arithm_unit, act_rw, lnzd, ccu };

std::size_t module_of(PeEvent event) {
  switch (event) {
    case PeEvent::queue_pushes:
    case PeEvent::queue_pops:
      return act_queue;
    case PeEvent::pointer_reads:
      return ptr_read;
    case PeEvent::spmat_row_reads:
    case PeEvent::spmat_row_reuses:
      return spmat_read;
    case PeEvent::codebook_reads:
    case PeEvent::multiplies:
    case PeEvent::padding_entries:
    case PeEvent::accumulator_saturations:
      return arithm_unit;
    default:
      return act_rw;
  }
}

AccessKind kind_of(PeEvent event) {
  switch (event) {
    case PeEvent::padding_entries:
    case PeEvent::accumulator_bypasses:
      return AccessKind::gated;
    case PeEvent::spmat_row_reuses:
      return AccessKind::skipped;
    default:
      return AccessKind::random;
  }
}

/// Calls add(name, value) for each parameter that formulas may use.
template <class Add>
struct NumbersOf {
  Add add;

  template <class T>
  void integer(std::string_view key, T value, std::uint64_t, std::uint64_t, std::string_view) {
    add(std::string(key), static_cast<double>(value));
  }
  void real(std::string_view key, double value, double, double, std::string_view) {
    add(std::string(key), value);
  }
  void boolean(std::string_view key, bool value, std::string_view) {
    add(std::string(key), value ? 1.0 : 0.0);
  }
  template <class T>
  void choice(std::string_view, T, std::initializer_list<const char*>, std::string_view) {}
};

template <class Add>
void for_each_number(const eie::Parameters& machine, Add add) {
  eie::Parameters::describe(machine, NumbersOf<Add>{add});
  add("lnzd_nodes", static_cast<double>(lnzd_nodes(machine.pe_count)));
}

CostedMachine make_costed() {
  CostedMachine machine;
  machine.kind = "eie";
  machine.modules.assign(module_names.begin(), module_names.end());
  for (std::size_t event = 0; event < eie::pe_event_count; ++event) {
    const eie::CounterInfo& info = eie::pe_event_info[event];
    const auto key = static_cast<PeEvent>(event);
    machine.events.push_back(
        {std::string(info.name), std::string(info.meaning), module_of(key), kind_of(key)});
  }
  for (std::size_t event = 0; event < eie::control_event_count; ++event) {
    const eie::CounterInfo& info = eie::control_event_info[event];
    const bool node = static_cast<ControlEvent>(event) == ControlEvent::lnzd_node_evaluations;
    machine.events.push_back(
        {std::string(info.name), std::string(info.meaning), node ? lnzd : ccu, AccessKind::random});
  }
  for_each_number({}, [&](const std::string& name, double) { machine.parameters.push_back(name); });
  return machine;
}

}  // namespace

std::uint32_t lnzd_nodes(std::uint32_t pe_count) {
  std::uint32_t nodes = 0;
  for (std::uint32_t level = pe_count; level > 1;) {
    level = (level + 3) / 4;
    nodes += level;
  }
  return nodes;
}

const CostedMachine& EieCosts::costed() {
  static const CostedMachine machine = make_costed();
  return machine;
}

Technology load_eie_technology(const std::string& path, const std::vector<std::string>& assignments) {
  std::vector<std::string> files;
  YamlNode document = load_over_base(path, files);
  apply_overrides(document, assignments);
  return read_technology<EieCosts>(document, std::move(files));
}

Costs eie_costs(const Technology& technology, const eie::Parameters& machine) {
  SymbolValues values;
  for_each_number(machine, [&](const std::string& name, double number) {
    const bool whole_vectors = name == "register_file_entries" && number == 0.0;
    values.push_back(
        {number,
         whole_vectors ? "register_file_entries is 0: registers that hold whole vectors have no size" : ""});
  });
  std::vector<double> instances(module_count, machine.pe_count);
  instances[lnzd] = lnzd_nodes(machine.pe_count);
  instances[ccu] = 1.0;
  return technology.resolve(values, instances, machine.clock_mhz);
}

EnergyReport energy_of(const Costs& costs, const Activity& activity) {
  std::vector<std::uint64_t> counts(activity.pe_events.values.begin(), activity.pe_events.values.end());
  counts.insert(counts.end(), activity.control_events.values.begin(), activity.control_events.values.end());
  return energy_of(EieCosts::costed(), costs, counts, activity.cycles);
}

double pe_energy_pj(const Costs& costs, const eie::PeEventCounts& events, std::uint64_t cycles) {
  double energy_pj = 0.0;
  for (std::size_t event = 0; event < eie::pe_event_count; ++event) {
    energy_pj += static_cast<double>(events.values[event]) * costs.event_pj[event];
  }
  const double whole_cycles = static_cast<double>(cycles);
  constexpr double pj_per_mw_us = 1000.0;
  for (std::size_t module = 0; module < pe_module_count; ++module) {
    energy_pj += whole_cycles * costs.modules[module].clock_pj +
                 whole_cycles / costs.clock_mhz * costs.modules[module].leakage_mw * pj_per_mw_us;
  }
  return energy_pj;
}

FileKind energy_table_kind() {
  return file_kind<TechnologyFile<EieCosts>>("energy");
}

}  // namespace lacuna
