#include "sim/report/costs_report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/report/text_table.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

std::string memory_text(const Costs& costs) {
  TextTable table({"memory", "per module", "bytes", "bits", "read pJ", "write pJ", "access ns", "cycle ns"});
  for (const MemoryCosts& memory : costs.memories) {
    table.add_row({memory.name, fmt::format("{}", memory.count), fmt::format("{}", memory.capacity_bytes),
                   fmt::format("{}", memory.width_bits), fmt::format("{:.4g}", memory.read_pj),
                   fmt::format("{:.4g}", memory.write_pj), fmt::format("{:.3f}", memory.access_ns),
                   fmt::format("{:.3f}", memory.cycle_ns)});
  }
  return costs.memories.empty() ? "" : table.str() + "\n";
}

std::string module_text(const CostedMachine& machine, const Costs& costs) {
  TextTable table({"one instance of", "instances", "clock pJ", "leakage mW", "area um2", "memory um2"});
  for (std::size_t module = 0; module < costs.modules.size(); ++module) {
    const ModuleCosts& cost = costs.modules[module];
    const bool known = costs.area_unknown_because.empty();
    table.add_row({machine.modules[module], fmt::format("{}", costs.instances[module]),
                   fmt::format("{:.4g}", cost.clock_pj), fmt::format("{:.4g}", cost.leakage_mw),
                   known ? fmt::format("{:.0f}", cost.area_um2) : "?",
                   fmt::format("{:.0f}", cost.memory_area_um2)});
  }
  return table.str() + "\n";
}

std::string event_text(const CostedMachine& machine, const Costs& costs) {
  TextTable table({"event", "kind", "module", "pJ"});
  for (std::size_t event = 0; event < machine.events.size(); ++event) {
    const CostedEvent& info = machine.events[event];
    table.add_row({info.name, access_kind_name(info.kind), machine.modules[info.module],
                   fmt::format("{:.4g}", costs.event_pj[event])});
  }
  return table.str() + "\n";
}

}  // namespace

std::string costs_text(const Technology& technology, const Costs& costs) {
  std::string text = fmt::format("energy table {}\n\n", technology.name()) + memory_text(costs) +
                     module_text(technology.machine(), costs) + event_text(technology.machine(), costs);
  const Area area = area_of(costs);
  text += area.mm2 ? fmt::format("area {:.4g} mm2\n", *area.mm2) : "area not known: " + area.reason + "\n";
  for (const std::string& note : slow_memories(costs)) {
    text += "note: " + note + "\n";
  }
  return text;
}

Json costs_json(const Technology& technology, const Json& architecture, const Costs& costs) {
  Json json = {
      {"schema", "lacuna.costs/1"}, {"energy_table", technology.name()}, {"architecture", architecture}};
  for (const MemoryCosts& memory : costs.memories) {
    json["memories"][memory.name] = {
        {"count", memory.count},           {"capacity_bytes", memory.capacity_bytes},
        {"width_bits", memory.width_bits}, {"read_pj", memory.read_pj},
        {"write_pj", memory.write_pj},     {"access_ns", memory.access_ns},
        {"cycle_ns", memory.cycle_ns}};
  }
  const CostedMachine& costed = technology.machine();
  const bool known = costs.area_unknown_because.empty();
  for (std::size_t module = 0; module < costs.modules.size(); ++module) {
    const ModuleCosts& cost = costs.modules[module];
    json["modules"][costed.modules[module]] = {{"instances", costs.instances[module]},
                                               {"clock_pj", cost.clock_pj},
                                               {"leakage_mw", cost.leakage_mw},
                                               {"area_um2", known ? Json(cost.area_um2) : Json(nullptr)},
                                               {"memory_area_um2", cost.memory_area_um2}};
  }
  for (std::size_t event = 0; event < costed.events.size(); ++event) {
    json["events_pj"][costed.events[event].name] = costs.event_pj[event];
  }
  const std::vector<std::string> names = technology.value_names();
  for (std::size_t i = 0; i < names.size(); ++i) {
    json["values"][names[i]] = costs.values[i];
  }
  const Area area = area_of(costs);
  json["area_mm2"] = area.mm2 ? Json(*area.mm2) : Json(nullptr);
  return json;
}

}  // namespace lacuna
