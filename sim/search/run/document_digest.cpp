#include "sim/search/run/document_digest.h"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "models/common/checksum.h"
#include "sim/family/configuration.h"

namespace lacuna {
namespace {

namespace fs = std::filesystem;

class Digest {
 public:
  explicit Digest(std::map<std::string, std::string>& files) : files_(files) {}

  /// Lengths stand before texts, so that no two documents have the same text.
  void add(const YamlNode& node, int depth) {
    switch (node.kind) {
      case YamlNode::Kind::null:
        text_ += "~";
        return;
      case YamlNode::Kind::scalar:
        add(node.text);
        add_file(node, depth);
        return;
      case YamlNode::Kind::sequence:
        text_ += fmt::format("[{}", node.items.size());
        for (const YamlNode& item : node.items) {
          add(item, depth);
        }
        return;
      case YamlNode::Kind::mapping:
        text_ += fmt::format("{{{}", node.entries.size());
        for (const YamlEntry& entry : node.entries) {
          add(entry.key);
          add(entry.value, depth);
        }
        return;
    }
  }
  std::string take() const { return sha256_text(text_); }

 private:
  void add(const std::string& text) { text_ += fmt::format("{}:{}", text.size(), text); }

  void add_file(const YamlNode& node, int depth) {
    constexpr std::size_t longest_path = 4096;
    if (node.origin == nullptr || node.text.empty() || node.text.size() > longest_path) {
      return;
    }
    const fs::path path = node.origin->directory / node.text;
    std::error_code error;
    if (!fs::is_regular_file(path, error)) {
      return;
    }
    if (path.extension() == ".yaml" && depth < max_file_depth) {
      add(load_yaml(path.string()), depth + 1);
    } else {
      const auto [file, is_new] = files_.try_emplace(path.string());
      if (is_new) {
        file->second = sha256_file(path.string());
      }
      text_ += file->second;
    }
  }

  std::map<std::string, std::string>& files_;
  std::string text_;
};

}  // namespace

std::string DocumentDigests::of(const YamlNode& node) {
  Digest digest(files_);
  digest.add(node, 0);
  return digest.take();
}

std::string document_digest(const YamlNode& node) {
  return DocumentDigests().of(node);
}

}  // namespace lacuna
