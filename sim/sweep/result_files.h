#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "sim/files/output_file.h"
#include "sim/sweep/result_formats.h"
#include "sim/sweep/sweep.h"
#include "sim/sweep/sweep_folder.h"

namespace lacuna {

/// A file that is written piece by piece and appears when it is complete.
class ResultFile {
 public:
  explicit ResultFile(const std::string& path)
      : path_(path), pending_(path), stream_(pending_.temporary_path(), std::ios::binary) {}

  void write(const std::string& text) {
    stream_.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  /// Throws InputDataError when something could not be written.
  void commit();

 private:
  std::string path_;
  PendingFile pending_;
  std::ofstream stream_;
};

/// Writes the results of a sweep in one form, a point after the other, without keeping them.
class ResultWriter {
 public:
  virtual ~ResultWriter() = default;

  /// What `add` writes of a point, where that is text. May be called from several threads.
  virtual std::string text(const PointResult& result) const = 0;
  virtual void add(const PointResult& result, const std::string& text) = 0;
  /// `front`: the points of the Pareto front. The file appears now.
  virtual void commit(const std::vector<std::uint64_t>& front) = 0;
};

std::unique_ptr<ResultWriter> make_result_writer(ResultFormat format, const Sweep& sweep,
                                                 const SweepFolder& folder);

/// Removes the files of other formats.
void remove_results(const SweepFolder& folder, const ResultFormats& kept);

std::string csv_header(const Sweep& sweep);
std::string csv_line(const Sweep& sweep, const PointResult& result);

/// What results say before their points: program, machine, axes, sampling, constraints, objectives.
nlohmann::ordered_json results_head(const Sweep& sweep);

}  // namespace lacuna
