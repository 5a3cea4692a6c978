#include "sim/network/onnx/onnx_network.h"

#include <cmath>
#include <filesystem>
#include <functional>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/data/import/npy_arrays.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/onnx/onnx_tensor.h"
#include "sim/network/reference.h"
#include "sim/network/write_network.h"
#include "tests/file_bytes.h"
#include "tests/sim/network/onnx/onnx_values.h"

using namespace lacuna;

namespace {

const std::string models = LACUNA_SOURCE_DIR "/tests/sim/network/onnx/models/";

/// The model's input file, channels first as ONNX has it, as a tensor.
Tensor read_input(const std::string& name, const TensorShape& shape) {
  const std::vector<float> values = to_floats(read_npy(models + name + "_input.npy"));
  Tensor tensor(shape);
  for (std::size_t c = 0; c < shape.channels; ++c) {
    for (std::size_t p = 0; p < shape.pixels(); ++p) {
      tensor.values[p * shape.channels + c] =
          shape.width == 1 ? values[p * shape.channels + c] : values[c * shape.pixels() + p];
    }
  }
  return tensor;
}

void check_against_numpy(const std::string& name, const Network& network) {
  const Tensor input = read_input(name, network.layers.front().shape);
  const std::vector<Tensor> outputs = Reference(network).run(input);
  const std::vector<float> expected = to_floats(read_npy(models + name + "_output.npy"));
  REQUIRE(outputs.back().values.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(outputs.back().values[i] == Approx(expected[i]).margin(2e-6));
  }
}

/// Runs NAME.onnx of a folder with NAME_x.npy and compares with NAME_expected.npy, in the model's own shapes.
void check_model(const std::string& folder, const std::string& name, const OnnxChoices& choices = {}) {
  INFO(name);
  const OnnxImport model = import_onnx(folder + name + ".onnx", choices);
  const NpyArray expected = read_npy(folder + name + "_expected.npy");
  const std::vector<float> wanted = to_floats(expected);
  const std::vector<float> values = test::onnx_values(model, to_floats(read_npy(folder + name + "_x.npy")));
  CHECK(test::onnx_output_shape(model) == expected.shape);
  REQUIRE(values.size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    CHECK(values[i] == Approx(wanted[i]).margin(2e-6));
  }
  // Written and read again it is the same.
  const test::TemporaryFolder written;
  write_network(model.network, {}, written.file("network"));
  OnnxImport again = model;
  again.network = load_network(written.file("network") + "/network.yaml");
  load_weights(again.network);
  CHECK(test::onnx_values(again, to_floats(read_npy(folder + name + "_x.npy"))) == values);
}

const std::string field = LACUNA_SOURCE_DIR "/tests/sim/network/onnx/field/";

const std::string exports = LACUNA_SOURCE_DIR "/tests/sim/network/onnx/exports/";

using Change = std::function<void(onnx::ModelProto&)>;

/// The message with which a changed model of a folder is refused; empty when it is not.
std::string refusal_in(const std::string& from, const std::string& name, const Change& change) {
  const test::Bytes bytes = test::read_all(from + name + ".onnx");
  onnx::ModelProto model;
  REQUIRE(model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  change(model);
  const test::TemporaryFolder folder;
  const std::string path = folder.write("changed.onnx", model.SerializeAsString());
  return test::message_of<Error>([&path] { read_onnx(path); });
}

std::string refusal(const std::string& name, const Change& change) {
  return refusal_in(models, name, change);
}

onnx::NodeProto& node(onnx::ModelProto& model, const std::string& type) {
  for (onnx::NodeProto& each : *model.mutable_graph()->mutable_node()) {
    if (each.op_type() == type) {
      return each;
    }
  }
  throw std::logic_error("no such node");
}

onnx::AttributeProto& attribute(onnx::NodeProto& node, const std::string& name) {
  for (onnx::AttributeProto& each : *node.mutable_attribute()) {
    if (each.name() == name) {
      return each;
    }
  }
  onnx::AttributeProto* added = node.add_attribute();
  added->set_name(name);
  added->set_type(onnx::AttributeProto::INT);
  return *added;
}

}  // namespace

TEST_CASE("a convolutional network computes what NumPy computes") {
  const Network network = read_onnx(models + "cnn.onnx");
  // Batch normalisation, activations, the bias and what no output needs are no layers of their own.
  std::vector<std::string> kinds;
  for (const NetworkLayer& layer : network.layers) {
    kinds.emplace_back(kind_name(layer.kind));
  }
  CHECK(kinds == std::vector<std::string>{"input", "convolution", "convolution", "convolution", "concat",
                                          "convolution", "add", "max_pooling", "average_pooling", "flatten",
                                          "fully_connected", "fully_connected", "softmax"});
  CHECK(network.layers[3].groups == 2);
  CHECK(network.layers[3].activation == Activation::relu6);
  check_against_numpy("cnn", network);
}

TEST_CASE("an LSTM computes what NumPy computes") {
  check_against_numpy("lstm", read_onnx(models + "lstm.onnx"));
}

TEST_CASE("an imported network is written as a folder that reads back the same") {
  for (const std::string name : {"cnn", "lstm"}) {
    const test::TemporaryFolder folder;
    write_network(read_onnx(models + name + ".onnx"), {}, folder.file("network"));
    Network network = load_network(folder.file("network") + "/network.yaml");
    load_weights(network);
    check_against_numpy(name, network);
  }
}

TEST_CASE("a model that threads read together is the same, and its first failure is told") {
  constexpr int outputs = 160;
  constexpr int channels = 256;
  onnx::ModelProto model;
  model.add_opset_import()->set_version(13);
  onnx::GraphProto& graph = *model.mutable_graph();
  onnx::ValueInfoProto* x = graph.add_input();
  x->set_name("x");
  x->mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  for (const int extent : {1, channels, 8, 8}) {
    x->mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_value(extent);
  }
  onnx::NodeProto* const convolution = graph.add_node();
  convolution->set_op_type("Conv");
  convolution->add_output("y");
  graph.add_output()->set_name("y");
  for (const char* name : {"x", "w", "b"}) {
    convolution->add_input(name);
  }
  onnx::TensorProto* const weights = graph.add_initializer();
  onnx::TensorProto* const biases = graph.add_initializer();
  for (onnx::TensorProto* tensor : {weights, biases}) {
    tensor->set_data_type(onnx::TensorProto::FLOAT);
    tensor->add_dims(outputs);
    tensor->set_name(tensor == weights ? "w" : "b");
  }
  for (const int extent : {channels, 3, 3}) {
    weights->add_dims(extent);
  }
  for (int i = 0; i < outputs * channels * 9; ++i) {
    weights->add_float_data(static_cast<float>(i % 1009) - 504.0F);
  }
  for (int i = 0; i < outputs; ++i) {
    biases->add_float_data(static_cast<float>(i));
  }
  const test::TemporaryFolder folder;
  const std::string path = folder.write("large.onnx", model.SerializeAsString());
  const LayerWeights one = *read_onnx(path).layers.at(1).weights;
  CHECK(one.values[1] == Approx(9.0 - 504.0));  // the next channel of the same place
  weights->clear_float_data();
  biases->clear_float_data();
  const std::string broken = folder.write("broken.onnx", model.SerializeAsString());
  OnnxChoices choices;
  for (choices.threads = 2; choices.threads <= 3; ++choices.threads) {
    const LayerWeights several = *import_onnx(path, choices).network.layers.at(1).weights;
    CHECK(several.values == one.values);
    CHECK(several.bias == one.bias);
    CHECK_THAT(test::message_of<InputDataError>([&] { import_onnx(broken, choices); }),
               Catch::Contains("tensor w"));
  }
}

TEST_CASE("a network that threads write together is the same bytes, and its first failure is told") {
  const test::TemporaryFolder folder;
  const Network network = read_onnx(models + "cnn.onnx");
  write_network(network, {}, folder.file("one"));
  write_network(network, {}, folder.file("two"), {}, 2);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.file("one"))) {
    const std::string name = entry.path().filename().string();
    INFO(name);
    CHECK(test::read_whole(folder.file("two/" + name)) == test::read_whole(entry.path().string()));
    ++files;
  }
  CHECK(files > 10);
  for (const char* taken : {"002_weights.npy", "003_weights.npy", "005_weights.npy"}) {
    std::filesystem::create_directories(folder.file("three/" + std::string(taken)) + "/taken");
  }
  for (const std::size_t threads : {1, 2}) {
    CHECK_THAT(test::message_of<InputDataError>(
                   [&] { write_network(network, {}, folder.file("three"), {}, threads); }),
               Catch::Contains("002_weights.npy"));
  }
}

TEST_CASE("models of the field are right to the standard") {
  for (const std::string name : {"add_c11", "bias_through_identity", "clip_relu", "concat_last_axis",
                                 "float16_int32_data", "long_graph_name", "lstm_acts", "lstm_reshape",
                                 "lstm_yh", "lstm_zero_state", "tokens_dropped", "unused_input"}) {
    check_model(field, name);
  }
}

TEST_CASE("a bias of the batch and an operator of another domain are refused") {
  CHECK_THROWS_WITH(read_onnx(field + "gemm_column_bias.onnx"),
                    Catch::Contains("(Gemm): a constant of the shape [4, 1] has one number for each image"));
  CHECK_THROWS_WITH(read_onnx(field + "foreign_domain_relu.onnx"),
                    Catch::Contains("(Relu): an operator of the domain com.acme"));
}

TEST_CASE("models as exporters write them compute what NumPy computes") {
  for (const std::string name :
       {"mnist_8", "keras_cnn", "keras_lstm", "torch_bilstm", "bilstm_last", "residual_old", "geometry",
        "shuffle", "tokens", "softmax_opset_11", "binary", "qonnx", "lstm_state", "keras_gru", "torch_gru"}) {
    check_model(exports, name);
  }
}

TEST_CASE("one of two outputs is chosen, open sizes are fixed") {
  OnnxChoices choices;
  CHECK_THROWS_WITH(import_onnx(exports + "two_outputs.onnx", choices),
                    Catch::Contains("2 outputs: y, hidden"));
  choices.output = "y";
  CHECK_THROWS_WITH(import_onnx(exports + "two_outputs.onnx", choices),
                    Catch::Contains("dimension 1 of the input x is open; --input-shape"));
  add_input_shape("x=1x4", "--input-shape", choices);
  check_model(exports, "two_outputs", choices);
  choices.output = "hidden";
  const Network network = import_onnx(exports + "two_outputs.onnx", choices).network;
  CHECK(network.layers.size() == 2);
  CHECK(network.layers.back().activation == Activation::none);
  choices.output = "other";
  CHECK_THROWS_AS(import_onnx(exports + "two_outputs.onnx", choices), ConfigurationError);
  for (const char* wrong : {"", "x", "1x", "1x0", "a=", "1x4x-1", "9999999999"}) {
    OnnxChoices none;
    CHECK_THROWS_AS(add_input_shape(wrong, "--input-shape", none), ConfigurationError);
  }
}

TEST_CASE("layouts of exporters leave no layers behind") {
  std::vector<std::string> kinds;
  for (const NetworkLayer& layer : read_onnx(exports + "keras_cnn.onnx").layers) {
    kinds.emplace_back(kind_name(layer.kind));
  }
  CHECK(kinds == std::vector<std::string>{"input", "batch_normalization", "convolution", "elementwise",
                                          "batch_normalization", "max_pooling", "flatten", "fully_connected",
                                          "softmax"});
  CHECK(read_onnx(exports + "mnist_8.onnx").layers.size() == 7);
}

TEST_CASE("tokens are vectors of their own") {
  const Network network = read_onnx(field + "tokens_dropped.onnx");
  CHECK(network.layers.size() == 2);
  CHECK(network.layers[1].shape == TensorShape{6, 1, 3});
  CHECK(network.layers[1].shape.pixels() * weight_count(network.layers[1], network.layers[0].shape) == 72);
}

TEST_CASE("names are cut between characters") {
  CHECK(onnx_name("\xe6\xa8\xa1\xe5\x9e\x8b", 5) == "\xe6\xa8\xa1");
  CHECK(onnx_name("a\nb\xff\xc3") == "a_b__");
  CHECK(read_onnx(field + "long_graph_name.onnx").name.size() == 198);
}

TEST_CASE("what the importer does not know it names and refuses") {
  const auto refused = [](const Change& change) { return refusal("cnn", change); };
  CHECK(refused([](onnx::ModelProto&) {}).empty());
  CHECK_THAT(refused([](auto& m) { node(m, "Relu").set_op_type("Erf"); }),
             Catch::Contains("(Erf): the operator is not supported; those of lacuna import --operators"));
  CHECK_THAT(refused([](auto& m) {
               const std::string branch = node(m, "Concat").input(1);
               for (onnx::NodeProto& each : *m.mutable_graph()->mutable_node()) {
                 if (each.output(0) == branch) {
                   each.set_op_type("Sum");
                   each.clear_attribute();
                   each.clear_input();
                   each.add_input(m.graph().initializer(0).name());
                 }
               }
             }),
             Catch::Contains("(Sum): adds constants alone; an operand that depends on the network's input"));
  CHECK_THAT(refused([](auto& m) { attribute(node(m, "Gemm"), "transA").set_i(1); }),
             Catch::Contains("1 inputs and a matrix of 36 inputs"));
  CHECK_THAT(refused([](auto& m) { attribute(node(m, "Conv"), "strange").set_i(1); }),
             Catch::Contains("node conv1 (Conv): the attribute strange is not supported"));
  CHECK_THAT(refused([](auto& m) { attribute(node(m, "Conv"), "kernel_shape").set_ints(0, 5); }),
             Catch::Contains("kernel_shape is [5, 3]"));
  CHECK_THAT(refused([](auto& m) { attribute(node(m, "Concat"), "axis").set_i(2); }),
             Catch::Contains("for 6 channels in 1 groups"));
  CHECK_THAT(refused([](auto& m) { node(m, "MatMul").set_input(1, "gr"); }),
             Catch::Contains("both factors depend on the network's input"));
  CHECK_THAT(refused([](auto& m) { node(m, "Softmax").set_input(0, "nowhere"); }),
             Catch::Contains("the value nowhere is made by no node"));
  CHECK_THAT(refused([](auto& m) { m.mutable_graph()->add_output()->set_name("r1"); }),
             Catch::Contains("2 outputs"));
  CHECK_THAT(refused([](auto& m) { m.mutable_graph()->mutable_output(0)->set_name("nothing"); }),
             Catch::Contains("the value nothing is made by no node"));
  CHECK_THAT(
      refused([](auto& m) { attribute(node(m, "Conv"), "group").set_type(onnx::AttributeProto::FLOAT); }),
      Catch::Contains("the attribute group has another type; INT"));
  CHECK_THAT(refused([](auto& m) {
               m.mutable_graph()
                   ->mutable_input(0)
                   ->mutable_type()
                   ->mutable_tensor_type()
                   ->mutable_shape()
                   ->mutable_dim(2)
                   ->set_dim_param("h");
             }),
             Catch::Contains("dimension 2 of the input x is open; --input-shape"));
}

TEST_CASE("damaged constants are named") {
  const auto refused = [](const std::function<void(onnx::TensorProto&)>& change) {
    return refusal("cnn", [&change](onnx::ModelProto& model) {
      change(*model.mutable_graph()->mutable_initializer(0));
    });
  };
  CHECK_THAT(refused([](auto& t) { t.mutable_raw_data()->pop_back(); }), Catch::Contains("tensor w1: holds"));
  CHECK_THAT(refused([](auto& t) { t.set_dims(0, -1); }), Catch::Contains("a dimension of -1"));
  CHECK_THAT(refused([](auto& t) { t.set_dims(0, INT64_MAX); }), Catch::Contains("too many elements"));
  CHECK_THAT(refused([](auto& t) { t.set_dims(0, 1 << 20), t.set_dims(1, 1 << 20); }),
             Catch::Contains("too many elements"));
  CHECK_THAT(refused([](auto& t) { t.set_data_type(onnx::TensorProto::STRING); }), Catch::Contains("STRING"));
  CHECK_THAT(refused([](auto& t) { t.set_data_location(onnx::TensorProto::EXTERNAL); }),
             Catch::Contains("lies in the file \"\""));
  CHECK_THAT(
      refused([](auto& t) { (*t.mutable_raw_data())[3] = '\x7f', (*t.mutable_raw_data())[2] = '\xc0'; }),
      Catch::Contains("is not finite"));
}

TEST_CASE("numbers of every type are read") {
  onnx::TensorProto tensor;
  OnnxTensorNotes notes;
  tensor.add_dims(3);
  tensor.set_data_type(onnx::TensorProto::FLOAT16);
  tensor.set_raw_data(std::string("\x00\x3c\x00\xc0\x01\x00", 6));
  CHECK(onnx_tensor(tensor, "", notes).reals == std::vector<float>{1.0F, -2.0F, std::ldexp(1.0F, -24)});
  tensor.clear_raw_data();
  tensor.set_data_type(onnx::TensorProto::DOUBLE);
  tensor.add_double_data(0.5), tensor.add_double_data(-3.0), tensor.add_double_data(1e-3);
  CHECK(onnx_tensor(tensor, "", notes).reals == std::vector<float>{0.5F, -3.0F, 1e-3F});
  CHECK(notes.narrowed);  // 1e-3
  tensor.set_data_type(onnx::TensorProto::INT32);
  CHECK_THROWS_AS(onnx_tensor(tensor, "", notes), InputDataError);
  tensor.add_int32_data(-7), tensor.add_int32_data(0), tensor.add_int32_data(9);
  CHECK(onnx_tensor(tensor, "", notes).integers == std::vector<std::int64_t>{-7, 0, 9});
}

TEST_CASE("LSTM variants are refused by name") {
  const auto refused = [](const Change& change) { return refusal("lstm", change); };
  CHECK_THAT(refused([](auto& m) { attribute(node(m, "LSTM"), "hidden_size").set_i(5); }),
             Catch::Contains("do not fit"));
  CHECK_THAT(refused([](auto& m) {
               onnx::AttributeProto& direction = attribute(node(m, "LSTM"), "direction");
               direction.set_type(onnx::AttributeProto::STRING);
               direction.set_s("sideways");
             }),
             Catch::Contains("forward, reverse or bidirectional"));
  CHECK_THAT(refused([](auto& m) {
               node(m, "LSTM").add_input("");
               node(m, "LSTM").add_input("w");
             }),
             Catch::Contains("the initial state has the shape"));
}

TEST_CASE("a state that differs from image to image, or is no constant, is refused") {
  const auto changed = [](const std::string& name, const Change& change) {
    return refusal_in(exports, name, change);
  };
  for (const std::string state : {"h0", "c0"}) {
    CHECK_THAT(changed("lstm_state",
                       [&](auto& model) {
                         for (onnx::TensorProto& each : *model.mutable_graph()->mutable_initializer()) {
                           if (each.name() == state) {
                             (*each.mutable_raw_data())[3] = '\x3f';
                           }
                         }
                       }),
               Catch::Contains(state == "h0" ? "the initial state differs from image to image"
                                             : "the initial cell differs from image to image"));
  }
  CHECK_THAT(changed("torch_gru", [](auto& model) { node(model, "GRU").set_input(5, "x"); }),
             Catch::Contains("the initial state"));
  CHECK_THAT(changed("torch_gru", [](auto& model) { attribute(node(model, "GRU"), "clip").set_i(1); }),
             Catch::Contains("clip is given"));
  CHECK_THAT(
      changed("torch_gru",
              [](auto& model) { attribute(node(model, "GRU"), "activations").set_strings(0, "Relu"); }),
      Catch::Contains("Sigmoid, Tanh for each direction"));
}

namespace {

/// A model of x [2, 3, 4, 4], two images, from text: operator, inputs, outputs and the order of a Transpose.
struct Step {
  const char* type;
  std::vector<std::string> inputs;
  const char* output;
  std::vector<std::int64_t> order;
};

std::string refusal_of(const std::vector<Step>& steps) {
  onnx::ModelProto model;
  model.add_opset_import()->set_version(13);
  onnx::GraphProto& graph = *model.mutable_graph();
  onnx::ValueInfoProto* x = graph.add_input();
  x->set_name("x");
  x->mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  for (const int extent : {2, 3, 4, 4}) {
    x->mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_value(extent);
  }
  for (const Step& step : steps) {
    onnx::NodeProto* added = graph.add_node();
    added->set_op_type(step.type);
    for (const std::string& input : step.inputs) {
      added->add_input(input);
    }
    added->add_output(step.output);
    const char* const name = step.type == std::string("Transpose") ? "perm" : "kernel_shape";
    onnx::AttributeProto* list = step.order.empty() ? nullptr : added->add_attribute();
    for (const std::int64_t each : step.order) {
      list->set_name(name);
      list->set_type(onnx::AttributeProto::INTS);
      list->add_ints(each);
    }
  }
  graph.add_output()->set_name(steps.back().output);
  const test::TemporaryFolder folder;
  const std::string path = folder.write("steps.onnx", model.SerializeAsString());
  return test::message_of<Error>([&path] { read_onnx(path); });
}

}  // namespace

TEST_CASE("images that are moved to another axis stay images") {
  const Step first = {"MaxPool", {"x"}, "m", {1, 1}};  // which says that axis 0 is along the images
  CHECK(refusal_of({{"MaxPool", {"x"}, "y", {2, 2}}}).empty());
  CHECK_THAT(refusal_of({first, {"Transpose", {"m"}, "t", {1, 0, 2, 3}}, {"MaxPool", {"t"}, "y", {2, 2}}}),
             Catch::Contains("axis 0 of its input has 3 elements of one image"));
  CHECK_THAT(
      refusal_of({first, {"Transpose", {"m"}, "t", {1, 2, 0, 3}}, {"GlobalAveragePool", {"t"}, "y", {}}}),
      Catch::Contains("reduces along axis 2, the images"));
  CHECK_THAT(refusal_of({{"Transpose", {"x"}, "t", {0, 1, 3, 2}}, {"Mul", {"t", "x"}, "y", {}}}),
             Catch::Equals(""));
  CHECK_THAT(refusal_of({{"GlobalAveragePool", {"x"}, "g", {}},
                         {"Transpose", {"g"}, "t", {2, 1, 0, 3}},
                         {"Mul", {"t", "x"}, "y", {}}}),
             Catch::Contains("(Mul): "));
}

TEST_CASE("files that are no models are refused") {
  const test::TemporaryFolder folder;
  CHECK_THROWS_AS(read_onnx(folder.file("none")), InputDataError);
  CHECK_THROWS_WITH(read_onnx(folder.write("text", "hello")), Catch::Contains("is not an ONNX model"));
  CHECK_THROWS_AS(read_onnx(folder.write("empty", "")), InputDataError);
  const test::Bytes whole = test::read_all(models + "cnn.onnx");
  const unsigned step = 7;
  for (std::size_t length = 0; length < whole.size(); length += step) {
    const std::string part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    REQUIRE_THROWS_AS(read_onnx(folder.write("part", part)), Error);
  }
}

TEST_CASE("the page of operators is what the importer has") {
  const test::Bytes page = test::read_all(LACUNA_SOURCE_DIR "/docs/reference/onnx-operators.md");
  CHECK_THAT(std::string(page.begin(), page.end()), Catch::EndsWith("\n\n" + onnx_operator_table()));
}

namespace {

/// A model of one Gemm whose weights lie in another file.
std::string external_model(const std::string& location, const std::string& offset,
                           const std::string& length) {
  const test::Bytes bytes = test::read_all(field + "clip_relu.onnx");
  onnx::ModelProto model;
  REQUIRE(model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  onnx::TensorProto& weights = *model.mutable_graph()->mutable_initializer(0);
  REQUIRE(weights.name() == "w");
  weights.clear_raw_data();
  weights.clear_float_data();
  weights.set_data_location(onnx::TensorProto::EXTERNAL);
  const auto add = [&weights](const char* key, const std::string& value) {
    onnx::StringStringEntryProto* entry = weights.add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  };
  add("location", location);
  add("offset", offset);
  add("length", length);
  return model.SerializeAsString();
}

}  // namespace

TEST_CASE("external data is read from the folder of the model, and from nowhere else") {
  const test::TemporaryFolder folder;
  const test::Bytes bytes = test::read_all(field + "clip_relu.onnx");
  onnx::ModelProto inside;
  REQUIRE(inside.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  const std::string& weights = inside.graph().initializer(0).raw_data();
  REQUIRE(weights.size() == 80);
  std::filesystem::create_directory(folder.file("model"));
  folder.write("outside.bin", "1234" + weights);
  folder.write("model/w.bin", "1234" + weights);
  std::filesystem::create_symlink(folder.file("outside.bin"), folder.file("model/link.bin"));
  const auto read = [&folder](const std::string& location, const std::string& offset,
                              const std::string& length) {
    return import_onnx(folder.write("model/m.onnx", external_model(location, offset, length)), {});
  };
  const OnnxImport model = read("w.bin", "4", "80");
  CHECK(model.files.size() == 1);
  CHECK(model.network.layers[1].weights->values ==
        read_onnx(field + "clip_relu.onnx").layers[1].weights->values);
  CHECK_THROWS_WITH(read("../outside.bin", "4", "80"), Catch::Contains("outside of the model's folder"));
  CHECK_THROWS_WITH(read("link.bin", "4", "80"), Catch::Contains("outside of the model's folder"));
  CHECK_THROWS_WITH(read(folder.file("model/w.bin"), "4", "80"),
                    Catch::Contains("a file in the model's folder"));
  CHECK_THROWS_WITH(read("none.bin", "4", "80"), Catch::Contains("which is not there"));
  CHECK_THROWS_WITH(read(".", "4", "80"), Catch::Contains("which is not there"));
  CHECK_THROWS_WITH(read("w.bin", "8", "80"), Catch::Contains("lies outside of the file w.bin"));
  CHECK_THROWS_WITH(read("w.bin", "4", "84"), Catch::Contains("80 as its shape and type say"));
  CHECK_THROWS_WITH(read("w.bin", "-1", "80"), Catch::Contains("an offset and a length in bytes"));
}

TEST_CASE("bfloat16 is the upper half of float32, codes of 16 bits may be listed") {
  onnx::TensorProto tensor;
  OnnxTensorNotes notes;
  tensor.add_dims(2);
  tensor.set_data_type(onnx::TensorProto::BFLOAT16);
  tensor.add_int32_data(0x3FC0), tensor.add_int32_data(0xC000);
  CHECK(onnx_tensor(tensor, "", notes).reals == std::vector<float>{1.5F, -2.0F});
  tensor.set_int32_data(0, -1);
  CHECK_THROWS_WITH(onnx_tensor(tensor, "", notes), Catch::Contains("no number of 16 bits"));
}

TEST_CASE("an addition that another node sees is no bias, one that nobody sees is") {
  CHECK(read_onnx(field + "bias_through_identity.onnx").layers.size() == 4);
  CHECK(read_onnx(field + "add_c11.onnx").layers.size() == 2);
}
