#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/family/design_space.h"
#include "sim/tomato/device.h"
#include "sim/tomato/fpga_energy.h"
#include "sim/tomato/tomato_config.h"

namespace lacuna::tomato {

/// Names of all metrics of a point, in the order of result files. `counters.*` are those of
/// models/tomato/counters.h, summed over all units;
/// `memory.*` follow where there is a memory outside.
const std::vector<std::string>& tomato_metric_names(bool with_memory);

/// What a metric needs to be known.
bool is_energy_metric(std::string_view metric);
bool is_resource_metric(std::string_view metric);  ///< a device
bool is_value_metric(std::string_view metric);     ///< values
bool is_steady_metric(std::string_view metric);    ///< two frames
bool is_label_metric(std::string_view metric);     ///< the classes of the pictures

/// The metric that a name means: devices call their resources ALM, LUT, DSP, M20K or BRAM36, in any case of
/// letters. Other names, and those that the devices do not share, stay what they are.
std::string neutral_resource(std::string_view name, const DeviceSet& devices);

/// What the counts of a point (tomato_counts.h) mean for its machine; `table` is null without energy.
PointFigures tomato_figures(const nlohmann::ordered_json& counts, const TomatoArchitecture& machine,
                            const FpgaEnergyTable* table);

}  // namespace lacuna::tomato
