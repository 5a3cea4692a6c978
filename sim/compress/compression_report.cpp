#include "sim/compress/compression_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/files/csv_table.h"
#include "sim/report/text_table.h"

namespace lacuna {

std::vector<PublishedStorage> read_published_storage(const std::string& path, const std::string& network) {
  const CsvTable table(path);
  std::vector<PublishedStorage> rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!network.empty() && table.text(row, "network") != network) {
      continue;
    }
    rows.push_back({table.text(row, "layer"), table.number(row, "kept"), table.number(row, "weight_bits"),
                    table.number(row, "weight_bits_huffman"), table.number(row, "index_bits"),
                    table.number(row, "index_bits_huffman"), table.number(row, "size_pruned_quantized"),
                    table.number(row, "size_pruned_quantized_huffman")});
  }
  if (rows.empty()) {
    throw ConfigurationError({path, 0, "network"}, "no rows of the network \"" + network + "\"",
                             "a network that the file holds");
  }
  return rows;
}

namespace {

double share(double part, double whole) {
  return whole > 0.0 ? part / whole : 0.0;
}

std::string percent(double part, double whole) {
  return fmt::format("{:.2f}", 100.0 * share(part, whole));
}

std::string per_entry(double bits, const LayerStorage& storage) {
  return fmt::format("{:.2f}", share(bits, static_cast<double>(storage.stored_entries)));
}

std::vector<std::string> storage_row(const LayerStorage& s) {
  const auto original = static_cast<double>(s.original_bits);
  return {s.name,
          std::to_string(s.weights),
          percent(static_cast<double>(s.nonzeros), static_cast<double>(s.weights)),
          std::to_string(s.stored_entries),
          std::to_string(s.padding_entries),
          per_entry(static_cast<double>(s.fixed_weight_bits), s),
          per_entry(static_cast<double>(s.huffman_weight_bits), s),
          per_entry(static_cast<double>(s.fixed_index_bits), s),
          per_entry(static_cast<double>(s.huffman_index_bits), s),
          percent(static_cast<double>(s.fixed_bits()), original),
          percent(static_cast<double>(s.huffman_bits()), original),
          fmt::format("{:.1f}", share(original, static_cast<double>(s.huffman_bits())))};
}

std::vector<std::string> published_row(const PublishedStorage& p) {
  return {"  published",
          "",
          fmt::format("{:.0f}", 100.0 * p.kept),
          "",
          "",
          fmt::format("{:g}", p.weight_bits),
          fmt::format("{:g}", p.weight_bits_huffman),
          fmt::format("{:g}", p.index_bits),
          fmt::format("{:g}", p.index_bits_huffman),
          fmt::format("{:.2f}", 100.0 * p.size),
          fmt::format("{:.2f}", 100.0 * p.size_huffman),
          fmt::format("{:.1f}", 1.0 / p.size_huffman)};
}

void add_published(TextTable& table, const std::string& layer,
                   const std::vector<PublishedStorage>& published) {
  for (const PublishedStorage& row : published) {
    if (row.layer == layer) {
      table.add_row(published_row(row));
    }
  }
}

std::string storage_text(const CompressionResult& result, const std::vector<PublishedStorage>& published,
                         std::optional<std::uint64_t> container_bytes) {
  TextTable table({"layer", "weights", "kept %", "entries", "padding", "w bits", "+huff", "i bits", "+huff",
                   "size %", "+huff %", "ratio"});
  for (const LayerResult& layer : result.layers) {
    table.add_row(storage_row(layer.storage));
    add_published(table, layer.name, published);
  }
  const LayerStorage& total = result.total;
  table.add_rule();
  table.add_row(storage_row(total));
  add_published(table, "total", published);
  const double tables = static_cast<double>(total.table_bits);
  std::string text = table.str();
  text += fmt::format(
      "\n{:.0f} bytes without compression, {:.0f} without Huffman coding, {:.0f} with it; no code of single "
      "symbols takes less than {:.0f}\n",
      static_cast<double>(total.original_bits) / 8.0, static_cast<double>(total.fixed_bits()) / 8.0,
      static_cast<double>(total.huffman_bits()) / 8.0,
      (tables + total.entropy_weight_bits + total.entropy_index_bits) / 8.0);
  if (container_bytes) {
    text += fmt::format("container: {} bytes\n", *container_bytes);
  }
  return text;
}

std::string classes_text(const std::optional<Classification>& classes) {
  return classes ? fmt::format("{}/{}", classes->correct, classes->labelled) : "-";
}

std::string quality_text(const CompressionResult& result) {
  TextTable table({"layer", "representation", "mse", "snr dB", "clipped", "error pruned %", "error coded %",
                   "right before", "right after"});
  for (const LayerResult& layer : result.layers) {
    const RepresentedWeights& r = layer.represented;
    const auto error = [](const std::optional<LayerQuality>& quality) {
      return quality ? fmt::format("{:.3f}", 100.0 * quality->output_error) : "-";
    };
    table.add_row({layer.name, r.code.text(), fmt::format("{:.3e}", r.mean_squared_error),
                   r.signal_to_noise_db >= 999.0 ? "exact" : fmt::format("{:.2f}", r.signal_to_noise_db),
                   std::to_string(r.clipped), error(layer.pruned_quality), error(layer.quality),
                   classes_text(layer.original),
                   classes_text(layer.quality ? layer.quality->classification : std::nullopt)});
  }
  std::string text = "\n" + table.str();
  if (result.original && result.compressed) {
    text += fmt::format("\nwhole network, floating point: {} right before, {} after\n",
                        classes_text(result.original), classes_text(result.compressed));
  }
  return text;
}

/// A codebook's squared error over the least possible one.
std::string times_optimum(const LayerResult& layer, double mean_squared_error) {
  const InitialisationResult& last = layer.initialisations.back();
  if (last.initialisation != CentroidInitialisation::optimal || last.mean_squared_error <= 0.0) {
    return "-";
  }
  return fmt::format("{:.4f}", mean_squared_error / last.mean_squared_error);
}

std::string initialisation_text(const CompressionResult& result) {
  TextTable table({"layer", "initialisation", "mse", "of the optimum", "output error %", "right"});
  bool any = false;
  for (const LayerResult& layer : result.layers) {
    for (const InitialisationResult& each : layer.initialisations) {
      any = true;
      table.add_row({layer.name, name_of(each.initialisation), fmt::format("{:.3e}", each.mean_squared_error),
                     times_optimum(layer, each.mean_squared_error),
                     each.quality ? fmt::format("{:.3f}", 100.0 * each.quality->output_error) : "-",
                     classes_text(each.quality ? each.quality->classification : std::nullopt)});
    }
  }
  return any ? "\n" + table.str() : "";
}

std::vector<std::string> machine_row(const std::string& layer, const char* pruning, std::uint32_t pe_count,
                                     const LayerCost& cost, const std::optional<LayerQuality>& quality) {
  return {layer,
          pruning,
          std::to_string(pe_count),
          std::to_string(cost.cycles),
          fmt::format("{:.1f}", cost.theoretical_cycles),
          fmt::format("{:.2f}", 100.0 * cost.load_balance_efficiency),
          fmt::format("{}..{}", cost.least_pe_entries, cost.most_pe_entries),
          std::to_string(cost.padding_entries),
          quality ? fmt::format("{:.3f}", 100.0 * quality->output_error) : "-"};
}

std::string machine_text(const CompressionResult& result) {
  TextTable table({"layer", "pruning", "PEs", "cycles", "theoretical", "balance %", "entries per PE",
                   "padding", "output error %"});
  bool any = false;
  for (const LayerResult& layer : result.layers) {
    if (!layer.machine) {
      continue;
    }
    any = true;
    const MachineComparison& machine = *layer.machine;
    if (machine.unbalanced) {
      table.add_row(machine_row(layer.name, "plain", machine.pe_count, *machine.unbalanced,
                                machine.unbalanced_quality));
    }
    table.add_row(machine_row(layer.name, machine.unbalanced ? "balanced" : "plain", machine.pe_count,
                              machine.cost, layer.quality));
  }
  return any ? "\n" + table.str() : "";
}

}  // namespace

std::string compression_text(const CompressionResult& result, const std::vector<PublishedStorage>& published,
                             std::optional<std::uint64_t> container_bytes) {
  return storage_text(result, published, container_bytes) + quality_text(result) +
         initialisation_text(result) + machine_text(result);
}

std::string sensitivity_text(const std::vector<SensitivityPoint>& points) {
  TextTable table({"layer", "target %", "density %", "output error %", "right (layer)", "right (network)"});
  for (const SensitivityPoint& point : points) {
    table.add_row({point.layer, fmt::format("{:g}", 100.0 * point.target_density),
                   fmt::format("{:.3f}", 100.0 * point.density),
                   point.quality ? fmt::format("{:.3f}", 100.0 * point.quality->output_error) : "-",
                   classes_text(point.quality ? point.quality->classification : std::nullopt),
                   classes_text(point.network)});
  }
  return table.str();
}

}  // namespace lacuna
