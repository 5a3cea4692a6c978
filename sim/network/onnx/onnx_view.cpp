#include "sim/network/onnx/onnx_view.h"

#include <algorithm>

namespace lacuna {

std::uint64_t extent_of(const OnnxAxis& axis) {
  std::uint64_t extent = 1;
  for (const OnnxPart& part : axis) {
    extent *= part.extent;
  }
  return extent;
}

std::vector<std::uint64_t> OnnxView::shape() const {
  std::vector<std::uint64_t> shape;
  shape.reserve(axes.size());
  for (const OnnxAxis& axis : axes) {
    shape.push_back(extent_of(axis));
  }
  return shape;
}

std::uint64_t OnnxView::elements() const {
  std::uint64_t count = 1;
  for (const OnnxAxis& axis : axes) {
    for (const OnnxPart& part : axis) {
      count *= part.is_batch ? 1 : part.extent;
    }
  }
  return count;
}

bool OnnxView::is_batch(std::size_t axis) const {
  return std::any_of(axes[axis].begin(), axes[axis].end(),
                     [](const OnnxPart& part) { return part.is_batch && part.extent > 1; });
}

namespace {

/// Where the images lie: for each part along several images, its axis, its extent, and how many elements of
/// the axis each image has in a row.
std::vector<std::uint64_t> image_places(const OnnxView& view) {
  std::vector<std::uint64_t> places;
  for (std::size_t axis = 0; axis < view.axes.size(); ++axis) {
    std::uint64_t inner = extent_of(view.axes[axis]);
    for (const OnnxPart& part : view.axes[axis]) {
      inner /= part.extent;
      if (part.is_batch && part.extent > 1) {
        places.insert(places.end(), {axis, part.extent, inner});
      }
    }
  }
  return places;
}

}  // namespace

bool same_images(const OnnxView& a, const OnnxView& b) {
  return image_places(a) == image_places(b);
}

std::vector<OnnxPart> joined_parts(const std::vector<OnnxAxis>& axes) {
  std::vector<OnnxPart> joined;
  for (const OnnxAxis& axis : axes) {
    for (const OnnxPart& part : axis) {
      if (part.is_batch || part.extent == 1) {
        continue;
      }
      const bool follows =
          !joined.empty() && joined.back().stride == part.stride * static_cast<std::int64_t>(part.extent);
      if (follows) {
        joined.back().extent *= part.extent;
        joined.back().stride = part.stride;
      } else {
        joined.push_back(part);
      }
    }
  }
  return joined;
}

bool is_contiguous(const std::vector<OnnxPart>& joined, std::int64_t offset, std::uint64_t elements) {
  if (offset != 0) {
    return false;
  }
  return elements == 1 ? joined.empty()
                       : joined.size() == 1 && joined[0].extent == elements && joined[0].stride == 1;
}

namespace {

/// All parts in order; neighbours that are not along images joined.
std::vector<OnnxPart> parts_in_order(const std::vector<OnnxAxis>& axes) {
  std::vector<OnnxPart> parts;
  for (const OnnxAxis& axis : axes) {
    for (const OnnxPart& part : axis) {
      const bool follows = !parts.empty() && !parts.back().is_batch && !part.is_batch &&
                           parts.back().stride == part.stride * static_cast<std::int64_t>(part.extent);
      if (follows) {
        parts.back().extent *= part.extent;
        parts.back().stride = part.stride;
      } else {
        parts.push_back(part);
      }
    }
  }
  return parts;
}

/// Takes the outer `extent` of a part off it.
OnnxPart take_outer(OnnxPart& part, std::uint64_t extent) {
  OnnxPart outer = part;
  outer.extent = extent;
  part.extent /= extent;
  outer.stride = part.stride * static_cast<std::int64_t>(part.extent);
  return outer;
}

}  // namespace

std::optional<std::vector<OnnxAxis>> reshaped(const std::vector<OnnxAxis>& axes,
                                              const std::vector<std::uint64_t>& shape) {
  std::vector<OnnxPart> parts = parts_in_order(axes);
  std::size_t next = 0;
  std::vector<OnnxAxis> result;
  for (const std::uint64_t extent : shape) {
    OnnxAxis axis;
    std::uint64_t needed = extent;
    // A single image's axis stays one while the shape has room for it.
    if (needed == 1 && next < parts.size() && parts[next].is_batch && parts[next].extent == 1) {
      axis.push_back(parts[next++]);
    }
    while (needed > 1) {
      if (next == parts.size()) {
        return std::nullopt;
      }
      OnnxPart& part = parts[next];
      if (part.extent == 1) {
        ++next;
      } else if (needed % part.extent == 0) {
        needed /= part.extent;
        axis.push_back(part);
        ++next;
      } else if (!part.is_batch && part.extent % needed == 0) {
        axis.push_back(take_outer(part, needed));
        needed = 1;
      } else {
        return std::nullopt;
      }
    }
    result.push_back(std::move(axis));
  }
  return result;
}

bool split_alike(OnnxAxis& a, OnnxAxis& b) {
  const auto single_image = [](const OnnxAxis& axis) {
    return std::any_of(axis.begin(), axis.end(),
                       [](const OnnxPart& part) { return part.is_batch && part.extent == 1; });
  };
  const bool is_single_image = single_image(a) || single_image(b);
  const auto without_ones = [](OnnxAxis& axis) {
    axis.erase(std::remove_if(axis.begin(), axis.end(), [](const OnnxPart& p) { return p.extent == 1; }),
               axis.end());
  };
  without_ones(a);
  without_ones(b);
  for (std::size_t i = 0; i < a.size() || i < b.size(); ++i) {
    if (i >= a.size() || i >= b.size() || a[i].is_batch != b[i].is_batch) {
      return false;
    }
    OnnxAxis& longer = a[i].extent > b[i].extent ? a : b;
    const std::uint64_t extent = std::min(a[i].extent, b[i].extent);
    if (longer[i].extent == extent) {
      continue;
    }
    if (longer[i].extent % extent != 0 || longer[i].is_batch) {
      return false;
    }
    const OnnxPart outer = take_outer(longer[i], extent);
    longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(i), outer);
  }
  if (is_single_image) {
    a.insert(a.begin(), OnnxPart{1, 0, true});
    b.insert(b.begin(), OnnxPart{1, 0, true});
  }
  return true;
}

}  // namespace lacuna
