#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/family/sweep_file.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// One thing that a sweep varies, with every value checked.
struct Axis {
  std::string key;                             ///< architecture.<parameter>, or workload
  std::vector<YamlNode> settings;              ///< the values as the machine's family reads them
  std::vector<nlohmann::ordered_json> values;  ///< the values as results show them, each of its own type
  std::vector<std::string> labels;             ///< the same as text

  bool is_workload() const { return key == "workload"; }
  std::size_t size() const { return labels.size(); }
};

/// The position that a design point takes on each axis.
using Choices = std::vector<std::uint32_t>;

/// Most values of one axis.
inline constexpr std::size_t max_axis_values = 65536;

/// A value as the machine's family reads it, and as results show it: a number, a boolean or a text.
struct AxisValue {
  YamlNode setting;
  nlohmann::ordered_json shown;
};

/// Checks a value; `path` is its dotted path. Throws ConfigurationError for what the key does not take.
using AxisValueReader = std::function<AxisValue(const YamlNode& value, const std::string& path)>;

/// Expands and checks an element of `axes`; `node` is where it was read from, `path` its dotted path. Throws
/// ConfigurationError for too many values or none, and for one that comes twice.
Axis make_axis(const AxisConfig& config, const YamlNode& node, const std::string& path,
               const AxisValueReader& read);

/// The place of an axis's key.
ErrorPlace key_place(const YamlNode& axis, const std::string& path);

/// A mapping with the one entry `key`: `value`.
YamlNode single_entry(const std::string& key, const YamlNode& value);

/// Sets `entry` in a mapping, in place of one with its key.
void set_entry(YamlNode& mapping, const YamlEntry& entry);

/// A sweep file, read but for what only its family of machines understands.
struct SweepDescription {
  YamlNode document;       ///< as written, the command line's changes applied
  YamlNode run;            ///< the base's run configuration with the sweep's own sections over it
  SweepSettings settings;  ///< what all sweeps have
};

/// The base's document with the sweep's own sections over it: `architecture` key by key, the others whole.
YamlNode run_document(const YamlNode& sweep);

/// Gives the reader of an axis's values. Throws ConfigurationError for a key that cannot vary.
using AxisReaderMaker =
    std::function<AxisValueReader(const AxisConfig& config, const YamlNode& node, const std::string& path)>;

/// Makes the axes of a sweep. Throws ConfigurationError, also for a key that varies on two axes.
std::vector<Axis> make_axes(const SweepDescription& description, const AxisReaderMaker& reader_of);

/// The run configuration of each workload: its label, and the document with the section that `section_of`
/// makes of the axis's value; one without a label when no axis varies workloads.
std::vector<std::pair<std::string, YamlNode>> run_documents(
    const SweepDescription& description, const std::vector<Axis>& axes,
    const std::function<YamlNode(const YamlNode& value, const std::string& path)>& section_of);

}  // namespace lacuna
