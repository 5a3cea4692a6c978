#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include "sim/yaml/yaml_node.h"

namespace lacuna {

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
  void add(YamlNode node, YAML::anchor_t anchor, std::size_t nodes);
  void add_to_mapping(Open& mapping, YamlNode node);

  std::shared_ptr<const YamlOrigin> origin_;
  YamlLimits limits_;
  YamlNode root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchored_;
  std::size_t nodes_ = 0;
};

}  // namespace lacuna
