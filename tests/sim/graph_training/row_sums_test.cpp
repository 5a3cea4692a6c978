#include "sim/graph_training/torch/row_sums.h"

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>
#include <catch2/catch.hpp>

#include "sim/data/random/random_stream.h"
#include "sim/graph_training/torch/graph_model.h"
#include "sim/graph_training/torch/graph_quantisers.h"

using namespace lacuna;

namespace {

constexpr std::int64_t entries = 400;
constexpr std::int64_t sources = 37;
constexpr std::int64_t targets = 23;  // one of them has no entry
constexpr std::int64_t channels = 12;

at::Tensor numbers(std::uint64_t number, std::int64_t rows, std::int64_t columns) {
  RandomStream stream(1, StreamPurpose::graph_weights, number);
  return drawn_weights(stream, rows, columns);
}

at::Tensor row_numbers(std::uint64_t number, std::int64_t below) {
  RandomStream stream(1, StreamPurpose::graph_candidate, number);
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < entries; ++i) {
    rows.push_back(stream.below(static_cast<std::uint32_t>(below)));
  }
  return indices_of(rows);
}

/// A copy that has gradients of its own.
at::Tensor learning(const at::Tensor& x) {
  return x.clone().requires_grad_(true);
}

void check_same(const at::Tensor& own, const at::Tensor& expected) {
  REQUIRE(own.sizes() == expected.sizes());
  CHECK(values_of(own) == values_of(expected));
}

}  // namespace

TEST_CASE("rows are taken and added up to the bit as libtorch's operators do, and so are their gradients") {
  const at::Tensor from = row_numbers(1, sources);
  const at::Tensor to = row_numbers(2, targets - 1);

  const at::Tensor x = learning(numbers(1, sources, channels));
  const at::Tensor same_x = learning(x.detach());
  const at::Tensor upper = numbers(2, entries, channels);
  const at::Tensor taken = rows_taken(x, from);
  const at::Tensor expected = same_x.index_select(0, from);
  check_same(taken, expected);
  taken.mul(upper).sum().backward();
  expected.mul(upper).sum().backward();
  check_same(x.grad(), same_x.grad());

  const at::Tensor rows = learning(upper);
  const at::Tensor same_rows = learning(upper);
  const at::Tensor weights = numbers(3, targets, channels);
  const at::Tensor sums = rows_added(rows, to, targets);
  const at::Tensor expected_sums = at::zeros({targets, channels}, at::kFloat).index_add(0, to, same_rows);
  check_same(sums, expected_sums);
  CHECK(sums[targets - 1].abs().max().item<float>() == 0.0F);
  sums.mul(weights).sum().backward();
  expected_sums.mul(weights).sum().backward();
  check_same(rows.grad(), same_rows.grad());
}

TEST_CASE("weighted rows are added up to the bit as products and sums of libtorch are, for each head") {
  const at::Tensor from = row_numbers(3, sources);
  const at::Tensor to = row_numbers(4, targets - 1);
  for (const std::int64_t heads : {1, 4}) {
    const at::Tensor x = learning(numbers(4, channels, sources));  // is used transposed
    const at::Tensor same_x = learning(x.detach());
    const at::Tensor coefficients = learning(numbers(5, entries, heads));
    const at::Tensor same_coefficients = learning(coefficients.detach());
    const at::Tensor weights = numbers(6, targets, channels);
    const at::Tensor sums = weighted_rows_added(x.t(), coefficients, from, to, targets);
    const at::Tensor products = same_x.t()
                                    .index_select(0, from)
                                    .reshape({-1, heads, channels / heads})
                                    .mul(same_coefficients.unsqueeze(2))
                                    .reshape({-1, channels});
    const at::Tensor expected = at::zeros({targets, channels}, at::kFloat).index_add(0, to, products);
    check_same(sums, expected);
    sums.mul(weights).sum().backward();
    expected.mul(weights).sum().backward();
    check_same(x.grad(), same_x.grad());
    check_same(coefficients.grad(), same_coefficients.grad());
  }
}
