#include "sim/compress/compression_file.h"

#include <filesystem>

#include "sim/yaml/field_reader.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

PruneOptions PruneConfig::options() const {
  PruneOptions options;
  options.granularity = granularity;
  options.vector_length = vector_length;
  options.balance_pe_count = balance_pe_count;
  if (threshold) {
    options.rule = PruneRule::threshold;
    options.value = *threshold;
  } else if (quality) {
    options.rule = PruneRule::quality;
    options.value = *quality;
  } else if (density) {
    options.rule = PruneRule::density;
    options.value = *density;
  }
  return options;
}

bool is_yaml(const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension().string();
  return ending == ".yaml" || ending == ".yml";
}

CompressionConfig load_compression(const std::string& path) {
  return read_compression(load_yaml(path));
}

CompressionConfig read_compression(const YamlNode& document) {
  CompressionFile file;
  FieldReader::read_section(document, "", file);
  const YamlNode* layers = document.find("compression")->find("layers");
  for (std::size_t i = 0; i < file.compression.layers.size(); ++i) {
    file.compression.layers[i].place = layers->items[i].place("compression.layers." + std::to_string(i));
  }
  return file.compression;
}

}  // namespace lacuna
