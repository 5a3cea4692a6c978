#include "sim/yaml/yaml_document.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/locale/utf.hpp>
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "models/common/text.h"

namespace lacuna {
namespace {

using Utf8 = boost::locale::utf::utf_traits<char>;

bool is_allowed(boost::locale::utf::code_point point) {
  const bool malformed = point == boost::locale::utf::illegal || point == boost::locale::utf::incomplete;
  const bool control = (point < 0x20 && point != '\t' && point != '\n' && point != '\r') || point == 0x7f;
  return !malformed && !control;
}

/// Position of the first byte that is not part of well-formed UTF-8 or is a control character other than tab,
/// line feed and carriage return; nothing if all is well.
std::optional<std::size_t> first_bad_byte(std::string_view text) {
  const char* position = text.data();
  const char* const end = position + text.size();
  while (position != end) {
    const char* const start = position;
    if (!is_allowed(Utf8::decode(position, end))) {
      return static_cast<std::size_t>(start - text.data());
    }
  }
  return std::nullopt;
}

/// Builds a YamlNode from the parser's events and enforces what `parse_yaml` promises while it does, so that
/// hostile input is refused before it grows.
class YamlBuilder : public YAML::EventHandler {
 public:
  YamlBuilder(std::shared_ptr<const YamlOrigin> origin, const YamlLimits& limits);

  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { close(); }

 protected:
  int line_of(const YAML::Mark& mark) const { return origin_->has_lines ? mark.line + 1 : 0; }
  [[noreturn]] void refuse(int line, const std::string& wrong, const std::string& allowed) const;

 private:
  /// A collection under construction; in a mapping, `key` waits for its value while `has_key`.
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::size_t nodes_before = 0;
    bool has_key = false;
    YamlEntry pending;
  };
  struct Anchored {
    YamlNode node;
    std::size_t nodes = 0;
  };

  void count(std::size_t nodes, int line);
  void check_tag(const YAML::Mark& mark, const std::string& tag) const;
  YamlNode make(YamlNode::Kind kind, const YAML::Mark& mark);
  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
  void close();
  void merge(YamlNode& mapping) const;
  void merge_into(YamlNode& mapping, const YamlNode& source, int line) const;
  void add(YamlNode node, YAML::anchor_t anchor, std::size_t nodes);
  void add_to_mapping(Open& mapping, YamlNode node);

  std::shared_ptr<const YamlOrigin> origin_;
  YamlLimits limits_;
  YamlNode root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchored_;
  std::size_t nodes_ = 0;
};

YamlBuilder::YamlBuilder(std::shared_ptr<const YamlOrigin> origin, const YamlLimits& limits)
    : origin_(std::move(origin)), limits_(limits) {
  root_.origin = origin_;
}

void YamlBuilder::refuse(int line, const std::string& wrong, const std::string& allowed) const {
  throw ConfigurationError({origin_->name, line, {}}, wrong, allowed);
}

void YamlBuilder::count(std::size_t nodes, int line) {
  nodes_ += nodes;
  if (nodes_ > limits_.nodes) {
    refuse(line, "too many values", "at most " + std::to_string(limits_.nodes) + ", aliases expanded");
  }
}

void YamlBuilder::check_tag(const YAML::Mark& mark, const std::string& tag) const {
  if (!tag.empty() && tag != "?" && tag != "!") {
    refuse(line_of(mark), "explicit tag '" + cut(tag, 40) + "'",
           "tags are not used here; write the plain value");
  }
}

YamlNode YamlBuilder::make(YamlNode::Kind kind, const YAML::Mark& mark) {
  count(1, line_of(mark));
  YamlNode node;
  node.kind = kind;
  node.origin = origin_;
  node.line = line_of(mark);
  return node;
}

void YamlBuilder::OnDocumentStart(const YAML::Mark& mark) {
  root_.line = line_of(mark);
}

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  add(make(YamlNode::Kind::null, mark), anchor, 1);
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchored_.find(anchor);
  if (found == anchored_.end()) {
    refuse(line_of(mark), "alias within its own anchor", "an alias may repeat only what is complete");
  }
  count(found->second.nodes, line_of(mark));
  add(found->second.node, 0, 0);
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  check_tag(mark, tag);
  YamlNode node = make(YamlNode::Kind::scalar, mark);
  node.text = value;
  node.quoted = tag == "!";
  add(std::move(node), anchor, 1);
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value /*style*/) {
  open(YamlNode::Kind::sequence, mark, tag, anchor);
}

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value /*style*/) {
  open(YamlNode::Kind::mapping, mark, tag, anchor);
}

void YamlBuilder::open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor) {
  check_tag(mark, tag);
  if (open_.size() >= limits_.depth) {
    refuse(line_of(mark), "nested too deeply", "at most " + std::to_string(limits_.depth) + " levels");
  }
  Open collection;
  collection.nodes_before = nodes_;
  collection.node = make(kind, mark);
  collection.anchor = anchor;
  open_.push_back(std::move(collection));
}

void YamlBuilder::close() {
  Open done = std::move(open_.back());
  open_.pop_back();
  if (done.node.kind == YamlNode::Kind::mapping) {
    merge(done.node);
  }
  add(std::move(done.node), done.anchor, nodes_ - done.nodes_before);
}

constexpr const char* merge_key = "<<";

/// Replaces a merge key (source: "Merge Key Language-Independent Type for YAML 1.1") by the entries of the
/// mapping, or of the mappings in the list, that it names: keys beside it win, and of a list the earlier one.
void YamlBuilder::merge(YamlNode& mapping) const {
  const auto found = std::find_if(mapping.entries.begin(), mapping.entries.end(), [](const YamlEntry& entry) {
    return entry.key == merge_key && !entry.quoted;
  });
  if (found == mapping.entries.end()) {
    return;
  }
  const YamlEntry merged = std::move(*found);
  mapping.entries.erase(found);
  if (merged.value.kind == YamlNode::Kind::sequence) {
    for (const YamlNode& source : merged.value.items) {
      merge_into(mapping, source, merged.line);
    }
  } else {
    merge_into(mapping, merged.value, merged.line);
  }
}

void YamlBuilder::merge_into(YamlNode& mapping, const YamlNode& source, int line) const {
  if (source.kind != YamlNode::Kind::mapping) {
    refuse(line, "a merge key << with " + source.kind_name(), "an alias of a mapping, or a list of such");
  }
  for (const YamlEntry& entry : source.entries) {
    if (mapping.find(entry.key) == nullptr) {
      mapping.entries.push_back(entry);
    }
  }
  if (mapping.entries.size() > limits_.keys) {
    refuse(line, "too many keys in one mapping", "at most " + std::to_string(limits_.keys));
  }
}

void YamlBuilder::add(YamlNode node, YAML::anchor_t anchor, std::size_t nodes) {
  if (anchor != 0) {
    count(nodes, node.line);  // the kept copy costs memory as well
    anchored_[anchor] = {node, nodes};
  }
  if (open_.empty()) {
    root_ = std::move(node);
  } else if (open_.back().node.kind == YamlNode::Kind::sequence) {
    open_.back().node.items.push_back(std::move(node));
  } else {
    add_to_mapping(open_.back(), std::move(node));
  }
}

void YamlBuilder::add_to_mapping(Open& mapping, YamlNode node) {
  if (mapping.has_key) {
    mapping.pending.value = std::move(node);
    mapping.node.entries.push_back(std::move(mapping.pending));
    mapping.pending = {};
    mapping.has_key = false;
    return;
  }
  if (node.kind != YamlNode::Kind::scalar) {
    refuse(node.line, "a key is " + node.kind_name(), "keys are plain words");
  }
  if (const YamlNode* first = mapping.node.find(node.text)) {
    refuse(node.line, "duplicate key '" + cut(node.text, 80) + "'",
           "given already in line " + std::to_string(first->line));
  }
  if (mapping.node.entries.size() >= limits_.keys) {
    refuse(node.line, "too many keys in one mapping", "at most " + std::to_string(limits_.keys));
  }
  mapping.pending.key = std::move(node.text);
  mapping.pending.quoted = node.quoted;
  mapping.pending.line = node.line;
  mapping.has_key = true;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const YamlEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

YamlNode* YamlNode::find(std::string_view key) {
  return const_cast<YamlNode*>(static_cast<const YamlNode*>(this)->find(key));
}

ErrorPlace YamlNode::place(const std::string& key) const {
  return {origin ? origin->name : std::string(), line, key};
}

std::string YamlNode::kind_name() const {
  switch (kind) {
    case Kind::null:
      return "empty";
    case Kind::scalar:
      return quoted ? "text in quotes" : "'" + cut(text, 40) + "'";
    case Kind::sequence:
      return "a list";
    case Kind::mapping:
      return "a mapping";
  }
  return {};
}

namespace {

/// Takes the events of a second document, which must not exist.
class SecondDocument : public YamlBuilder {
 public:
  using YamlBuilder::YamlBuilder;
  void OnDocumentStart(const YAML::Mark& mark) override {
    refuse(line_of(mark), "a second YAML document begins", "one document per file");
  }
};

void check_text(const std::string& text, const YamlOrigin& origin, const YamlLimits& limits) {
  if (text.size() > limits.bytes) {
    throw ConfigurationError({origin.name, 0, {}}, fmt::format("{} bytes of YAML", text.size()),
                             fmt::format("at most {} bytes", limits.bytes));
  }
  if (const auto bad = first_bad_byte(text)) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(*bad);
    const int line = 1 + static_cast<int>(std::count(text.begin(), end, '\n'));
    throw ConfigurationError(
        {origin.name, line, {}},
        fmt::format("byte 0x{:02x} is not UTF-8 text", static_cast<unsigned char>(text[*bad])),
        "YAML files are UTF-8 without control characters");
  }
}

std::string read_bounded(const std::string& path, const YamlLimits& limits) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    throw ConfigurationError({path, 0, {}}, "no such file", "the path of a YAML file");
  }
  if (std::filesystem::is_directory(status)) {
    throw ConfigurationError({path, 0, {}}, "is a folder", "the path of a YAML file");
  }
  if (!std::filesystem::is_regular_file(status)) {  // opening a pipe may wait for ever
    throw ConfigurationError({path, 0, {}}, "is no regular file", "the path of a YAML file");
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text(limits.bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad()) {
    throw ConfigurationError({path, 0, {}}, "cannot be read", "a readable YAML file");
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > limits.bytes) {
    throw ConfigurationError({path, 0, {}}, "the file is too large",
                             fmt::format("at most {} bytes of YAML", limits.bytes));
  }
  return text;
}

}  // namespace

YamlNode parse_yaml(const std::string& text, const std::shared_ptr<const YamlOrigin>& origin,
                    const YamlLimits& limits) {
  check_text(text, *origin, limits);
  YamlBuilder builder(origin, limits);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    SecondDocument second(origin, limits);
    parser.HandleNextDocument(second);
  } catch (const YAML::Exception& error) {
    const int line = error.mark.is_null() || !origin->has_lines ? 0 : error.mark.line + 1;
    throw ConfigurationError({origin->name, line, {}}, "not valid YAML: " + error.msg, {});
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {  // of the parser's own, which it does not promise
    if (dynamic_cast<const Error*>(&error) != nullptr) {
      throw;
    }
    throw ConfigurationError({origin->name, 0, {}}, std::string("not valid YAML: ") + error.what(), {});
  }
  return builder.take_root();
}

void set_origin(YamlNode& node, const std::shared_ptr<const YamlOrigin>& origin) {
  node.origin = origin;
  for (YamlNode& item : node.items) {
    set_origin(item, origin);
  }
  for (YamlEntry& entry : node.entries) {
    set_origin(entry.value, origin);
  }
}

YamlNode load_yaml(const std::string& path, const YamlLimits& limits) {
  auto origin = std::make_shared<YamlOrigin>();
  origin->name = path;
  origin->directory = std::filesystem::path(path).parent_path();
  return parse_yaml(read_bounded(path, limits), std::move(origin), limits);
}

}  // namespace lacuna
