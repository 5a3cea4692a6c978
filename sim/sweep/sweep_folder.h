#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sim/family/design_space.h"

struct sqlite3;
struct sqlite3_stmt;

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
inline constexpr const char* sweep_json_lines_file = "results.jsonl";
inline constexpr const char* sweep_table_file = "results.sqlite";
inline constexpr const char* sweep_front_file = "pareto.csv";

/// Outcomes of design points in an SQLite file, keyed by the points' hashes. What was committed survives the
/// end of the process at any instant. For one thread.
class SweepStore {
 public:
  /// Opens or makes the store of the sweep with this hash. Throws ConfigurationError when it belongs to
  /// another sweep or is something else, InputDataError when it is damaged or cannot be written.
  ///
  /// With `existing` the store has to be there, whole (its pages are checked), and is only read.
  /// With `any_sweep` too, and whatever sweep's it is.
  enum class Access { make, existing, any_sweep };
  SweepStore(const std::string& path, const std::string& sweep_hash, Access access = Access::make);
  ~SweepStore();
  SweepStore(const SweepStore&) = delete;
  SweepStore& operator=(const SweepStore&) = delete;

  /// Whether it has any points, and this one.
  bool is_empty() const;
  bool has(const std::string& hash) const;

  /// All points, in the order of their hashes.
  void for_each(
      const std::function<void(const std::string& hash, const PointOutcome& outcome)>& action) const;

  /// Adds a point; it is kept from the next `commit` on.
  void put(const std::string& hash, const PointOutcome& outcome);
  void commit();

  std::optional<PointOutcome> get(const std::string& hash) const;

 private:
  struct CloseDatabase {
    void operator()(sqlite3* database) const;
  };
  struct FinaliseStatement {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, FinaliseStatement>;

  void check(int code) const;
  void execute(const char* sql) const;
  Statement prepare(const char* sql) const;
  std::int64_t number(const char* sql) const;
  std::string sweep_hash() const;
  void create(const std::string& sweep_hash);
  void open(const std::optional<std::string>& sweep_hash);  ///< none: any sweep's will do
  void check_pages() const;

  std::string path_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
  Statement insert_;
  Statement select_;
  Statement find_;
  bool in_transaction_ = false;
};

}  // namespace lacuna
