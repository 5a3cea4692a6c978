#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace lacuna::page {

/// One self-contained HTML page about a result (schema lacuna.result/2, any family of machines): totals,
/// cycles and energy of each layer with where they go, the load of every PE, resources of every device, and
/// the configuration. Values that a result does not have leave their part out. Same result, same bytes.
std::string result_page(const nlohmann::ordered_json& result, const std::string& title);

/// The same about a sweep (schema lacuna.sweep-result/2): a picture for each pair of objectives with the
/// Pareto front marked, the front as a table, and the points that failed.
std::string sweep_page(const nlohmann::ordered_json& sweep, const std::string& title);

/// The same about a training (schema lacuna.training/1): loss and wrong classes over the epochs, what each
/// phase and each change of a search came to, and the recipe.
std::string training_page(const nlohmann::ordered_json& training, const std::string& title);

}  // namespace lacuna::page
