#include "sim/graph_training/torch/row_sums.h"

#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

namespace lacuna {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

at::Tensor added(const at::Tensor& x, const at::Tensor& to, std::int64_t rows) {
  const at::Tensor plain = x.contiguous();
  const std::int64_t channels = plain.size(1);
  at::Tensor sums = at::zeros({rows, channels}, at::kFloat);
  const std::int64_t* const row = to.data_ptr<std::int64_t>();
  const float* own = plain.data_ptr<float>();
  float* const first = sums.data_ptr<float>();
  for (std::int64_t i = 0; i < to.numel(); ++i, own += channels) {
    float* const sum = first + row[i] * channels;
    for (std::int64_t c = 0; c < channels; ++c) {
      sum[c] += own[c];
    }
  }
  return sums;
}

at::Tensor weighted_added(const at::Tensor& x, const at::Tensor& coefficients, const at::Tensor& from,
                          const at::Tensor& to, std::int64_t rows) {
  const at::Tensor plain = x.contiguous();
  const at::Tensor factors = coefficients.contiguous();
  const std::int64_t channels = plain.size(1);
  const std::int64_t heads = factors.size(1);
  const std::int64_t width = channels / heads;
  at::Tensor sums = at::zeros({rows, channels}, at::kFloat);
  const std::int64_t* const source = from.data_ptr<std::int64_t>();
  const std::int64_t* const target = to.data_ptr<std::int64_t>();
  const float* const values = plain.data_ptr<float>();
  const float* factor = factors.data_ptr<float>();
  float* const first = sums.data_ptr<float>();
  for (std::int64_t i = 0; i < from.numel(); ++i) {
    const float* own = values + source[i] * channels;
    float* sum = first + target[i] * channels;
    for (std::int64_t head = 0; head < heads; ++head, ++factor, own += width, sum += width) {
      const float times = *factor;
      for (std::int64_t c = 0; c < width; ++c) {
        sum[c] += own[c] * times;
      }
    }
  }
  return sums;
}

struct RowsTaken : Function<RowsTaken> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& from) {
    context->saved_data["from"] = from;
    context->saved_data["rows"] = x.size(0);
    return x.index_select(0, from);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {added(gradients[0], context->saved_data["from"].toTensor(), context->saved_data["rows"].toInt()),
            at::Tensor()};
  }
};

struct RowsAdded : Function<RowsAdded> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& to,
                            std::int64_t rows) {
    context->saved_data["to"] = to;
    return added(x, to, rows);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {gradients[0].index_select(0, context->saved_data["to"].toTensor()), at::Tensor(), at::Tensor()};
  }
};

struct WeightedRowsAdded : Function<WeightedRowsAdded> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& coefficients,
                            const at::Tensor& from, const at::Tensor& to, std::int64_t rows) {
    context->save_for_backward({x, coefficients, from, to});
    return weighted_added(x, coefficients, from, to, rows);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::Tensor& coefficients = saved[1];
    const at::Tensor& from = saved[2];
    const at::Tensor& to = saved[3];
    const at::Tensor& gradient = gradients[0];
    variable_list result(5);
    if (context->needs_input_grad(0)) {
      result[0] = weighted_added(gradient, coefficients, to, from, x.size(0));
    }
    if (context->needs_input_grad(1)) {
      result[1] = gradient.index_select(0, to)
                      .mul(x.index_select(0, from))
                      .reshape({coefficients.size(0), coefficients.size(1), -1})
                      .sum(2);
    }
    return result;
  }
};

}  // namespace

at::Tensor rows_taken(const at::Tensor& x, const at::Tensor& from) {
  return RowsTaken::apply(x, from);
}

at::Tensor rows_added(const at::Tensor& x, const at::Tensor& to, std::int64_t rows) {
  return RowsAdded::apply(x, to, rows);
}

at::Tensor weighted_rows_added(const at::Tensor& x, const at::Tensor& coefficients, const at::Tensor& from,
                               const at::Tensor& to, std::int64_t rows) {
  return WeightedRowsAdded::apply(x, coefficients, from, to, rows);
}

}  // namespace lacuna
