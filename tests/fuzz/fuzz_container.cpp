// The compressed-weights container: as it is, where damage mostly stops at the digest, and with the digest
// made right.

#include <string>
#include <vector>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "sim/compress/container.h"
#include "sim/compress/container_layout.h"
#include "tests/fuzz/input_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace lacuna;
  std::vector<unsigned char> content(bytes, bytes + size);
  fuzz::expect_error_or_none<InputDataError>([&content] { parse_container(content, "fuzz"); });
  if (size >= container_digest_bytes) {
    content.resize(size - container_digest_bytes);
    const std::string digest = sha256_bytes(content.data(), content.size());
    content.insert(content.end(), digest.begin(), digest.end());
    fuzz::expect_error_or_none<InputDataError>([&content] {
      const std::vector<CompressedLayer> layers = parse_container(content, "fuzz");
      container_bytes(layers, StreamCoding::huffman);
    });
  }
  return 0;
}
