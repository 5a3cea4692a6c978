#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace lacuna::page {

/// One self-contained HTML page about a result (schema lacuna.result/2, any family of machines): totals,
/// cycles and energy of each layer with where they go, classes over time, the pipeline with its FIFOs and its
/// roofline, the load of every PE, resources of every device, and the configuration. Values that a result
/// does not have leave their part out. Pictures are drawn by Vega, which the page holds. Same result, same
/// bytes.
std::string result_page(const nlohmann::ordered_json& result, const std::string& title);

/// The same about a sweep (schema lacuna.sweep-result/2): pictures of any metric against any axis, with the
/// Pareto front marked, the front as a table, and the points that failed. Of sweeps too large for a page,
/// metrics and then points that are not on the front are left out, which the page says.
std::string sweep_page(const nlohmann::ordered_json& sweep, const std::string& title);

/// The same about a training (schema lacuna.training/1): loss and wrong classes over the epochs, what each
/// phase and each change of a search came to, and the recipe.
std::string training_page(const nlohmann::ordered_json& training, const std::string& title);

/// The same about a search (schema lacuna.search/1): what each filter rejected, pictures of any figure of the
/// candidates against any other, with the Pareto front marked, the networks that were trained or rank first,
/// and these layer by layer with their simulated cycles.
std::string search_page(const nlohmann::ordered_json& search, const std::string& title);

/// The same about two results: what differs in their configurations, their totals, and their layers side by
/// side.
std::string comparison_page(const nlohmann::ordered_json& first, const nlohmann::ordered_json& second,
                            const std::string& first_title, const std::string& second_title);

/// Program, engine and seed of a result or sweep, as HTML.
std::string about_line(const nlohmann::ordered_json& json);

}  // namespace lacuna::page
