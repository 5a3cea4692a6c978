#include "sim/cli/file_schema.h"

#include "sim/compress/compression_file.h"
#include "sim/eie/config/run_config.h"
#include "sim/eie/sweep/eie_sweep_file.h"
#include "sim/family/sweep_file.h"
#include "sim/network/network_file.h"
#include "sim/regress/regression_file.h"
#include "sim/tomato/device_file.h"
#include "sim/tomato/tomato_config.h"
#include "sim/yaml/field_schema.h"

namespace lacuna {

nlohmann::ordered_json configuration_schema(const nlohmann::ordered_json& energy_table) {
  using Json = nlohmann::ordered_json;
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "YAML files of Lacuna"},
                 {"anyOf", Json::array()}};
  const Json files = {{"run", FieldSchema::of<RunConfig>()},
                      {"architecture", FieldSchema::of<ArchitectureFile>()},
                      {"workload", FieldSchema::of<WorkloadFile>()},
                      {"network", FieldSchema::of<NetworkFile>()},
                      {"energy", energy_table},
                      {"sweep", FieldSchema::of<SweepFile>()},
                      {"regression", FieldSchema::of<RegressionFile>()},
                      {"compression", FieldSchema::of<CompressionFile>()},
                      {"tomato_run", FieldSchema::of<tomato::TomatoConfig>()},
                      {"tomato_sweep", FieldSchema::of<tomato::TomatoSweepFile>()},
                      {"tomato_architecture", FieldSchema::of<tomato::TomatoArchitectureFile>()},
                      {"device", FieldSchema::of<tomato::DeviceFile>()},
                      {"logic_table", FieldSchema::of<tomato::LogicTableFile>()}};
  for (const auto& [name, file] : files.items()) {
    schema["anyOf"].push_back({{"$ref", "#/$defs/" + name}});
  }
  schema["$defs"] = files;
  return schema;
}

}  // namespace lacuna
