#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sim/family/axis.h"
#include "sim/family/sweep_file.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

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
