#include "sim/schema/file_schema.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "sim/compress/compression_file.h"
#include "sim/fewshot/few_shot_recipe.h"
#include "sim/fewshot/few_shot_search.h"
#include "sim/graph_training/graph_recipe.h"
#include "sim/graph_training/graph_search_recipe.h"
#include "sim/network/network_file.h"
#include "sim/regress/regression_file.h"
#include "sim/search/run/search_file.h"
#include "sim/search/run/skeletons.h"
#include "sim/training/recipe.h"

namespace lacuna {

std::vector<FileKind> common_file_kinds() {
  return {file_kind<NetworkFile>("network"),
          file_kind<RegressionFile>("regression"),
          file_kind<CompressionFile>("compression"),
          file_kind<TrainingFile>("training"),
          file_kind<SearchFile>("search"),
          file_kind<SkeletonsFile>("skeletons"),
          file_kind<FewShotFile>("few_shot"),
          file_kind<FewShotSearchFile>("few_shot_search"),
          file_kind<GraphTrainingFile>("graph_training"),
          file_kind<GraphSearchFile>("graph_search")};
}

nlohmann::ordered_json file_schema(const Families& families) {
  using Json = nlohmann::ordered_json;
  Json files = Json::object();
  for (const Family* family : families) {
    for (FileKind& kind : family->file_kinds()) {
      files[kind.name] = std::move(kind.schema);
    }
  }
  for (FileKind& kind : common_file_kinds()) {
    files[kind.name] = std::move(kind.schema);
  }
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
