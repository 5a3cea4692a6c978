#include "sim/tomato/tomato_axes.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/tomato/layer_hardware.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/field_writer.h"
#include "sim/yaml/nearest.h"
#include "sim/yaml/scalars.h"

namespace lacuna::tomato {
namespace {

using Json = nlohmann::ordered_json;

void check_format(const std::string& setting, const YamlNode& value, const std::string& path) {
  if (setting == "weights" || setting == "activations") {
    const ErrorPlace place = value.place(path);
    const FormatRequest request = parse_format_request(value.text, place);
    if (setting == "activations") {
      activation_format(request, 0.0);
    }
  }
}

/// Of these a machine has one.
bool is_throughput_goal(const std::string& key) {
  return key == "target_cycles_per_frame" || key == "target_frames_per_second" || key == "fill_device";
}

/// Sets one key of `balance`; a goal for the throughput takes the place of the one that is there.
void set_balance(const YamlNode& setting, TomatoArchitecture& architecture) {
  const YamlEntry& entry = setting.find("balance")->entries.front();
  YamlNode balance = single_entry(entry.key, entry.value);
  const Json old = architecture.balance ? FieldWriter::of(*architecture.balance) : Json::object();
  for (const auto& [key, value] : old.items()) {
    if (key != entry.key && !(is_throughput_goal(key) && is_throughput_goal(entry.key))) {
      YamlNode kept = entry.value;
      kept.text = value.dump();
      kept.quoted = false;
      balance.entries.push_back({key, 0, kept});
    }
  }
  BalanceConfig read;
  FieldReader::read_section(balance, "architecture.balance", read);
  architecture.balance = read;
}

/// A value of architecture.<path>, nested as in a configuration.
AxisValue parameter_value(const ArchitectureKey& key, const YamlNode& value, const std::string& path) {
  YamlNode setting = value;
  for (std::size_t i = key.path.size(); i-- > 0;) {
    setting = single_entry(key.path[i], setting);
  }
  TomatoArchitecture architecture;
  if (key.path.front() == "balance") {
    architecture.balance.emplace().fill_device = true;
    set_balance(setting, architecture);
  } else {
    FieldReader::read_section(setting, path, architecture);
  }
  check_exists(architecture.device);
  check_format(key.path.back(), value, path);
  Json json = FieldWriter::of(architecture);
  for (const std::string& each : key.path) {
    json = Json(json.at(each));
  }
  return {std::move(setting), std::move(json)};
}

LayerSettings& settings_of(TomatoArchitecture& architecture, const std::string& layer) {
  const auto found = std::find_if(architecture.layers.begin(), architecture.layers.end(),
                                  [&](const LayerSettings& each) { return each.layer == layer; });
  if (found != architecture.layers.end()) {
    return *found;
  }
  LayerSettings& added = architecture.layers.emplace_back();
  added.layer = layer;
  added.place = {{}, 0, "architecture.layers." + layer};
  return added;
}

void read_setting(const YamlNode& setting, LayerSettings& settings) {
  YamlNode with_name = setting;
  YamlNode name;
  name.kind = YamlNode::Kind::scalar;
  name.text = settings.layer;
  name.origin = setting.origin;
  with_name.entries.push_back({"layer", 0, name});
  FieldReader reader(with_name, {});
  LayerSettings::describe(settings, reader);
}

AxisValue layer_value(const ArchitectureKey& key, const YamlNode& value, const std::string& path) {
  YamlNode setting = single_entry(key.setting, value);
  LayerSettings settings;
  settings.layer = "any";
  YamlNode checked = setting;
  read_setting(checked, settings);
  check_format(key.setting, value, path);
  return {std::move(setting), FieldWriter::of(settings).at(key.setting)};
}

AxisValue network_value(const YamlNode& value, const std::string& path) {
  const FilePath file = read_file_path(value, path);
  check_exists(file);
  return {value, value.text};
}

std::vector<std::string> reached_layers(const ArchitectureKey& key, const Network& network,
                                        const ErrorPlace& place) {
  std::vector<std::string> reached;
  std::vector<std::string> candidates;
  for (const NetworkLayer& layer : network.layers) {
    if (has_setting(network, layer, key.setting)) {
      candidates.push_back(layer.name);
      if (matches(key.pattern, layer.name)) {
        reached.push_back(layer.name);
      }
    }
  }
  if (reached.empty()) {
    throw ConfigurationError(
        place, fmt::format("{} has no layer '{}' with {}", network.name, key.pattern, key.setting),
        suggest(key.pattern, candidates));
  }
  return reached;
}

ErrorPlace place_of_axis(const SweepDescription& description, std::size_t axis) {
  return key_place(description.document.find("axes")->items[axis], fmt::format("axes.{}", axis));
}

}  // namespace

std::vector<Axis> make_tomato_axes(const SweepDescription& description) {
  const auto memory = memory_section<TomatoMemory>(description.run);
  return make_axes(
      description,
      [&](const AxisConfig& config, const YamlNode& node, const std::string& path) -> AxisValueReader {
        if (config.key == "workload") {
          return network_value;
        }
        if (is_memory_key(config.key)) {
          return memory_axis_reader(config, key_place(node, path), memory);
        }
        const ArchitectureKey key = parse_architecture_key(config.key, key_place(node, path));
        return [key](const YamlNode& value, const std::string& at) {
          return key.is_of_layers() ? layer_value(key, value, at) : parameter_value(key, value, at);
        };
      });
}

AxisTargets::AxisTargets(const SweepDescription& description, const std::vector<Axis>& axes,
                         const Network& network) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (!is_of_machine(axes[i])) {
      continue;
    }
    const ErrorPlace place = place_of_axis(description, i);
    Target target{i, parse_architecture_key(axes[i].key, place), {}};
    if (target.key.is_of_layers()) {
      target.layers = reached_layers(target.key, network, place);
    }
    targets_.push_back(std::move(target));
  }
  check_overlaps(description);
  std::stable_partition(targets_.begin(), targets_.end(), [](const Target& each) {
    return each.key.is_pattern() || (!each.key.is_of_layers() && is_throughput_goal(each.key.path.back()));
  });
}

void AxisTargets::check_overlaps(const SweepDescription& description) const {
  const auto refuse = [&](const Target& target, const std::string& what) {
    throw ConfigurationError(place_of_axis(description, target.axis), what + " by two axes", "one of them");
  };
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    for (std::size_t j = i + 1; j < targets_.size(); ++j) {
      const ArchitectureKey& a = targets_[i].key;
      const ArchitectureKey& b = targets_[j].key;
      if (!a.is_of_layers() && !b.is_of_layers() && is_throughput_goal(a.path.back()) &&
          is_throughput_goal(b.path.back())) {
        refuse(targets_[j], "what the machine is balanced for is set");
      }
      if (a.is_of_layers() && b.is_of_layers() && a.setting == b.setting && a.is_pattern() &&
          b.is_pattern()) {
        const auto both = std::find_first_of(targets_[i].layers.begin(), targets_[i].layers.end(),
                                             targets_[j].layers.begin(), targets_[j].layers.end());
        if (both != targets_[i].layers.end()) {
          refuse(targets_[j], fmt::format("{} of layer {} is set", a.setting, *both));
        }
      }
    }
  }
}

void AxisTargets::apply(const std::vector<Axis>& axes, const Choices& choices,
                        TomatoArchitecture& architecture) const {
  for (const Target& target : targets_) {
    const YamlNode& setting = axes[target.axis].settings[choices[target.axis]];
    for (const std::string& layer : target.layers) {
      read_setting(setting, settings_of(architecture, layer));
    }
    if (!target.key.is_of_layers() && target.key.path.front() == "balance") {
      set_balance(setting, architecture);
    } else if (!target.key.is_of_layers()) {
      FieldReader reader(setting, {});
      TomatoArchitecture::describe(architecture, reader);
      architecture.device.place = {{}, 0, "architecture.device"};
    }
  }
}

}  // namespace lacuna::tomato
