#include "sim/search/run/search_file.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "models/common/version.h"
#include "sim/family/configuration.h"
#include "sim/search/block_operations.h"
#include "sim/search/run/document_digest.h"
#include "sim/training/quantised_layer.h"
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
    read_operations();
    read_machines();
    check_space();
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
    search_.places = places.size();
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

  /// Further types; a block is not named twice either.
  void read_operations() {
    for (std::size_t i = 0; i < search_.config.operations.size(); ++i) {
      const std::string path = fmt::format("search.operations.{}", i);
      const YamlNode& each = search_.config.operations[i];
      at_place(each.place(path), [&] {
        const BlockType type = operation_type(read_text(each, path));
        for (const BlockPlace& place : block_places(search_.skeleton)) {
          block_layers(type, place);
        }
        const bool twice = std::any_of(search_.types.begin(), search_.types.end(),
                                       [&](const BlockType& other) { return other.name == type.name; });
        if (twice) {
          throw ConfigurationError({}, fmt::format("'{}' stands here twice", type.name),
                                   "each operation once");
        }
        search_.types.push_back(type);
      });
    }
  }

  /// All combinations of a machine's choices, the last varying fastest.
  void read_variants(const SearchMachineConfig& machine, const std::string& path, SearchMachine& made) const {
    constexpr std::size_t most_variants = 1024;
    std::size_t count = 1;
    for (const SearchChoiceConfig& choice : machine.choices) {
      count *= choice.values.size();
      if (count > most_variants) {
        throw ConfigurationError({machine.place.file, machine.place.line, path + ".choices"},
                                 fmt::format("choices of more than {} machines", most_variants),
                                 "fewer values");
      }
    }
    for (std::size_t number = 0; number < count; ++number) {
      ConfigOverrides overrides;
      overrides.assigned_in = path + ".choices";
      overrides.directory = std::filesystem::path(machine.place.file).parent_path();
      std::size_t left = number;
      for (std::size_t i = machine.choices.size(); i-- > 0;) {
        const SearchChoiceConfig& choice = machine.choices[i];
        const YamlNode& value = choice.values[left % choice.values.size()];
        left /= choice.values.size();
        overrides.assignments.insert(overrides.assignments.begin(),
                                     choice.set + "=" + read_text(value, path + ".choices"));
      }
      MachineVariant& variant = made.variants.emplace_back();
      for (const std::string& assignment : overrides.assignments) {
        variant.text += (variant.text.empty() ? "" : " ") + assignment;
      }
      const YamlNode document = load_configuration(machine.run.resolved, overrides);
      variant.model = make_simulated_cost(document, families_, machine.place);
      variant.digest = digests_.of(document);
    }
  }

  void check_space() const {
    const bool some_take =
        std::any_of(search_.machines.begin(), search_.machines.end(),
                    [](const SearchMachine& machine) { return machine.takes_arithmetic(); });
    const auto check = [&](bool is_empty, const char* key) {
      if (!is_empty && !some_take) {
        throw ConfigurationError(node(key).place(fmt::format("search.{}", key)),
                                 fmt::format("no machine here has {} to choose", key),
                                 fmt::format("a machine whose layers have some, or no {}", key));
      }
    };
    check(search_.config.lanes.empty(), "lanes");
    check(search_.config.activations.empty(), "activations");
    for (std::size_t i = 0; i < search_.config.formats.size(); ++i) {
      if (!has_width(search_.config.formats[i].quantise())) {
        throw ConfigurationError(node("formats").items[i].place(fmt::format("search.formats.{}", i)),
                                 fmt::format("there is no {}", search_.config.formats[i].text()),
                                 "fixed and dynamic_fixed of 2 to 16 bits, shift 3 to 6, focused 4 to 7, "
                                 "ternary 2, binary 1");
      }
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
      check_exists(machine.run);
      SearchMachine& made = search_.machines.emplace_back();
      made.name = machine.name;
      read_variants(machine, path, made);
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
    if (config.are_quantised() == config.training->steps_when_quantised.empty()) {
      throw ConfigurationError(node("training").place("search.training.steps_when_quantised"),
                               !config.are_quantised()
                                   ? "stands without search.formats and search.activations"
                               : config.formats.empty() ? "is missing with search.activations"
                                                        : "is missing with search.formats",
                               "steps where weights or activations have formats, none where not");
    }
  }

  void make_digests() {
    const auto part = [&](std::initializer_list<const char*> keys) {
      std::string text = std::string(program_version()) + "\n" + program_commit();
      for (const char* key : keys) {
        const YamlNode* const found = section().find(key);
        text += fmt::format("\n{}: {}", key, found == nullptr ? "-" : digests_.of(*found));
      }
      return sha256_text(text);
    };
    search_.network_digest = part({"skeleton", "seed", "images", "density", "train"});
    search_.training_digest = part({"skeleton", "seed", "density", "train", "test", "training"});
    search_.digest = sha256_text(search_.network_digest + digests_.of(document_));
  }

  const YamlNode& document_;
  const Families& families_;
  mutable DocumentDigests digests_;
  Search search_;
};

}  // namespace

Search load_search(const YamlNode& document, const Families& families) {
  return SearchLoader(document, families).load();
}

}  // namespace lacuna
