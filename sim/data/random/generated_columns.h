#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "models/sparse/column_source.h"
#include "sim/data/random/column_generator.h"
#include "sim/data/random/generated_layer.h"
#include "sim/data/trace/column_reader.h"

namespace lacuna {

/// A generated layer's rows of nonzeros, each column made when it is asked for.
class GeneratedColumns : public sparse::ColumnSource {
 public:
  /// `pulse`, if there is one, is called now and then, and may throw to stop whoever reads.
  explicit GeneratedColumns(const GeneratedLayer& layer, std::function<void()> pulse = {});

  std::uint32_t rows() const override { return layer_.rows; }
  std::uint32_t columns() const override { return layer_.columns(); }
  sparse::ColumnRows next() override;
  void rewind() override { column_ = 0; }

 private:
  GeneratedLayer layer_;
  ColumnGenerator generator_;
  std::function<void()> pulse_;
  std::vector<std::uint32_t> rows_;
  std::uint32_t column_ = 0;
};

/// The same with codes, in any order.
class GeneratedEntries : public ColumnReader {
 public:
  explicit GeneratedEntries(const GeneratedLayer& layer, std::function<void()> pulse = {});

  CodedColumn read(std::uint32_t column) override;

 private:
  ColumnGenerator generator_;
  std::function<void()> pulse_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint8_t> codes_;
};

}  // namespace lacuna
