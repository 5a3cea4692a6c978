#include "sim/compress/compression_file.h"

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

CompressionConfig load_compression(const std::string& path) {
  const YamlNode document = load_yaml(path);
  CompressionFile file;
  FieldReader::read_section(document, "", file);
  const YamlNode* layers = document.find("compression")->find("layers");
  for (std::size_t i = 0; i < file.compression.layers.size(); ++i) {
    file.compression.layers[i].place = layers->items[i].place("compression.layers." + std::to_string(i));
  }
  return file.compression;
}

}  // namespace lacuna
