#include "sim/family/family.h"

#include <filesystem>

#include <fmt/format.h>

#include "models/common/checksum.h"
#include "models/common/error.h"

namespace lacuna {

InputFile input_file(const std::string& path) {
  return {std::filesystem::path(path).filename().string(), sha256_file(path)};
}

std::vector<std::string> engine_names(const std::vector<EngineInfo>& engines) {
  std::vector<std::string> names;
  names.reserve(engines.size());
  for (const EngineInfo& engine : engines) {
    names.push_back(engine.name);
  }
  return names;
}

void check_memory_requests(const RunSettings& settings, bool has_memory) {
  if (settings.memory_requests && !has_memory) {
    throw ConfigurationError({{}, 0, "--memory-trace"}, "the configuration has no memory outside the machine",
                             "a memory section (docs/memory.md)");
  }
}

Hardware Family::hardware(const YamlNode& /*document*/, const HardwareRequest& /*request*/) const {
  throw ConfigurationError(
      {{}, 0, "architecture.kind"},
      fmt::format("machines of kind {} are simulated alone: no hardware is generated", kind()),
      "a kind that generates hardware");
}

const EngineInfo* find_engine(const std::vector<EngineInfo>& engines, const std::string& name) {
  for (const EngineInfo& engine : engines) {
    if (engine.name == name) {
      return &engine;
    }
  }
  return nullptr;
}

CostsShown Family::show_costs(const CostsRequest& request) const {
  throw ConfigurationError({request.table, 0, {}},
                           "machines of the family '" + std::string(kind()) + "' have no energy tables");
}

std::string Family::table_from_accelergy(const std::string& /*reference_table*/,
                                         const std::string& map) const {
  throw ConfigurationError({map, 0, "machine"},
                           "machines of the family '" + std::string(kind()) + "' have no energy tables");
}

std::unique_ptr<LayerMachine> Family::layer_machine(const YamlNode& /*document*/) const {
  return nullptr;
}

std::unique_ptr<NetworkMachine> Family::network_machine(const YamlNode& /*document*/) const {
  return nullptr;
}

std::unique_ptr<LayerMachine> Family::roomy_layer_machine(std::uint32_t /*pe_count*/,
                                                          std::uint32_t /*index_bits*/) const {
  return nullptr;
}

}  // namespace lacuna
