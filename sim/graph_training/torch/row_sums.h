#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace lacuna {

/// Rows of tensors [rows, channels] taken and added up by lists of row numbers, with gradients. All sums are
/// in the order of the list, as at::index_add's, which calls a kernel for each row: a loop over the channels
/// is what takes the time here.

/// Row i of the result is row `from[i]` of x.
at::Tensor rows_taken(const at::Tensor& x, const at::Tensor& from);

/// Row i of x is added to row `to[i]` of the result, which has `rows`.
at::Tensor rows_added(const at::Tensor& x, const at::Tensor& to, std::int64_t rows);

/// Row `from[i]` of x times `coefficients[i]` is added to row `to[i]` of the result, which has `rows`.
/// Coefficients [entries, heads]: each is that of as many channels side by side.
at::Tensor weighted_rows_added(const at::Tensor& x, const at::Tensor& coefficients, const at::Tensor& from,
                               const at::Tensor& to, std::int64_t rows);

}  // namespace lacuna
