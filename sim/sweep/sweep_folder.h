#pragma once

#include <string>

namespace lacuna {

/// The folder of a sweep's results, made if it does not exist and held for this process alone while the
/// object lives. Unfinished files that a killed sweep left there are removed.
class SweepFolder {
 public:
  /// Throws ConfigurationError when the folder holds something other than a sweep, or another process runs a
  /// sweep in it, and InputDataError when it cannot be made or written.
  explicit SweepFolder(const std::string& path);
  ~SweepFolder();
  SweepFolder(const SweepFolder&) = delete;
  SweepFolder& operator=(const SweepFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  void make() const;
  void lock();
  void check_contents() const;
  void remove_unfinished() const;

  std::string path_;
  int descriptor_ = -1;
};

/// Files of a sweep's folder.
inline constexpr const char* sweep_store_file = "sweep.sqlite";
inline constexpr const char* sweep_lock_file = "lock";
inline constexpr const char* sweep_csv_file = "results.csv";
inline constexpr const char* sweep_json_file = "results.json";
inline constexpr const char* sweep_front_file = "pareto.csv";

}  // namespace lacuna
