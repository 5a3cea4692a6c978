#include "sim/search/run/search_file.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "models/common/version.h"
#include "sim/family/configuration.h"
#include "sim/search/run/document_digest.h"
#include "sim/yaml/error_place.h"
#include "sim/yaml/field_reader.h"

namespace lacuna {

Skeleton SearchSkeletonConfig::skeleton() const {
  Skeleton result;
  result.image_channels = channels;
  result.image_height = height;
  result.image_width = width;
  result.stem_channels = stem_channels;
  result.stem_stride = stem_stride;
  result.classes = classes;
  for (const SearchStageConfig& stage : stages) {
    result.stages.push_back({stage.blocks, stage.channels, stage.stride});
  }
  return result;
}

namespace {

/// Most places: what a file can ask for is not without bounds.
constexpr std::size_t max_places = 256;

class SearchLoader {
 public:
  SearchLoader(const YamlNode& document, const Families& families)
      : document_(document), families_(families) {}

  Search load() {
    SearchFile file;
    FieldReader::read_section(document_, "", file);
    search_.config = std::move(file.search);
    read_blocks();
    read_machines();
    read_filters();
    check_data(search_.config.train, "train");
    check_training();
    search_.draws = search_.config.draws.value_or(
        std::min(std::uint64_t{20} * search_.config.samples, std::uint64_t{SearchConfig::most_draws}));
    if (search_.draws < search_.config.samples) {
      throw ConfigurationError(node("draws").place("search.draws"),
                               fmt::format("is {}, for {} samples", search_.draws, search_.config.samples),
                               "at least as many");
    }
    make_digests();
    return std::move(search_);
  }

 private:
  const YamlNode& section() const { return *document_.find("search"); }
  const YamlNode& node(const char* key) const { return *section().find(key); }

  bool suits(const BlockType& type) const {
    try {
      for (const BlockPlace& place : block_places(search_.skeleton)) {
        block_layers(type, place);
      }
    } catch (const ConfigurationError&) {
      return false;
    }
    return true;
  }

  void read_blocks() {
    search_.skeleton = search_.config.skeleton.skeleton();
    const std::vector<BlockPlace> places = block_places(search_.skeleton);
    if (places.size() > max_places) {
      throw ConfigurationError(node("skeleton").place("search.skeleton.stages"),
                               fmt::format("have {} blocks", places.size()),
                               fmt::format("at most {}", max_places));
    }
    if (search_.config.blocks.empty()) {
      std::copy_if(block_types().begin(), block_types().end(), std::back_inserter(search_.types),
                   [this](const BlockType& type) { return suits(type); });
      return;
    }
    std::set<std::string> names;
    for (std::size_t i = 0; i < search_.config.blocks.size(); ++i) {
      const std::string path = fmt::format("search.blocks.{}", i);
      const YamlNode& each = search_.config.blocks[i];
      const std::string name = read_text(each, path);
      if (!names.insert(name).second) {
        throw ConfigurationError(each.place(path), fmt::format("'{}' stands here twice", name),
                                 "each block once");
      }
      at_place(each.place(path), [&] {
        const BlockType& type = block_type(name);
        for (const BlockPlace& place : places) {
          block_layers(type, place);
        }
        search_.types.push_back(type);
      });
    }
  }

  void read_machines() {
    std::set<std::string> names;
    for (std::size_t i = 0; i < search_.config.machines.size(); ++i) {
      SearchMachineConfig& machine = search_.config.machines[i];
      const std::string path = fmt::format("search.machines.{}", i);
      machine.place = node("machines").items[i].place(path);
      const bool plain = std::all_of(machine.name.begin(), machine.name.end(), [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '_' || letter == '-';
      });
      if (!plain || !names.insert(machine.name).second) {
        throw ConfigurationError({machine.place.file, machine.place.line, path + ".name"},
                                 fmt::format("'{}' is not a name that only this machine has", machine.name),
                                 "letters, digits, _ and -");
      }
      CostConfig cost;
      cost.measure = CostMeasure::cycles;
      cost.machine = machine.run;
      std::unique_ptr<CostModel> model = make_cost_model(cost, families_, machine.place);
      search_.machines.push_back(
          {machine.name, std::move(model), document_digest(load_configuration(machine.run.resolved))});
    }
  }

  void read_filters() {
    std::vector<std::string> names;
    for (const SearchMachine& machine : search_.machines) {
      names.push_back(machine.name);
    }
    for (std::size_t i = 0; i < search_.config.filters.size(); ++i) {
      search_.filters.push_back(
          read_filter(search_.config.filters[i], fmt::format("search.filters.{}", i), names));
    }
    std::stable_sort(search_.filters.begin(), search_.filters.end(),
                     [](const SearchFilter& a, const SearchFilter& b) {
                       return std::pair(a.subject, a.machine) < std::pair(b.subject, b.machine);
                     });
  }

  void check_data(const DataDescription& data, const char* key) const {
    if (data.labels.empty()) {
      throw ConfigurationError(node(key).place(fmt::format("search.{}.labels", key)), "is missing",
                               "the class of each image");
    }
    for (const FilePath* each : {&data.npy, &data.idx, &data.labels}) {
      check_exists(*each);
    }
  }

  void check_training() const {
    const SearchConfig& config = search_.config;
    if (config.test) {
      check_data(*config.test, "test");
    }
    if (!config.training) {
      return;
    }
    if (!config.test) {
      throw ConfigurationError(node("training").place("search.test"), "is missing",
                               "images that trained networks are measured on");
    }
    if ((config.density < 1.0) == config.training->steps_when_cut.empty()) {
      throw ConfigurationError(node("training").place("search.training.steps_when_cut"),
                               config.density < 1.0
                                   ? fmt::format("is missing with density {}", config.density)
                                   : "stands beside density 1",
                               "steps where weights are cut, none where not");
    }
  }

  void make_digests() {
    const auto part = [&](std::initializer_list<const char*> keys) {
      std::string text = std::string(program_version()) + "\n" + program_commit();
      for (const char* key : keys) {
        const YamlNode* const found = section().find(key);
        text += fmt::format("\n{}: {}", key, found == nullptr ? "-" : document_digest(*found));
      }
      return sha256_text(text);
    };
    search_.network_digest = part({"skeleton", "seed", "images", "density", "train"});
    search_.training_digest = part({"skeleton", "seed", "density", "train", "test", "training"});
    search_.digest = sha256_text(search_.network_digest + document_digest(document_));
  }

  const YamlNode& document_;
  const Families& families_;
  Search search_;
};

}  // namespace

Search load_search(const YamlNode& document, const Families& families) {
  return SearchLoader(document, families).load();
}

}  // namespace lacuna
