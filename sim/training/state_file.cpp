#include "sim/training/state_file.h"

#include <fstream>
#include <iterator>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "sim/files/output_file.h"

namespace lacuna {
namespace {

constexpr std::size_t checksum_size = 64;

}  // namespace

void refuse_damaged_state(const std::string& path) {
  throw InputDataError({path, 0, ""}, "is damaged or no checkpoint",
                       "a checkpoint as training writes it, or --restart");
}

void save_state(const std::string& kind, const std::string& identity, const std::string& state,
                const std::string& path) {
  std::string content = kind + "\n" + identity + "\n" + state;
  content += sha256_text(content);
  write_output(path, content);
}

StateSpan load_state(const std::string& kind, const std::string& identity, const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const std::string magic = kind + "\n";
  const std::size_t start = magic.size();
  const bool whole = content.size() > start + checksum_size && content.compare(0, start, magic) == 0;
  const std::size_t end = whole ? content.size() - checksum_size : 0;
  const std::size_t line_end = whole ? content.find('\n', start) : std::string::npos;
  if (!stream || line_end >= end || sha256_bytes(content.data(), end) != content.substr(end)) {
    refuse_damaged_state(path);
  }
  if (content.compare(start, line_end - start, identity) != 0) {
    throw ConfigurationError({path, 0, ""},
                             "belongs to another training (recipe, data, program or libraries)",
                             "the same recipe on the same machine, another folder, or --restart");
  }
  return {std::move(content), line_end + 1, end};
}

}  // namespace lacuna
