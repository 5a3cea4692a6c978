#include "sim/compress/published_storage.h"

#include "models/common/error.h"
#include "sim/files/csv_table.h"

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

}  // namespace lacuna
