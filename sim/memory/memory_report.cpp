#include "sim/memory/memory_report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/report/text_table.h"

namespace lacuna {

using memory::Phase;

double MemoryReport::energy_pj(Phase phase) const {
  constexpr double bits_per_byte = 8.0;
  return static_cast<double>(times.bytes[phase]) * bits_per_byte * energy_pj_per_bit;
}

double MemoryReport::total_energy_pj() const {
  double sum = 0.0;
  for (std::size_t phase = 0; phase < memory::phase_count; ++phase) {
    sum += energy_pj(static_cast<Phase>(phase));
  }
  return sum;
}

void append_phases(NamedCounts& classes, const MemoryReport& report, std::uint64_t units) {
  for (std::size_t phase = 0; phase < memory::phase_count; ++phase) {
    classes.push_back({&memory::phase_info[phase], report.times.exposed_cycles.values[phase] * units});
  }
}

nlohmann::ordered_json memory_json(const MemoryReport& report) {
  using Json = nlohmann::ordered_json;
  Json json = {{"jobs", report.jobs},
               {"run_cycles", report.times.run_cycles},
               {"exposed_cycles", report.exposed_cycles()},
               {"items_overlapped", report.times.items_overlapped},
               {"energy_pj", report.total_energy_pj()},
               {"phases", Json::object()}};
  for (std::size_t i = 0; i < memory::phase_count; ++i) {
    const auto phase = static_cast<Phase>(i);
    json["phases"][std::string(memory::phase_info[i].name)] = {
        {"bytes", report.times.bytes[phase]},
        {"bursts", report.times.bursts[phase]},
        {"under_way_cycles", report.times.under_way_cycles[phase]},
        {"exposed_cycles", report.times.exposed_cycles[phase]},
        {"energy_pj", report.energy_pj(phase)}};
  }
  return json;
}

std::string memory_text(const std::vector<std::pair<std::string, MemoryReport>>& lines) {
  std::vector<std::string> titles = {"memory, cycles", "jobs", "runs"};
  for (const CounterInfo& info : memory::phase_info) {
    titles.emplace_back(info.name);
  }
  titles.insert(titles.end(), {"total", "read kB", "written kB", "nJ"});
  TextTable table(titles);
  for (std::size_t line = 0; line < lines.size(); ++line) {
    const auto& [name, report] = lines[line];
    if (line + 1 == lines.size()) {
      table.add_rule();
    }
    std::vector<std::string> row = {name, fmt::format("{}", report.jobs),
                                    fmt::format("{}", report.times.run_cycles)};
    std::uint64_t bytes = 0;
    for (std::size_t phase = 0; phase < memory::phase_count; ++phase) {
      row.push_back(fmt::format("{}", report.times.exposed_cycles.values[phase]));
      bytes += report.times.bytes.values[phase];
    }
    const std::uint64_t written = report.times.bytes[Phase::store_results];
    constexpr double kilobyte = 1e3;
    row.push_back(fmt::format("{}", report.times.cycles()));
    row.push_back(fmt::format("{:.1f}", static_cast<double>(bytes - written) / kilobyte));
    row.push_back(fmt::format("{:.1f}", static_cast<double>(written) / kilobyte));
    row.push_back(fmt::format("{:.2f}", report.total_energy_pj() / 1e3));
    table.add_row(std::move(row));
  }
  return table.str();
}

}  // namespace lacuna
