#include "sim/eie/report/network_text.h"

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
  if (network.images == 1 && network.calibration_images == 1) {
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
  if (network.checked_vectors > 0) {
    text += fmt::format("{} vectors run on the SystemC engine too: {} differ\n", network.checked_vectors,
                        network.check_failures.size());
    for (const std::string& failure : network.check_failures) {
      text += "  " + failure + "\n";
    }
  }
  return text;
}

}  // namespace

std::string network_text(const RunReport& report) {
  if (!report.network) {
    return {};
  }
  return "\n" + layer_table(report) + "\n" + speed_line(report) + score_lines(*report.network);
}

}  // namespace lacuna
