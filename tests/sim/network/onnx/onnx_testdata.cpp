// Runs the models of Debian's libonnx-testdata against the data's own inputs and outputs:
//   onnx_testdata FOLDER [--list]
// Each model is run once for each of its inputs: that one is the network's input, the others are constants.
// Once more all of them are constants, and the result is added to zeros. Exit code 1 when a value is wrong,
// 77 when the data is not there.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/network/onnx/onnx_tensor.h"
#include "tests/sim/network/onnx/onnx_values.h"
#include "tests/temporary_folder.h"

using namespace lacuna;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// The tensors input_0.pb, ... of a data set; empty where one is no tensor.
std::vector<onnx::TensorProto> tensors(const fs::path& folder, const std::string& role) {
  std::vector<onnx::TensorProto> all;
  for (int i = 0; fs::exists(folder / fmt::format("{}_{}.pb", role, i)); ++i) {
    all.emplace_back();
    if (!all.back().ParseFromString(content(folder / fmt::format("{}_{}.pb", role, i)))) {
      return {};
    }
  }
  return all;
}

std::vector<float> numbers(const onnx::TensorProto& proto) {
  OnnxTensorNotes notes;
  const OnnxTensor tensor = onnx_tensor(proto, "data", notes);
  std::vector<float> values;
  for (std::uint64_t i = 0; i < tensor.elements(); ++i) {
    values.push_back(static_cast<float>(tensor.number(i)));
  }
  return values;
}

/// What became of one way to run a model.
struct Outcome {
  enum class Kind { right, refused, wrong } kind = Kind::refused;
  std::string text;
};

Outcome compared(const OnnxImport& model, const std::vector<float>& input,
                 const onnx::TensorProto& expected) {
  const std::vector<float> values = test::onnx_values(model, input);
  const std::vector<float> wanted = numbers(expected);
  std::vector<std::uint64_t> shape(expected.dims().begin(), expected.dims().end());
  if (test::onnx_output_shape(model) != shape || values.size() != wanted.size()) {
    return {Outcome::Kind::wrong, "another shape"};
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double difference = std::fabs(static_cast<double>(values[i]) - static_cast<double>(wanted[i]));
    if (!(difference <= 2e-6 + 1e-3 * std::fabs(static_cast<double>(wanted[i]))) && values[i] != wanted[i] &&
        !(std::isnan(values[i]) && std::isnan(wanted[i]))) {
      return {Outcome::Kind::wrong, fmt::format("element {} is {}, not {}", i, values[i], wanted[i])};
    }
  }
  return {Outcome::Kind::right, ""};
}

/// A model with its data.
class Case {
 public:
  explicit Case(const fs::path& folder) : folder_(folder) {
    is_there_ = model_.ParseFromString(content(folder / "model.onnx")) && model_.has_graph();
    inputs_ = tensors(folder / "test_data_set_0", "input");
    outputs_ = tensors(folder / "test_data_set_0", "output");
    // The data stores bfloat16 as uint16, as NumPy has no such type.
    set_brain_float(model_.graph().input(), inputs_);
    set_brain_float(model_.graph().output(), outputs_);
  }

  bool is_there() const { return is_there_ && !outputs_.empty(); }

  std::vector<Outcome> run() const {
    std::vector<Outcome> outcomes;
    std::set<std::string> initialised;
    for (const onnx::TensorProto& each : model_.graph().initializer()) {
      initialised.insert(each.name());
    }
    std::vector<std::string> names;  // of the inputs that the data gives
    for (const onnx::ValueInfoProto& each : model_.graph().input()) {
      if (initialised.count(each.name()) == 0) {
        names.push_back(each.name());
      }
    }
    const std::size_t given = std::min(names.size(), inputs_.size());
    for (int o = 0; o < model_.graph().output_size() && o < static_cast<int>(outputs_.size()); ++o) {
      for (std::size_t input = 0; input <= given; ++input) {
        outcomes.push_back(run_one(names, given, input, o));
      }
    }
    return outcomes;
  }

 private:
  template <class Values>
  static void set_brain_float(const Values& declared, std::vector<onnx::TensorProto>& tensors) {
    for (int i = 0; i < declared.size() && i < static_cast<int>(tensors.size()); ++i) {
      if (declared.Get(i).type().tensor_type().elem_type() == onnx::TensorProto::BFLOAT16) {
        tensors[static_cast<std::size_t>(i)].set_data_type(onnx::TensorProto::BFLOAT16);
      }
    }
  }

  /// `input` is the network's; given: none is.
  Outcome run_one(const std::vector<std::string>& names, std::size_t given, std::size_t input,
                  int output) const {
    onnx::ModelProto model = model_;
    onnx::GraphProto& graph = *model.mutable_graph();
    std::vector<float> values;
    for (std::size_t i = 0; i < given; ++i) {
      if (i != input) {
        onnx::TensorProto* constant = graph.add_initializer();
        *constant = inputs_[i];
        constant->set_name(names[i]);
      }
    }
    OnnxChoices choices;
    choices.output = graph.output(output).name();
    try {
      if (input == given) {
        values.assign(numbers(outputs_[static_cast<std::size_t>(output)]).size(), 0.0F);
        choices.output = add_zeros(model, output);
      } else {
        values = numbers(inputs_[input]);
      }
      const test::TemporaryFolder folder;
      const OnnxImport imported = import_onnx(folder.write("model.onnx", model.SerializeAsString()), choices);
      return compared(imported, values, outputs_[static_cast<std::size_t>(output)]);
    } catch (const Error& error) {
      return {Outcome::Kind::refused, error.what()};
    }
  }

  /// Adds the network's input to an output that is a constant; returns the sum's name.
  std::string add_zeros(onnx::ModelProto& model, int output) const {
    onnx::GraphProto& graph = *model.mutable_graph();
    const onnx::TensorProto& expected = outputs_[static_cast<std::size_t>(output)];
    onnx::ValueInfoProto* zeros = graph.add_input();
    zeros->set_name("test_zeros");
    auto* type = zeros->mutable_type()->mutable_tensor_type();
    type->set_elem_type(onnx::TensorProto::FLOAT);
    type->mutable_shape()->add_dim()->set_dim_value(1);
    for (const std::int64_t extent : expected.dims()) {
      type->mutable_shape()->add_dim()->set_dim_value(extent);
    }
    const auto add = [&graph](const char* operation, const std::vector<std::string>& inputs,
                              const std::string& made) {
      onnx::NodeProto* node = graph.add_node();
      node->set_op_type(operation);
      node->set_name(made);
      for (const std::string& each : inputs) {
        node->add_input(each);
      }
      node->add_output(made);
      return node;
    };
    onnx::AttributeProto* to = add("Cast", {graph.output(output).name()}, "test_real")->add_attribute();
    to->set_name("to");
    to->set_type(onnx::AttributeProto::INT);
    to->set_i(onnx::TensorProto::FLOAT);
    add("Add", {"test_zeros", "test_real"}, "test_one_image");
    onnx::AttributeProto* broadcast = nullptr;
    if (model.opset_import_size() > 0 && model.opset_import(0).version() < 7) {
      broadcast = graph.mutable_node(graph.node_size() - 1)->add_attribute();
      broadcast->set_name("broadcast");
      broadcast->set_type(onnx::AttributeProto::INT);
      broadcast->set_i(1);
    }
    add("Reshape", {"test_one_image", "test_shape"}, "test_sum");
    onnx::TensorProto* shape = graph.add_initializer();
    shape->set_name("test_shape");
    shape->set_data_type(onnx::TensorProto::INT64);
    shape->add_dims(expected.dims_size());
    for (const std::int64_t extent : expected.dims()) {
      shape->add_int64_data(extent);
    }
    return "test_sum";
  }

  fs::path folder_;
  bool is_there_ = false;
  onnx::ModelProto model_;
  std::vector<onnx::TensorProto> inputs_;
  std::vector<onnx::TensorProto> outputs_;
};

struct Counts {
  int right = 0;
  int refused = 0;
  int wrong = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const fs::path root = argc > 1 ? argv[1] : "/usr/share/libonnx-testdata/data";
  const bool lists = argc > 2;
  if (!fs::is_directory(root)) {
    std::cout << root << " is not there: install libonnx-testdata\n";
    return 77;
  }
  int wrong = 0;
  for (const std::string set : {"node", "pytorch-converted", "pytorch-operator", "simple"}) {
    Counts counts;
    std::vector<fs::path> folders;
    for (const fs::directory_entry& each : fs::directory_iterator(root / set)) {
      folders.push_back(each.path());
    }
    std::sort(folders.begin(), folders.end());
    for (const fs::path& folder : folders) {
      const Case model(folder);
      if (!model.is_there()) {
        counts.refused += 1;
        continue;
      }
      bool is_right = false;
      bool is_wrong = false;
      std::string refusal;
      for (const Outcome& outcome : model.run()) {
        is_right = is_right || outcome.kind == Outcome::Kind::right;
        if (outcome.kind == Outcome::Kind::wrong) {
          is_wrong = true;
          std::cout << "wrong: " << set << "/" << folder.filename().string() << ": " << outcome.text << "\n";
        } else if (outcome.kind == Outcome::Kind::refused && refusal.empty()) {
          refusal = outcome.text;
        }
      }
      (is_wrong ? counts.wrong : is_right ? counts.right : counts.refused) += 1;
      if (lists && !is_wrong) {
        std::cout << (is_right ? "right: " : "refused: ") << set << "/" << folder.filename().string()
                  << (is_right ? "" : ": " + refusal) << "\n";
      }
    }
    std::cout << fmt::format("{}: {} models, {} right, {} refused, {} wrong\n", set, folders.size(),
                             counts.right, counts.refused, counts.wrong);
    wrong += counts.wrong;
  }
  return wrong == 0 ? 0 : 1;
}
