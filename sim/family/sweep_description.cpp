#include "sim/family/sweep_description.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "sim/yaml/yaml_document.h"

namespace lacuna {
namespace {

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

}  // namespace

Axis make_axis(const AxisConfig& config, const YamlNode& node, const std::string& path,
               const AxisValueReader& read) {
  Axis axis;
  axis.key = config.key;
  if (axis.is_workload() && config.values.empty()) {
    throw ConfigurationError(node.place(path), "workloads have no order", "values: a list of workloads");
  }
  const std::string value_path = axis.is_workload() ? path + ".values" : path;
  std::vector<std::string> sorted;
  for (const YamlNode& each : expand(config, node, path)) {
    AxisValue value = read(each, value_path);
    std::string label = value.shown.is_string() ? value.shown.get<std::string>() : value.shown.dump();
    const auto place = std::lower_bound(sorted.begin(), sorted.end(), label);
    if (place != sorted.end() && *place == label) {
      throw ConfigurationError(each.place(value_path), fmt::format("{} comes twice", label),
                               "each value once");
    }
    sorted.insert(place, label);
    axis.settings.push_back(std::move(value.setting));
    axis.values.push_back(std::move(value.shown));
    axis.labels.push_back(std::move(label));
  }
  return axis;
}

ErrorPlace key_place(const YamlNode& axis, const std::string& path) {
  return (axis.find("key") == nullptr ? axis : *axis.find("key")).place(path + ".key");
}

YamlNode single_entry(const std::string& key, const YamlNode& value) {
  YamlNode node;
  node.kind = YamlNode::Kind::mapping;
  node.origin = value.origin;
  node.line = value.line;
  node.entries.push_back({key, value.line, value});
  return node;
}

void set_entry(YamlNode& mapping, const YamlEntry& entry) {
  if (YamlNode* old = mapping.find(entry.key)) {
    *old = entry.value;
  } else {
    mapping.entries.push_back(entry);
  }
}

YamlNode run_document(const YamlNode& sweep) {
  YamlNode document;
  document.kind = YamlNode::Kind::mapping;
  document.origin = sweep.origin;
  document.line = sweep.line;
  if (const YamlNode* base = sweep.find("base")) {
    document = load_yaml(read_file_path(*base, "base").resolved);
  }
  for (const YamlEntry& entry : sweep.entries) {
    YamlNode* const old = document.find(entry.key);
    const bool both_mappings =
        old != nullptr && old->kind == YamlNode::Kind::mapping && entry.value.kind == YamlNode::Kind::mapping;
    if (entry.key == "architecture" && both_mappings) {
      std::for_each(entry.value.entries.begin(), entry.value.entries.end(),
                    [&](const YamlEntry& each) { set_entry(*old, each); });
    } else if (entry.key == "architecture" || entry.key == "workload" || entry.key == "energy" ||
               entry.key == "seed") {
      set_entry(document, entry);
    }
  }
  return document;
}

std::vector<Axis> make_axes(const SweepDescription& description, const AxisReaderMaker& reader_of) {
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < description.settings.axes.size(); ++i) {
    const std::string path = fmt::format("axes.{}", i);
    const YamlNode& node = description.document.find("axes")->items[i];
    const AxisConfig& config = description.settings.axes[i];
    Axis axis = make_axis(config, node, path, reader_of(config, node, path));
    for (const Axis& other : axes) {
      if (other.key == axis.key) {
        throw ConfigurationError(key_place(node, path), axis.key + " varies on two axes", "each key once");
      }
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

std::vector<std::pair<std::string, YamlNode>> run_documents(
    const SweepDescription& description, const std::vector<Axis>& axes,
    const std::function<YamlNode(const YamlNode& value, const std::string& path)>& section_of) {
  std::vector<std::pair<std::string, YamlNode>> documents;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    for (std::size_t value = 0; axes[i].is_workload() && value < axes[i].size(); ++value) {
      const YamlNode& node = description.settings.axes[i].values[value];
      const YamlNode section = section_of(node, fmt::format("axes.{}.values.{}", i, value));
      YamlNode document = description.run;
      set_entry(document, {"workload", section.line, section});
      documents.emplace_back(axes[i].labels[value], std::move(document));
    }
  }
  if (documents.empty()) {
    documents.emplace_back("", description.run);
  }
  return documents;
}

}  // namespace lacuna
