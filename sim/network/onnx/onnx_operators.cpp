#include "sim/network/onnx/onnx_operators.h"

#include <fmt/format.h>

#include "sim/network/onnx/onnx_network.h"

namespace lacuna {

const std::vector<OnnxOperator>& onnx_operators() {
  namespace fold = onnx_folding;
  namespace lower = onnx_lowering;
  static const char* const values = "nothing: constants are computed when the model is read";
  static const char* const moves = "another view of the same layer; a rearrange layer where a layer needs it";
  static const char* const host = "elementwise (host)";
  static const std::vector<OnnxOperator> all = {
      {"Abs", "", host, "", lower::element_function, fold::unary},
      {"Add", "", "add; of a constant: the bias of the layer before, or batch_normalization",
       "constants for each channel (or position of a vector); opset 1 to 6 with broadcast", lower::arithmetic,
       fold::binary},
      {"And", "", values, "of constants", nullptr, fold::binary},
      {"AveragePool", "", "average_pooling", "one or two dimensions in space", lower::average_pool, nullptr},
      {"BatchNormalization", "", "merged into the layer before, or batch_normalization",
       "as it infers; all opsets; spatial", lower::batch_normalization, nullptr},
      {"BipolarQuant", "qonnx.custom_op.general",
       "elementwise quantise_down and a factor; of weights: their signs", "constant scale",
       lower::bipolar_quant, fold::quant},
      {"Cast", "", "nothing",
       "to float32, float64 and float16 (not rounded); of constants to all but bfloat16", lower::cast,
       fold::cast},
      {"Clip", "", "relu, relu6 or elementwise clip (host)", "constant limits, one or both", lower::clip,
       fold::unary},
      {"Concat", "", "concat", "of what depends on the input; of constants", lower::concat, fold::concat},
      {"Constant", "", values, "dense", nullptr, fold::constant},
      {"ConstantOfShape", "", values, "", nullptr, fold::constant_of_shape},
      {"Conv", "", "convolution",
       "one or two dimensions in space, constant weights, groups; dilated kernels are written with their "
       "zeros",
       lower::conv, nullptr},
      {"DepthToSpace", "", moves, "modes DCR and CRD", lower::depth_to_space, nullptr},
      {"DequantizeLinear", "", values, "of constants, whole or by axis", nullptr, fold::dequantize},
      {"Div", "", "as Mul", "by a constant", lower::arithmetic, fold::binary},
      {"Dropout", "", "nothing", "as it infers; without its mask", lower::dropout, lower::dropout},
      {"Elu", "", host, "", lower::element_function, nullptr},
      {"Equal", "", values, "of constants", nullptr, fold::binary},
      {"Exp", "", host, "", lower::element_function, fold::unary},
      {"Expand", "", moves, "", lower::expand, fold::expand},
      {"Flatten", "", moves, "any axis", lower::flatten, fold::flatten},
      {"Floor", "", values, "of constants", nullptr, fold::unary},
      {"GRU", "", "gru, one for each direction", "as LSTM; linear_before_reset 0 and 1", lower::gru, nullptr},
      {"Gather", "", moves, "one index or evenly spaced ones; any of constants", lower::gather, fold::gather},
      {"Gemm", "", "fully_connected, or a 1x1 convolution over the vectors of an image",
       "a constant factor; transA, transB, alpha, beta; a bias for each output", lower::gemm, nullptr},
      {"GlobalAveragePool", "", "global_average_pooling", "", lower::global_average_pool, nullptr},
      {"GlobalMaxPool", "", "max_pooling", "at most 1024 x 1024", lower::global_max_pool, nullptr},
      {"Greater", "", values, "of constants", nullptr, fold::binary},
      {"HardSigmoid", "", host, "", lower::element_function, nullptr},
      {"HardSwish", "", host, "", lower::element_function, nullptr},
      {"Identity", "", "nothing", "", lower::pass, fold::pass},
      {"LRN", "", "local_response_normalization (host)", "", lower::local_response_normalization, nullptr},
      {"LSTM", "", "lstm, one for each direction",
       "constant weights; forward, reverse, bidirectional; Y, Y_h; a constant initial state, the same for "
       "all "
       "images; the default functions; layout 0 and 1; no peepholes, clip or lengths",
       lower::lstm, nullptr},
      {"LeakyRelu", "", host, "", lower::element_function, nullptr},
      {"Less", "", values, "of constants", nullptr, fold::binary},
      {"LogSoftmax", "", "log_softmax (host)", "any axis, as the opset has it", lower::softmax, nullptr},
      {"MatMul", "", "as Gemm", "one constant factor, a matrix or vector, on either side", lower::matmul,
       nullptr},
      {"Max", "", values, "of constants", nullptr, fold::binary},
      {"MaxPool", "", "max_pooling", "one or two dimensions in space, no dilation, without its indices",
       lower::max_pool, nullptr},
      {"Min", "", values, "of constants", nullptr, fold::binary},
      {"Mul", "", "multiply (host); by a constant: merged into the layer before, or batch_normalization",
       "constants as for Add", lower::arithmetic, fold::binary},
      {"MultiThreshold", "finn.custom_op.general", "batch_normalization and elementwise quantise_down",
       "evenly spaced constant thresholds, the same distance in all channels", lower::multi_threshold,
       nullptr},
      {"Neg", "", "as Mul by -1", "", lower::negate, fold::unary},
      {"Not", "", values, "of constants", nullptr, fold::unary},
      {"Or", "", values, "of constants", nullptr, fold::binary},
      {"PRelu", "", "elementwise leaky_relu (host), or two branches", "a constant slope for each channel",
       lower::prelu, nullptr},
      {"Pad", "", "pad (host); of zeros before Conv: the convolution's padding",
       "mode constant, along at most two axes", lower::pad, nullptr},
      {"Pow", "", values, "of constants", nullptr, fold::binary},
      {"Quant", "qonnx.custom_op.general", "elementwise quantise; of weights: their rounded values",
       "constant scale, zero point and width; rounding ROUND or FLOOR", lower::quant, fold::quant},
      {"Range", "", values, "of constants", nullptr, fold::range},
      {"Reciprocal", "", values, "of constants", nullptr, fold::unary},
      {"ReduceMax", "", "max_pooling", "at most 1024 x 1024; any of constants", lower::reduce_max,
       fold::reduce},
      {"ReduceMean", "", "global_average_pooling", "any axes but the images'", lower::reduce_mean,
       fold::reduce},
      {"ReduceMin", "", values, "of constants", nullptr, fold::reduce},
      {"ReduceProd", "", values, "of constants", nullptr, fold::reduce},
      {"ReduceSum", "", "global_average_pooling and its count as a factor", "any axes but the images'",
       lower::reduce_sum, fold::reduce},
      {"Relu", "", "the activation of the layer before, or relu", "", lower::relu, fold::unary},
      {"Reshape", "", moves, "a constant shape", lower::reshape, fold::reshape},
      {"Selu", "", "elementwise elu (host) and a factor", "", lower::selu, nullptr},
      {"Shape", "", values, "of what depends on the input too", lower::shape, fold::shape},
      {"Sigmoid", "", host, "", lower::element_function, nullptr},
      {"Size", "", values, "of what depends on the input too", lower::size, fold::size},
      {"Slice", "", moves, "constant limits, any step", lower::slice, fold::slice},
      {"Softmax", "", "softmax (host)", "any axis, as the opset has it", lower::softmax, nullptr},
      {"Softplus", "", host, "", lower::element_function, nullptr},
      {"Softsign", "", host, "", lower::element_function, nullptr},
      {"SpaceToDepth", "", moves, "", lower::space_to_depth, nullptr},
      {"Split", "", moves, "equal or constant parts", lower::split, nullptr},
      {"Sqrt", "", values, "of constants", nullptr, fold::unary},
      {"Squeeze", "", moves, "", lower::squeeze, fold::squeeze},
      {"Sub", "", "as Add", "", lower::arithmetic, fold::binary},
      {"Sum", "", "add", "", lower::sum, nullptr},
      {"Tanh", "", host, "", lower::element_function, nullptr},
      {"Transpose", "", moves, "", lower::transpose, fold::transpose},
      {"Unsqueeze", "", moves, "", lower::unsqueeze, fold::unsqueeze},
      {"Where", "", values, "of constants", nullptr, fold::where},
  };
  return all;
}

std::string onnx_operator_table() {
  std::string table = "| operator | becomes | what of it is read |\n|---|---|---|\n";
  for (const OnnxOperator& each : onnx_operators()) {
    const std::string domain = each.domain;
    table += fmt::format("| `{}`{} | {} | {} |\n", each.name, domain.empty() ? "" : " (" + domain + ")",
                         each.becomes, each.limits);
  }
  return table;
}

}  // namespace lacuna
