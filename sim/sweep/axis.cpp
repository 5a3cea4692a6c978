#include "sim/sweep/axis.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "sim/config/field_reader.h"
#include "sim/config/field_writer.h"
#include "sim/config/nearest.h"

namespace lacuna {
namespace {

const std::string prefix = "architecture.";

std::vector<std::string> parameter_names() {
  std::vector<std::string> names;
  const auto parameters = FieldWriter::of(eie::Parameters());
  for (const auto& [key, value] : parameters.items()) {
    names.push_back(key);
  }
  return names;
}

/// The parameter that a key names.
std::string parameter_of(const std::string& key, const YamlNode& node, const std::string& path) {
  const ErrorPlace place = (node.find("key") == nullptr ? node : *node.find("key")).place(path + ".key");
  const std::vector<std::string> names = parameter_names();
  std::string name = key.rfind(prefix, 0) == 0 ? key.substr(prefix.size()) : key;
  if (key.rfind(prefix, 0) == 0 && std::find(names.begin(), names.end(), name) != names.end()) {
    return name;
  }
  std::vector<std::string> keys = {"workload"};
  std::transform(names.begin(), names.end(), std::back_inserter(keys),
                 [](const std::string& each) { return prefix + each; });
  throw ConfigurationError(place, fmt::format("'{}' is not a key that can vary", key.substr(0, 80)),
                           suggest(key, keys));
}

YamlNode scalar(const YamlNode& like, std::string text) {
  YamlNode node;
  node.kind = YamlNode::Kind::scalar;
  node.text = std::move(text);
  node.origin = like.origin;
  node.line = like.line;
  return node;
}

void check_count(double count, const YamlNode& node, const std::string& path) {
  if (!(count <= static_cast<double>(max_axis_values))) {
    throw ConfigurationError(node.place(path), fmt::format("gives {:.0f} values", count),
                             fmt::format("at most {}", max_axis_values));
  }
  if (count < 1.0) {
    throw ConfigurationError(node.place(path), "gives no value", "from at most to");
  }
}

std::vector<YamlNode> range_values(const RangeConfig& range, const YamlNode& node, const std::string& path) {
  constexpr double slack = 1e-9;  // of a step: 0.1, 0.2, 0.3 ends with 0.3
  const double count = std::floor((range.to - range.from) / range.step + slack) + 1.0;
  check_count(count, node, path);
  std::vector<YamlNode> values;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    values.push_back(scalar(node, fmt::format("{:.12g}", range.from + static_cast<double>(i) * range.step)));
  }
  return values;
}

std::vector<YamlNode> powers_of_two(const PowersOfTwoConfig& powers, const YamlNode& node,
                                    const std::string& path) {
  std::vector<YamlNode> values;
  for (std::uint64_t power = 1; power <= powers.to; power *= 2) {
    if (power >= powers.from) {
      values.push_back(scalar(node, fmt::format("{}", power)));
    }
  }
  check_count(static_cast<double>(values.size()), node, path);
  return values;
}

std::vector<YamlNode> expand(const AxisConfig& config, const YamlNode& node, const std::string& path) {
  if (config.range) {
    return range_values(*config.range, *node.find("range"), path + ".range");
  }
  if (config.powers_of_two) {
    return powers_of_two(*config.powers_of_two, *node.find("powers_of_two"), path + ".powers_of_two");
  }
  check_count(static_cast<double>(config.values.size()), node, path + ".values");
  return config.values;
}

YamlNode mapping(const std::string& key, const YamlNode& value) {
  YamlNode node;
  node.kind = YamlNode::Kind::mapping;
  node.origin = value.origin;
  node.line = value.line;
  node.entries.push_back({key, value.line, value});
  return node;
}

/// The value as results show it, checked by the parameter's own declaration.
std::string parameter_label(const YamlNode& setting, const std::string& name, const std::string& path) {
  eie::Parameters parameters;
  FieldReader::read_section(setting, path, parameters);
  const auto value = FieldWriter::of(parameters).at(name);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void check_new(const Axis& axis, const std::string& label, const YamlNode& value, const std::string& path) {
  if (std::find(axis.labels.begin(), axis.labels.end(), label) != axis.labels.end()) {
    throw ConfigurationError(value.place(path), fmt::format("{} comes twice", label), "each value once");
  }
}

void add_parameter_values(Axis& axis, const std::vector<YamlNode>& values, const std::string& name,
                          const std::string& path) {
  std::vector<std::string> sorted;
  for (const YamlNode& value : values) {
    YamlNode setting = mapping(name, value);
    std::string label = parameter_label(setting, name, path);
    const auto place = std::lower_bound(sorted.begin(), sorted.end(), label);
    if (place != sorted.end() && *place == label) {
      check_new(axis, label, value, path);
    }
    sorted.insert(place, label);
    axis.settings.push_back(std::move(setting));
    axis.labels.push_back(std::move(label));
  }
}

}  // namespace

Axis make_axis(const AxisConfig& config, const YamlNode& node, const std::string& path) {
  Axis axis;
  axis.key = config.key;
  if (axis.is_workload()) {
    if (config.values.empty()) {
      throw ConfigurationError(node.place(path), "workloads have no order", "values: a list of workloads");
    }
    for (const YamlNode& value : config.values) {
      check_new(axis, value.text, value, path + ".values");
      axis.labels.push_back(value.text);
    }
    return axis;
  }
  const std::string name = parameter_of(config.key, node, path);
  add_parameter_values(axis, expand(config, node, path), name, path);
  return axis;
}

YamlNode workload_section(const YamlNode& value, const std::string& path) {
  const std::string extension = std::filesystem::path(value.text).extension().string();
  std::string key;
  if (extension == ".yaml" || extension == ".yml") {
    key = "workload";
  } else if (extension == ".h5" || extension == ".hdf5") {
    key = "trace";
  } else {
    read_choice(value, path, benchmark_names());
    key = "benchmark";
  }
  YamlNode layers;
  layers.kind = YamlNode::Kind::sequence;
  layers.origin = value.origin;
  layers.line = value.line;
  layers.items.push_back(mapping(key, value));
  return mapping("layers", layers);
}

void apply(const Axis& axis, std::uint32_t choice, eie::Parameters& machine) {
  FieldReader reader(axis.settings[choice], {});
  eie::Parameters::describe(machine, reader);
}

}  // namespace lacuna
