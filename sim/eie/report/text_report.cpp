#include "sim/eie/report/text_report.h"

#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/report/text_table.h"

namespace lacuna {
namespace {

double percent(double share) {
  return 100.0 * share;
}

std::string layer_table(const RunReport& report) {
  TextTable table({"network layer", "lowering", "output", "products", "weights %", "inputs %", "broadcast %",
                   "words in", "words out", "port cycles", "host ops"});
  NetworkLayerReport total;
  for (const LayerReport& layer : report.layers) {
    const NetworkLayerReport& n = *layer.network;
    total.traffic += n.traffic;
    total.host += n.host;
    table.add_row({layer.name, n.lowering, n.output_shape, fmt::format("{}", n.products),
                   fmt::format("{:.1f}", percent(n.weight_density)),
                   fmt::format("{:.1f}", percent(n.input_density)),
                   fmt::format("{:.1f}", percent(n.vector_density)), fmt::format("{}", n.traffic.words_in),
                   fmt::format("{}", n.traffic.words_out), fmt::format("{}", n.traffic.cycles),
                   fmt::format("{}", n.host.total())});
  }
  for (const HostLayerReport& layer : report.network->host_layers) {
    total.host += layer.network.host;
  }
  table.add_rule();
  table.add_row({"total, host layers too", "", "", "", "", "", "", fmt::format("{}", total.traffic.words_in),
                 fmt::format("{}", total.traffic.words_out), fmt::format("{}", total.traffic.cycles),
                 fmt::format("{}", total.host.total())});
  return table.str();
}

std::string speed_line(const RunReport& report) {
  const NetworkReport& network = *report.network;
  const double seconds = report.total.time_us / 1e6;
  const double images = static_cast<double>(network.timed_images);
  std::string text = fmt::format("{} images, {} of them timed: {:.1f} us per image", network.images,
                                 network.timed_images, seconds * 1e6 / images);
  if (seconds > 0.0) {
    text += fmt::format(", {:.1f} images/s", images / seconds);
  }
  if (report.total.energy) {
    text += fmt::format(", {:.3f} uJ per image", report.total.energy->total_pj() / 1e6 / images);
  }
  return text + "\n";
}

std::string best_line(const char* title, const std::vector<ClassScore>& best) {
  std::string text = title;
  for (const ClassScore& each : best) {
    text += fmt::format("  {} ({:.4f})", each.index, each.score);
  }
  return text + "\n";
}

std::string share(std::uint64_t part, std::uint64_t whole) {
  return fmt::format("{} of {} right ({:.2f} %)", part, whole,
                     100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string score_lines(const NetworkReport& network) {
  std::string text;
  if (network.images == 1 && network.calibration_images == 1 && !network.best.empty()) {
    text += best_line("classes, machine:       ", network.best.front());
    text += best_line("classes, floating point:", network.reference_best.front());
  }
  if (network.labelled > 0) {
    text += "classification: " + share(network.correct, network.labelled);
    if (network.reference_labelled > 0) {
      text += "; floating point: " + share(network.reference_correct, network.reference_labelled);
    }
    text += "\n";
  }
  text += fmt::format(
      "fixed-point formats calibrated on the first {} images; largest error of an output there: {:.5f}\n",
      network.calibration_images, network.largest_output_error);
  for (const OrderChoice& order : network.orders) {
    text += fmt::format("{} before {}: {} cycles in all, changed {}: {}\n", order.first, order.second,
                        order.written_cycles, order.changed_cycles,
                        order.changed ? "they change places" : "they stay");
  }
  if (network.checked_vectors > 0) {
    text += fmt::format("{} vectors run on the SystemC engine too: {} differ\n", network.checked_vectors,
                        network.check_failures.size());
    for (const std::string& failure : network.check_failures) {
      text += "  " + failure + "\n";
    }
  }
  return text;
}

/// What only whole networks have: densities and traffic per layer, host work, classes. Empty for other runs.
/// What only whole networks have: densities and traffic per layer, host work, classes. Empty for other runs.
std::string network_text(const RunReport& report) {
  if (!report.network) {
    return {};
  }
  return "\n" + layer_table(report) + "\n" + speed_line(report) + score_lines(*report.network);
}

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

/// Operations on the compressed layer: two for each multiply-accumulate.
double giga_operations_per_second(std::uint64_t macs, double time_us) {
  return time_us > 0.0 ? 2.0 * static_cast<double>(macs) / time_us / 1000.0 : 0.0;
}

/// What the three tables show of a layer or of the total.
struct Line {
  std::string name;
  std::string size;
  const RunSums& sums;
  std::uint64_t stored_entries;
  std::uint64_t padding_entries;
  double time_us;
  double theoretical_cycles;
  double load_balance_efficiency;
  const std::optional<EnergyReport>& energy;
};

std::vector<Line> lines_of(const RunReport& report) {
  std::vector<Line> lines;
  for (const LayerReport& l : report.layers) {
    lines.push_back({l.name, fmt::format("{}x{}", l.rows, l.columns), l.sums, l.stored_entries,
                     l.padding_entries, l.time_us, l.theoretical_cycles, l.load_balance_efficiency,
                     l.energy});
  }
  const TotalReport& t = report.total;
  lines.push_back({"total", "", t.sums, t.stored_entries, t.padding_entries, t.time_us, t.theoretical_cycles,
                   t.load_balance_efficiency, t.energy});
  return lines;
}

/// One row per line, a rule before the total.
template <class MakeRow>
std::string table(std::vector<std::string> titles, const std::vector<Line>& lines, MakeRow make_row) {
  TextTable text(std::move(titles));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i + 1 == lines.size()) {
      text.add_rule();
    }
    text.add_row(make_row(lines[i]));
  }
  return text.str();
}

std::string heading(const RunConfig& config, const RunReport& report) {
  const eie::Parameters& p = config.architecture.parameters;
  std::string text =
      fmt::format("EIE machine: {} PEs, {} queue entries, {}-bit sparse-matrix rows, {} MHz; engine {}",
                  p.pe_count, p.queue_depth_entries, p.spmat_width_bits, p.clock_mhz, report.engine);
  if (report.area.mm2) {
    text += fmt::format("; {:.1f} mm2", *report.area.mm2);
  }
  return text + "\n\n";
}

std::string cycle_table(const std::vector<Line>& lines) {
  return table({"layer", "size", "vectors", "cycles", "time us", "theoretical", "balance %", "padding %",
                "MACs", "GOP/s"},
               lines, [](const Line& line) -> std::vector<std::string> {
                 return {line.name,
                         line.size,
                         fmt::format("{}", line.sums.vectors),
                         fmt::format("{}", line.sums.cycles),
                         fmt::format("{:.2f}", line.time_us),
                         fmt::format("{:.1f}", line.theoretical_cycles),
                         fmt::format("{:.1f}", 100.0 * line.load_balance_efficiency),
                         fmt::format("{:.1f}", percent(line.padding_entries, line.stored_entries)),
                         fmt::format("{}", line.sums.macs),
                         fmt::format("{:.1f}", giga_operations_per_second(line.sums.macs, line.time_us))};
               });
}

std::string stall_table(const std::vector<Line>& lines) {
  std::vector<std::string> titles = {"% of PE cycles"};
  for (const eie::CounterInfo& info : eie::cycle_class_info) {
    titles.emplace_back(info.name);
  }
  return table(titles, lines, [](const Line& line) {
    const auto& classes = line.sums.cycle_classes.values;
    const std::uint64_t all = std::accumulate(classes.begin(), classes.end(), std::uint64_t{0});
    std::vector<std::string> row = {line.name};
    for (const std::uint64_t cycles : classes) {
      row.push_back(fmt::format("{:.2f}", percent(cycles, all)));
    }
    return row;
  });
}

std::string energy_table(const RunReport& report, const std::vector<Line>& lines) {
  if (!report.total.energy) {
    return "energy: not reported, no energy table is given\n";
  }
  std::vector<std::string> titles = {"energy nJ"};
  titles.insert(titles.end(), module_names.begin(), module_names.end());
  titles.insert(titles.end(), {"total", "mW", "pJ/MAC"});
  return table(titles, lines, [](const Line& line) {
    std::vector<std::string> row = {line.name};
    for (const ModuleEnergy& module : line.energy->modules) {
      row.push_back(fmt::format("{:.2f}", module.total_pj() / 1000.0));
    }
    const double total_pj = line.energy->total_pj();
    row.push_back(fmt::format("{:.2f}", total_pj / 1000.0));
    row.push_back(fmt::format("{:.1f}", line.time_us > 0.0 ? total_pj / 1000.0 / line.time_us : 0.0));
    row.push_back(
        line.sums.macs == 0 ? "-" : fmt::format("{:.2f}", total_pj / static_cast<double>(line.sums.macs)));
    return row;
  });
}

std::string energy_kind_table(const RunReport& report, const std::vector<Line>& lines) {
  if (!report.total.energy) {
    return {};
  }
  std::string text = table(
      {"energy nJ", "random", "gated", "skipped", "clock", "leakage"}, lines,
      [](const Line& line) -> std::vector<std::string> {
        const ModuleEnergy sum = line.energy->sum();
        std::vector<std::string> row = {line.name};
        for (const double pj : {sum.random_pj, sum.gated_pj, sum.skipped_pj, sum.clock_pj, sum.leakage_pj}) {
          row.push_back(fmt::format("{:.2f}", pj / 1000.0));
        }
        return row;
      });
  text.insert(0, "\n");
  text += fmt::format("\nenergy table {}", report.energy_table);
  text += report.area.mm2 ? fmt::format("; area {:.4g} mm2\n", *report.area.mm2)
                          : fmt::format("; area not known: {}\n", report.area.reason);
  for (const std::string& note : report.notes) {
    text += "note: " + note + "\n";
  }
  return text;
}

std::string memory_table(const RunReport& report) {
  if (!report.total.memory) {
    return {};
  }
  std::vector<std::pair<std::string, MemoryReport>> lines;
  for (const LayerReport& layer : report.layers) {
    lines.emplace_back(layer.name, *layer.memory);
  }
  lines.emplace_back("total", *report.total.memory);
  return memory_text(lines) + "\n";
}

std::string classification_lines(const RunReport& report) {
  std::string text;
  for (const LayerReport& layer : report.layers) {
    if (layer.classification) {
      const Classification& c = *layer.classification;
      text += fmt::format("classification, {}: {} of {} right ({:.2f} %)\n", layer.name, c.correct,
                          c.labelled, percent(c.correct, c.labelled));
    }
  }
  return text.empty() ? text : "\n" + text;
}

}  // namespace

std::string text_report(const RunConfig& config, const RunReport& report) {
  const std::vector<Line> lines = lines_of(report);
  return heading(config, report) + cycle_table(lines) + "\n" + stall_table(lines) + "\n" +
         memory_table(report) + energy_table(report, lines) + energy_kind_table(report, lines) +
         classification_lines(report) + network_text(report);
}

}  // namespace lacuna
