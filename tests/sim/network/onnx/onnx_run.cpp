// onnx_run FOLDER MODELS: for each I below MODELS, runs FOLDER/I.onnx on the float32 numbers of FOLDER/I.in
// and writes those of its output as FOLDER/I.out and its shape as FOLDER/I.shape, or why it is refused as
// FOLDER/I.refused.

#include <fstream>
#include <string>

#include "models/common/error.h"
#include "tests/sim/network/onnx/onnx_values.h"

using namespace lacuna;

namespace {

void run(const std::string& base) {
  std::vector<float> input;
  std::ifstream in(base + ".in", std::ios::binary);
  for (float value = 0.0F; in.read(reinterpret_cast<char*>(&value), sizeof value);) {
    input.push_back(value);
  }
  const OnnxImport model = import_onnx(base + ".onnx", {});
  const std::vector<float> output = test::onnx_values(model, input);
  std::ofstream(base + ".out", std::ios::binary)
      .write(reinterpret_cast<const char*>(output.data()),
             static_cast<std::streamsize>(output.size() * sizeof(float)));
  std::ofstream shape(base + ".shape");
  for (const std::uint64_t extent : test::onnx_output_shape(model)) {
    shape << extent << " ";
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    return 2;
  }
  for (int i = 0; i < std::stoi(argv[2]); ++i) {
    const std::string base = std::string(argv[1]) + "/" + std::to_string(i);
    try {
      run(base);
    } catch (const Error& error) {
      std::ofstream(base + ".refused") << error.what();
    }
  }
  return 0;
}
