#pragma once

#include <vector>

namespace lacuna {

/// e^x, sigmoid and hyperbolic tangent from additions, multiplications and divisions alone, so that they have
/// the same bits on every machine (the C library's differ between versions). Relative error below 1e-14.
double portable_exp(double x);
double portable_sigmoid(double x);
double portable_tanh(double x);

/// Softmax of a vector of finite numbers.
std::vector<float> softmax(const std::vector<float>& values);

}  // namespace lacuna
