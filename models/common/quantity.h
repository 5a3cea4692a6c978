#pragma once

namespace lacuna {

/// A number of one kind, so that two kinds cannot be swapped. `Tag` is an empty type that stands for the
/// kind.
template <class Tag, class Rep>
class Quantity {
 public:
  constexpr Quantity() = default;
  explicit constexpr Quantity(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }

  friend constexpr bool operator==(Quantity a, Quantity b) { return a.value_ == b.value_; }
  friend constexpr bool operator!=(Quantity a, Quantity b) { return a.value_ != b.value_; }
  friend constexpr bool operator<(Quantity a, Quantity b) { return a.value_ < b.value_; }

 private:
  Rep value_{};
};

}  // namespace lacuna
