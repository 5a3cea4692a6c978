#include "sim/yaml/field_schema.h"

namespace lacuna {

void FieldSchema::add(std::string_view key, Json property, std::string_view meaning) {
  property["description"] = meaning;
  schema_["properties"][std::string(key)] = std::move(property);
}

void FieldSchema::name(std::string_view key, const std::string& member, const std::vector<std::string>& names,
                       std::string_view meaning) {
  Json property = {{"enum", names}};
  if (!member.empty()) {
    property["default"] = member;
  }
  add(key, std::move(property), meaning);
}

void FieldSchema::text(std::string_view key, const std::string&, std::string_view meaning) {
  add(key, {{"type", "string"}, {"minLength", 1}, {"maxLength", 1024}}, meaning);
}

void FieldSchema::file(std::string_view key, const FilePath&, std::string_view meaning) {
  add(key, {{"type", "string"}, {"minLength", 1}, {"maxLength", 4096}, {"format", "uri-reference"}}, meaning);
}

void FieldSchema::formula(std::string_view key, const FormulaText&, std::string_view meaning) {
  add(key, {{"type", {"number", "string"}}}, meaning);
}

void FieldSchema::plain_list(std::string_view key, const std::vector<YamlNode>&, std::string_view meaning) {
  const Json items = {{"type", {"string", "number", "boolean"}}};
  add(key, {{"type", "array"}, {"minItems", 1}, {"items", items}}, meaning);
}

void FieldSchema::required(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    schema_["required"].push_back(key);
    schema_["properties"][key].erase("default");
  }
}

void FieldSchema::any_of(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    schema_["anyOf"].push_back({{"required", Json::array({key})}});
    schema_["properties"][key].erase("default");
  }
}

void FieldSchema::one_of(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    schema_["oneOf"].push_back({{"required", Json::array({key})}});
    schema_["properties"][key].erase("default");
  }
}

void FieldSchema::only_with(std::string_view key, std::string_view needed) {
  schema_["dependentRequired"][std::string(key)] = Json::array({std::string(needed)});
}

void FieldSchema::alone(std::string_view key) {
  schema_["dependentSchemas"][std::string(key)] = {{"maxProperties", 1}};
}

}  // namespace lacuna
