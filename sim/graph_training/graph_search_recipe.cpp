#include "sim/graph_training/graph_search_recipe.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/yaml/field_reader.h"

namespace lacuna {
namespace {

constexpr const char* root = "graph_search";

[[noreturn]] void refuse(const YamlNode& node, const char* key, const std::string& wrong,
                         const std::string& allowed) {
  const YamlNode* const found = node.find(key);
  throw ConfigurationError((found != nullptr ? *found : node).place(fmt::format("{}.{}", root, key)), wrong,
                           allowed);
}

void check(const YamlNode& node, const GraphSearchConfig& config) {
  if (config.training.weight_bits || config.training.activation_bits) {
    refuse(node, "training", "states weight_bits or activation_bits",
           "those of graph_search: the search chooses");
  }
  for (const std::uint32_t width : config.widths) {
    for (const std::uint32_t heads : config.heads) {
      if (width % heads != 0) {
        refuse(node, "heads", fmt::format("{} heads do not divide {} channels", heads, width),
               "divisors of every width");
      }
    }
  }
  if (config.architecture_warm_up >= config.steps || config.quantisation_warm_up >= config.steps) {
    refuse(node, "steps", fmt::format("{} steps are no more than a warm-up", config.steps), "more");
  }
  if (config.last_noise > config.noise) {
    refuse(node, "last_noise", fmt::format("{} is above noise, {}", config.last_noise, config.noise),
           "at most noise");
  }
  const YamlNode* const cost = node.find("cost");
  for (const char* key : {"layer_table", "images", "weight_bits", "activation_bits", "index_bits"}) {
    if (cost != nullptr && cost->find(key) != nullptr) {
      throw ConfigurationError(
          cost->find(key)->place(fmt::format("{}.cost.{}", root, key)), "means nothing for graph networks",
          "measure and machine: candidates are counted with their own bits, or simulated");
    }
  }
  if ((config.cost_weight > 0.0) != config.cost.has_value()) {
    refuse(node, "cost_weight", config.cost ? "is 0 beside a cost" : "is not 0 without a cost",
           "a cost and its weight, or neither");
  }
}

}  // namespace

bool is_graph_search(const YamlNode& document) {
  return document.find(root) != nullptr;
}

GraphSearchConfig load_graph_search(const YamlNode& document) {
  GraphSearchFile file;
  FieldReader::read_section(document, "", file);
  const YamlNode& node = *document.find(root);
  check(node, file.graph_search);
  check_exists(file.graph_search.training.network);
  if (file.graph_search.cost) {
    file.graph_search.cost_place = node.find("cost")->place(std::string(root) + ".cost");
  }
  return std::move(file.graph_search);
}

}  // namespace lacuna
