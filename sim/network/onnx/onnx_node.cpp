#include "sim/network/onnx/onnx_node.h"

#include <algorithm>

#include "models/common/error.h"

namespace lacuna {

std::string OnnxNode::name() const {
  const std::string name = onnx_name(node_.name().empty() ? output() : node_.name());
  return name.empty() ? onnx_name(type(), 64) : name;
}

void OnnxNode::fail(const std::string& wrong, const std::string& allowed) const {
  throw InputDataError({path_, 0, "node " + name() + " (" + onnx_name(type(), 64) + ")"}, wrong, allowed);
}

bool OnnxNode::has(const std::string& attribute) const {
  return std::any_of(node_.attribute().begin(), node_.attribute().end(),
                     [&](const onnx::AttributeProto& each) { return each.name() == attribute; });
}

const onnx::AttributeProto* OnnxNode::find(const std::string& attribute,
                                           onnx::AttributeProto::AttributeType type) const {
  for (const onnx::AttributeProto& each : node_.attribute()) {
    if (each.name() == attribute) {
      // Files of the format's first version leave the type out.
      if (each.type() != type && each.type() != onnx::AttributeProto::UNDEFINED) {
        fail("the attribute " + attribute + " has another type",
             onnx::AttributeProto_AttributeType_Name(type));
      }
      return &each;
    }
  }
  return nullptr;
}

std::int64_t OnnxNode::integer(const std::string& attribute, std::int64_t absent) const {
  const onnx::AttributeProto* found = find(attribute, onnx::AttributeProto::INT);
  return found == nullptr ? absent : found->i();
}

float OnnxNode::real(const std::string& attribute, float absent) const {
  const onnx::AttributeProto* found = find(attribute, onnx::AttributeProto::FLOAT);
  return found == nullptr ? absent : found->f();
}

std::string OnnxNode::text(const std::string& attribute, const std::string& absent) const {
  const onnx::AttributeProto* found = find(attribute, onnx::AttributeProto::STRING);
  return found == nullptr ? absent : found->s();
}

std::vector<std::int64_t> OnnxNode::integers(const std::string& attribute) const {
  const onnx::AttributeProto* found = find(attribute, onnx::AttributeProto::INTS);
  return found == nullptr ? std::vector<std::int64_t>()
                          : std::vector<std::int64_t>(found->ints().begin(), found->ints().end());
}

std::vector<float> OnnxNode::reals(const std::string& attribute) const {
  const onnx::AttributeProto* found = find(attribute, onnx::AttributeProto::FLOATS);
  return found == nullptr ? std::vector<float>()
                          : std::vector<float>(found->floats().begin(), found->floats().end());
}

std::vector<std::string> OnnxNode::texts(const std::string& attribute) const {
  const onnx::AttributeProto* found = find(attribute, onnx::AttributeProto::STRINGS);
  return found == nullptr ? std::vector<std::string>()
                          : std::vector<std::string>(found->strings().begin(), found->strings().end());
}

const onnx::TensorProto* OnnxNode::tensor(const std::string& attribute) const {
  const onnx::AttributeProto* found = find(attribute, onnx::AttributeProto::TENSOR);
  return found == nullptr ? nullptr : &found->t();
}

void OnnxNode::only(const std::string& attribute, std::int64_t absent, std::int64_t allowed) const {
  const std::int64_t value = integer(attribute, absent);
  if (value != allowed) {
    fail(attribute + " is " + std::to_string(value), std::to_string(allowed));
  }
}

void OnnxNode::known(const std::set<std::string>& attributes) const {
  for (const onnx::AttributeProto& each : node_.attribute()) {
    if (attributes.count(each.name()) == 0) {
      std::string all;
      for (const std::string& name : attributes) {
        all += (all.empty() ? "" : ", ") + name;
      }
      fail("the attribute " + onnx_name(each.name(), 64) + " is not supported", all.empty() ? "none" : all);
    }
  }
}

std::size_t OnnxNode::axis(std::int64_t axis, std::size_t rank) const {
  const auto size = static_cast<std::int64_t>(rank);
  if (axis < -size || axis >= size) {
    fail("axis " + std::to_string(axis) + " of a tensor of " + std::to_string(rank) + " dimensions",
         rank == 0 ? "a tensor with dimensions" : std::to_string(-size) + " to " + std::to_string(size - 1));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

}  // namespace lacuna
