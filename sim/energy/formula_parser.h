#pragma once

#include <vector>

#include "sim/energy/formula.h"
#include "sim/yaml/scalars.h"

namespace lacuna {

/// The steps of a formula, operands before their operators. Throws ConfigurationError, with the place of the
/// text, for what is no formula or uses a name that is not in `names`.
std::vector<FormulaStep> parse_formula(const FormulaText& text, const SymbolNames& names);

}  // namespace lacuna
