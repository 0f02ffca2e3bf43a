// Sets of things that are all related to one another.
#ifndef VIPDRIFT_SCENARIOS_CLIQUES_H_
#define VIPDRIFT_SCENARIOS_CLIQUES_H_

#include <cstddef>
#include <vector>

namespace vipdrift::scenarios {

/// A symmetric relation between the numbers below `size`.
class Relation {
 public:
  explicit Relation(std::size_t size) : size_(size), related_(size * size, false) {}

  std::size_t size() const { return size_; }
  void relate(std::size_t a, std::size_t b) { related_[a * size_ + b] = related_[b * size_ + a] = true; }
  bool related(std::size_t a, std::size_t b) const { return related_[a * size_ + b]; }

 private:
  std::size_t size_;
  std::vector<bool> related_;
};

using NumberSets = std::vector<std::vector<std::size_t>>;

/// Numbers joined by any chain of relations. Sorted, disjoint, complete.
NumberSets components(const Relation& relation);

/// The largest sets in which everyone is related to everyone (C. Bron and J. Kerbosch, Algorithm 457, 1973, with a
/// pivot). Sorted; every number is in at least one. Linear in the output where components are cliques.
NumberSets maximal_cliques(const Relation& relation);

/// The elements of `from` at the positions of each set.
template <class T>
std::vector<std::vector<T>> pick(const std::vector<T>& from, const NumberSets& sets) {
  std::vector<std::vector<T>> picked;
  for (const auto& set : sets) {
    std::vector<T>& elements = picked.emplace_back();
    for (const std::size_t number : set) elements.push_back(from[number]);
  }
  return picked;
}

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_CLIQUES_H_
