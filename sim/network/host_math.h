#pragma once

#include <vector>

#include "models/common/portable_exp.h"

namespace lacuna {

/// Sigmoid and hyperbolic tangent, the same bits on every machine. Relative error below 1e-14.
double portable_sigmoid(double x);
double portable_tanh(double x);

/// Softmax of a vector of finite numbers.
std::vector<float> softmax(const std::vector<float>& values);

}  // namespace lacuna
