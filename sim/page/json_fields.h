#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace lacuna::page {

using Json = nlohmann::ordered_json;

/// A member, or null when the value is no object or has no such member.
const Json& member(const Json& value, const std::string& key);

/// A number of at most 1e30 either way as such, everything else as nothing.
std::optional<double> number(const Json& value);

/// A scalar as a reader wants it: text as it is, numbers short, null as "-", lists and objects as JSON.
std::string scalar_text(const Json& value);

/// The same with every digit, for what was asked for rather than measured.
std::string exact_text(const Json& value);

/// Members of an object that are numbers of 0 or more, in the file's order.
std::vector<std::pair<std::string, double>> counts_of(const Json& value);

/// The numbers of a list; nothing when it is no list or has anything else or a negative number.
std::optional<std::vector<double>> counts_in_list(const Json& value);

}  // namespace lacuna::page
