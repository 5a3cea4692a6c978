#include "sim/family/sweep_description.h"

#include <algorithm>

#include <fmt/format.h>

#include "sim/yaml/yaml_document.h"

namespace lacuna {

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
