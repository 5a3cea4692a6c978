#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "sim/eie/config/load_config.h"
#include "sim/eie/energy/eie_costs.h"
#include "sim/eie/run/prepare_layer.h"
#include "sim/families.h"
#include "sim/report/text_formats.h"
#include "sim/schema/file_schema.h"
#include "sim/yaml/yaml_document.h"
#include "tests/temporary_folder.h"

using namespace lacuna;
using Json = nlohmann::ordered_json;

namespace {

const std::filesystem::path configs = std::filesystem::path(LACUNA_SOURCE_DIR) / "configs";

/// Every key of `node` is a property of `schema`, and every required property is there.
void check_keys(const YamlNode& node, const Json& any, const std::string& path) {
  // A section that one word may replace: the mapping is the first of the two.
  const Json& schema = any.contains("anyOf") && !any.contains("properties") ? any.at("anyOf").front() : any;
  if (node.kind == YamlNode::Kind::sequence) {
    for (const YamlNode& item : node.items) {
      check_keys(item, schema.at("items"), path + "[]");
    }
  }
  if (node.kind != YamlNode::Kind::mapping) {
    return;
  }
  for (const YamlEntry& entry : node.entries) {
    INFO(path << "." << entry.key);
    REQUIRE(schema.at("properties").contains(entry.key));
    check_keys(entry.value, schema.at("properties").at(entry.key), path + "." + entry.key);
  }
  for (const Json& key : schema.value("required", Json::array())) {
    INFO(path << "." << key);
    REQUIRE(node.find(key.get<std::string>()) != nullptr);
  }
}

/// Runs and sweeps of the streaming machine have its name in theirs.
std::string run_kind(const std::filesystem::path& path, const YamlNode& document) {
  const std::string kind = document.find("axes") == nullptr ? "run" : "sweep";
  return (path.string().find("tomato") == std::string::npos ? "" : "tomato_") + kind;
}

/// `kind` is empty for folders of runs and sweeps.
void check_folder(const std::filesystem::path& folder, const std::string& kind, std::size_t expected) {
  const Json schema = file_schema(families());
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") {
      INFO(entry.path());
      const YamlNode document = load_yaml(entry.path().string());
      const std::string own = kind.empty() ? run_kind(entry.path(), document) : kind;
      check_keys(document, schema.at("$defs").at(own), "");
      ++files;
    }
  }
  CHECK(files >= expected);
}

/// Every key of a schema that stands for a plain value.
void collect_keys(const Json& schema, std::vector<std::string>& keys) {
  if (schema.contains("items")) {
    collect_keys(schema.at("items"), keys);
  }
  const Json properties = schema.value("properties", Json::object());
  for (const auto& [key, property] : properties.items()) {
    if (!property.contains("items") && !property.contains("properties")) {
      keys.push_back(key);
    }
    collect_keys(property, keys);
  }
}

}  // namespace

TEST_CASE("the published schema is current: else renew it with 'lacuna schema > configs/schema.json'") {
  CHECK(test::read_whole((configs / "schema.json").string()) == pretty_json(file_schema(families())));
}

TEST_CASE("shipped YAML files have the schema's keys") {
  check_folder(configs, "run", 4);
  check_folder(configs / "architectures", "architecture", 2);
  check_folder(configs / "workloads", "workload", 4);
  check_folder(configs / "compression", "compression", 2);
  check_folder(configs / "energy", "energy", 1);
  check_folder(configs / "networks", "network", 2);
  check_folder(configs / "larger-data", "", 2);
  check_folder(configs / "graphs", "", 1);
  check_folder(configs / "graphs" / "networks", "network", 2);
  check_folder(configs / "sweeps", "", 9);
  check_folder(configs / "tomato", "", 6);
  check_folder(configs / "tomato" / "larger-data", "", 1);
  check_folder(configs / "regression", "regression", 1);
}

TEST_CASE("the reference names every key of run configurations") {
  const std::string page = test::read_whole(std::string(LACUNA_SOURCE_DIR) + "/docs/reference/run.md");
  std::vector<std::string> keys;
  collect_keys(file_schema(families()).at("$defs").at("run"), keys);
  CHECK(keys.size() > 40);
  for (const std::string& key : keys) {
    INFO(key);
    CHECK(page.find("| `" + key + "` |") != std::string::npos);
  }
}

TEST_CASE("shipped run configurations load") {
  for (const auto& entry : std::filesystem::directory_iterator(configs)) {
    if (entry.path().extension() == ".yaml") {
      INFO(entry.path());
      CHECK_NOTHROW(load_run_config(entry.path().string()));
    }
  }
}

TEST_CASE("the published machine's preset is the default machine") {
  const auto preset = load_architecture((configs / "architectures/eie-64pe-45nm.yaml").string());
  const Json properties = file_schema(families())
                              .at("$defs")
                              .at("architecture")
                              .at("properties")
                              .at("architecture")
                              .at("properties");
  const YamlNode file = load_yaml((configs / "architectures/eie-64pe-45nm.yaml").string());
  for (const auto& [key, property] : properties.items()) {
    INFO(key);
    if (property.contains("default")) {
      CHECK(file.find("architecture")->find(key) != nullptr);
    }
  }
  CHECK(preset.parameters.pe_count == 64);
}

TEST_CASE("benchmark names are those of the published table") {
  std::vector<std::string> names;
  for (const PublishedBenchmark& each : read_published_benchmarks((configs / "reference").string())) {
    names.push_back(each.layer);
  }
  CHECK(names == benchmark_names());
}
