#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lacuna {

/// Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`; both are cut to 64 characters.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// "did you mean 'X'?" for the candidate nearest to `word`, when one is near enough to be meant; otherwise
/// the list of candidates: "allowed: A, B, C".
std::string suggest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace lacuna
