// Contradictions on the command line, each refused by its message.

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/sim/cli/program.h"
#include "tests/sim/data/import/write_npy.h"

using namespace lacuna::test;

namespace {

const std::string source = LACUNA_SOURCE_DIR;
const std::string lenet = source + "/configs/networks/lenet5.yaml";
const std::string weights = source + "/traces/lenet5/fc1_weights.npy";
const std::string han_net = source + "/traces/squeezenet/compressed_SqueezeNet.net";
const std::string cnn = source + "/tests/sim/network/onnx/models/cnn.onnx";

struct Usage {
  std::string arguments;
  int exit_code;
  std::string message;
};

/// Each must be one error line with its exit code. "@/" stands for an empty folder.
void check(const std::vector<Usage>& usages) {
  const TemporaryFolder folder;
  for (const Usage& usage : usages) {
    std::string arguments = usage.arguments;
    for (std::size_t at = 0; (at = arguments.find("@/", at)) != std::string::npos;) {
      arguments.replace(at, 2, folder.path() + "/");
    }
    INFO(arguments);
    const ProgramEnd end = run_lacuna(arguments);
    CHECK(end.exit_code == usage.exit_code);
    CHECK_THAT(end.err, Catch::StartsWith("error: ") && Catch::Contains(usage.message));
    CHECK(std::count(end.err.begin(), end.err.end(), '\n') == 1);
    CHECK(folder.file_count() == 0);
  }
}

}  // namespace

TEST_CASE("what import does not read or misses is refused") {
  const std::string mtx = "import mtx @/w.mtx -o @/t.h5";
  check({
      {mtx, 2, "--activations: is missing; needed by the format mtx"},
      {mtx + " --activations a.npy --layer x", 2, "--layer: is not read by the format mtx"},
      {mtx + " --activations a.npy --rows 3", 2, "--rows: is not read by the format mtx"},
      {mtx + " --activations a.npy", 2, "--relu: is missing"},
      {mtx + " --activations a.npy --relu", 3, "w.mtx"},
      {mtx + " --activations a.npy --relu --tensor w", 2, "--tensor: is not read by the format mtx"},
      {"import hdf5 @/w.h5 --activations a.npy --relu -o @/t.h5", 2, "--transpose: is missing"},
      {mtx + " --activations a.npy --relu --transpose --no-transpose", 2,
       "--transpose: is said twice; --transpose or --no-transpose"},
      {mtx + " --activations a.npy --relu --no-relu", 2, "--relu: is said twice; --relu or --no-relu"},
      {"import han-net " + han_net + " --activations @/a.npy -o @/t.h5", 2, "--layer: is missing"},
      {"import han-net " + han_net + " --activations @/a.npy --layer fire --relu -o @/t.h5", 2,
       "there is no layer \"fire\""},
      {"import csc-npy @/none --no-relu -o @/t.h5", 3, "none"},
      {"import onnx " + cnn + " --relu -o @/net", 2, "--relu: belongs to the trace of one layer"},
      {"import onnx " + cnn + " --layer fc9 --activations @/a.npy -o @/t.h5", 2, "there is no layer \"fc9\""},
      {"import onnx " + cnn + " --layer conv1 --activations @/a.npy -o @/t.h5", 2, "conv1 is no matrix"},
      {"import onnx " + weights + " -o @/net", 3, "is not an ONNX model"},
      {"import onnx " + cnn, 2, "-o: is missing"},
      {"import onnx " + cnn + " --layer fc1 -j 2 --activations @/a.npy -o @/t.h5", 2,
       "--jobs: stands beside --layer"},
      {"import onnx " + cnn + " --output none -o @/net", 2, "makes no \"none\""},
      {"import onnx " + cnn + " --input-shape 1x3 -o @/net", 2,
       "--input-shape: 2 dimensions for the input x"},
      {"import onnx " + cnn + " --input-shape 1x4x9x9 -o @/net", 2, "which the model says"},
      {"import onnx " + cnn + " --input-shape z=1x3x9x9 -o @/net", 2, "the model has no input \"z\""},
      {"import onnx " + cnn + " --input-shape 1by3 -o @/net", 2, "--input-shape: \"1by3\""},
      {mtx + " --activations a.npy --output y", 2, "--output: stands beside -o"},
      {mtx + " --activations a.npy --input-shape 1x2", 2, "--input-shape: is not read by the format mtx"},
  });
}

TEST_CASE("a model whose output is its input is refused: there is nothing to run") {
  // A field of a protocol buffer that holds other fields or text.
  const auto field = [](int number, const std::string& content) {
    return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(content.size())} + content;
  };
  const auto value = [&field](const std::string& name) {  // float32 [1, 3]
    const std::string shape = field(1, "\x08\x01") + field(1, "\x08\x03");
    return field(1, name) + field(2, field(1, "\x08\x01" + field(2, shape)));
  };
  const auto model = [&](const std::string& node, const std::string& output) {
    const std::string graph = node + field(2, "g") + field(11, value("x")) + field(12, value(output));
    return "\x08\x08" + field(7, graph) + field(8, "\x10\x0d");
  };
  const std::string identity = field(1, field(1, "x") + field(2, "y") + field(4, "Identity"));
  const TemporaryFolder folder;
  const std::string through = folder.write("through.onnx", model(identity, "y"));
  const std::string empty = folder.write("empty.onnx", model("", "x"));
  check({{"import onnx " + through + " -o @/net", 3,
          through + ": the output y is the input as it is; a model with something to run, or --output NAME"},
         {"import onnx " + empty + " -o @/net", 3, empty + ": the output x is the input as it is"}});
}

TEST_CASE("provenance without a key is refused") {
  const TemporaryFolder folder;
  const std::string matrix =
      folder.write("w.mtx", "%%MatrixMarket matrix coordinate real general\n2 3 1\n1 1 2\n");
  write_npy<float>(folder.file("a.npy"), "<f4", "(3,)", {1, 2, 3});
  const std::string import =
      "import mtx " + matrix + " --relu --activations " + folder.file("a.npy") + " -o @/t.h5";
  check({{import + " --provenance =text", 2, "--provenance: \"=text\"; KEY=TEXT"},
         {import + " --provenance text", 2, "--provenance: \"text\"; KEY=TEXT"}});
}

TEST_CASE("what compress cannot do is refused") {
  check({
      {"compress " + lenet + " --name x", 2, "--name: is given for a network"},
      {"compress " + lenet + " --biases b.npy", 2, "names its biases, images and labels itself"},
      {"compress " + han_net + " --name x", 2, "--name: is given for a model of several layers"},
      {"compress " + han_net + " --biases b.npy", 2,
       "biases, activations and labels belong to single layers"},
      {"compress " + weights + " -o @/t.h5", 2, "a trace is one layer with activations"},
      {"compress " + weights + " --sensitivity 0.5 --container @/c.lwc", 2,
       "--sensitivity: compresses nothing"},
      {"compress " + weights + " --granularity vector", 2, "--density: is missing: nothing is pruned"},
      {"compress " + weights + " --labels l.npy", 2, "labels"},
      {"compress " + lenet + " -o " + source, 2, "exists already"},
      {"compress model.pt", 2, "\".pt\" is not the ending of a model"},
  });
}
