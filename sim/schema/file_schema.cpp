#include "sim/schema/file_schema.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "sim/compress/compression_file.h"
#include "sim/network/network_file.h"
#include "sim/regress/regression_file.h"
#include "sim/training/recipe.h"
#include "sim/yaml/field_schema.h"

namespace lacuna {

nlohmann::ordered_json file_schema(const Families& families) {
  using Json = nlohmann::ordered_json;
  Json files = Json::object();
  for (const Family* family : families) {
    for (SchemaPart& part : family->schemas()) {
      files[part.name] = std::move(part.schema);
    }
  }
  files["network"] = FieldSchema::of<NetworkFile>();
  files["regression"] = FieldSchema::of<RegressionFile>();
  files["compression"] = FieldSchema::of<CompressionFile>();
  files["training"] = FieldSchema::of<TrainingFile>();
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "YAML files of Lacuna"},
                 {"anyOf", Json::array()}};
  for (const auto& [name, file] : files.items()) {
    schema["anyOf"].push_back({{"$ref", "#/$defs/" + name}});
  }
  schema["$defs"] = std::move(files);
  return schema;
}

}  // namespace lacuna
