import RNNTasks
import Testing

@Suite("Edit distance")
struct EditDistanceTests {
  /// Levenshtein's by its definition: the last elements are kept or replaced, or one of them is
  /// left out.
  private static func recursive(_ a: ArraySlice<Int>, _ b: ArraySlice<Int>) -> Int {
    guard let x = a.last, let y = b.last else { return a.count + b.count }
    return min(
      recursive(a.dropLast(), b.dropLast()) + (x == y ? 0 : 1),
      recursive(a.dropLast(), b) + 1, recursive(a, b.dropLast()) + 1)
  }

  @Test("Known distances")
  func known() {
    for (first, second, distance) in [
      ("kitten", "sitting", 3), ("", "abc", 3), ("flaw", "lawn", 2), ("", "", 0),
      ("same", "same", 0),
    ] {
      #expect(editDistance(Array(first), Array(second)) == distance)
      #expect(editDistance(Array(second), Array(first)) == distance)
    }
  }

  @Test("It is the least of all ways to edit")
  func definition() {
    var random = RandomSource(state: 7)
    for _ in 0..<60 {
      let (a, b) = (random.sequence(), random.sequence())
      #expect(editDistance(a, b) == Self.recursive(a[...], b[...]), "\(a) \(b)")
    }
  }

  private struct RandomSource {
    var state: UInt64

    private mutating func number(below count: UInt64) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % count)
    }

    /// Up to six numbers of three.
    mutating func sequence() -> [Int] {
      let count = number(below: 7)
      return (0..<count).map { _ in number(below: 3) }
    }
  }
}
