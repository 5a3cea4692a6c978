#include "sim/yaml/yaml_builder.h"

#include <utility>

namespace lacuna {
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
    refuse(line_of(mark), "explicit tag '" + tag.substr(0, 40) + "'",
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
  add(std::move(done.node), done.anchor, nodes_ - done.nodes_before);
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
    refuse(node.line, "duplicate key '" + node.text.substr(0, 80) + "'",
           "given already in line " + std::to_string(first->line));
  }
  if (mapping.node.entries.size() >= limits_.keys) {
    refuse(node.line, "too many keys in one mapping", "at most " + std::to_string(limits_.keys));
  }
  mapping.pending.key = std::move(node.text);
  mapping.pending.line = node.line;
  mapping.has_key = true;
}

}  // namespace lacuna
