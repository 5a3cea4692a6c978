#include "sim/fewshot/few_shot_recipe.h"

#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/fewshot/sub_network.h"
#include "sim/yaml/field_reader.h"

namespace lacuna {
namespace {

constexpr const char* root = "few_shot";

/// No alphabet twice: else what is tested on was learned from.
void check_alphabets(const YamlNode& characters, CharactersConfig& config) {
  const YamlNode& list = *characters.find("alphabets");
  const std::string path = std::string(root) + ".characters.alphabets";
  std::set<std::string> seen;
  std::set<TaskPart> used;
  for (std::size_t a = 0; a < config.alphabets.size(); ++a) {
    AlphabetConfig& alphabet = config.alphabets[a];
    alphabet.place = list.items[a].place(fmt::format("{}.{}", path, a));
    used.insert(alphabet.use);
    if (!seen.insert(alphabet.name).second) {
      throw ConfigurationError(alphabet.place,
                               fmt::format("alphabet '{}' stands here a second time", alphabet.name),
                               "each alphabet once");
    }
  }
  constexpr std::size_t parts = 3;
  if (used.size() < parts) {
    throw ConfigurationError(list.place(path), "does not have all three uses",
                             "alphabets for training, validation and test");
  }
}

void check_supernet(const YamlNode& node, FewShotConfig& config) {
  if (!config.convolutions.empty()) {
    throw ConfigurationError(node.find("convolutions")->place("few_shot.convolutions"),
                             "stands beside supernet, which has its own", "one of them");
  }
  if (config.moments == MomentSource::blended) {
    throw ConfigurationError(node.find("moments")->place("few_shot.moments"),
                             "blended needs running moments, which the networks of a supernet do not share",
                             "support or query");
  }
  config.convolutions = largest_sub_network().layers();
}

void check_convolutions(const YamlNode& node, const FewShotConfig& config) {
  const std::string path = std::string(root) + ".convolutions";
  if (node.find("convolutions") == nullptr) {
    throw ConfigurationError(node.place(path), "is missing", "layers, or supernet: true");
  }
  const YamlNode& list = *node.find("convolutions");
  if (config.convolutions.empty() || config.convolutions.size() > 16) {
    throw ConfigurationError(list.place(path), fmt::format("has {} layers", config.convolutions.size()),
                             "1 to 16");
  }
  for (std::size_t l = 0; l < config.convolutions.size(); ++l) {
    if (config.convolutions[l].kernel % 2 == 0) {
      throw ConfigurationError(list.items[l].place(fmt::format("{}.{}.kernel", path, l)),
                               fmt::format("is {}", config.convolutions[l].kernel),
                               "an odd number: the kernel's middle lies on a pixel");
    }
  }
}

}  // namespace

bool is_few_shot(const YamlNode& document) {
  return document.find(root) != nullptr;
}

FewShotConfig load_few_shot(const YamlNode& document) {
  FewShotFile file;
  FieldReader::read_section(document, "", file);
  FewShotConfig& config = file.few_shot;
  const YamlNode& node = *document.find(root);
  check_alphabets(*node.find("characters"), config.characters);
  if (config.supernet) {
    check_supernet(node, config);
  } else {
    check_convolutions(node, config);
  }
  if (config.last_meta_rate > config.meta_rate) {
    throw ConfigurationError(
        node.find("last_meta_rate") != nullptr ? node.find("last_meta_rate")->place("few_shot.last_meta_rate")
                                               : node.place("few_shot.last_meta_rate"),
        fmt::format("{} is above meta_rate, {}", config.last_meta_rate, config.meta_rate),
        "at most meta_rate");
  }
  if (config.written_tasks > config.test_tasks) {
    throw ConfigurationError(node.place("few_shot.written_tasks"),
                             fmt::format("is {} of {} test tasks", config.written_tasks, config.test_tasks),
                             "at most test_tasks");
  }
  for (const FilePath* each :
       {&config.characters.images, &config.characters.labels, &config.characters.classes}) {
    check_exists(*each);
  }
  return std::move(config);
}

}  // namespace lacuna
