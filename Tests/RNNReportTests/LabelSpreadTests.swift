import Testing

@testable import RNNReport

@Suite struct LabelSpreadTests {
  @Test func `labels with room stay where they want to be`() {
    #expect(LabelSpread.positions([80, 10, 40], gap: 15, within: 0...100) == [80, 10, 40])
  }

  @Test func `labels in one place spread evenly around it`() {
    #expect(LabelSpread.positions([50, 50, 50], gap: 10, within: 0...100) == [40, 50, 60])
  }

  @Test func `labels at an edge are pushed inwards`() {
    #expect(LabelSpread.positions([99, 100], gap: 10, within: 0...100) == [90, 100])
    #expect(LabelSpread.positions([-5, -5], gap: 10, within: 0...100) == [0, 10])
  }

  @Test func `without room for all the gap shrinks`() {
    #expect(LabelSpread.positions([5, 5, 5], gap: 10, within: 0...10) == [0, 5, 10])
    #expect(LabelSpread.positions([], gap: 10, within: 0...10) == [])
  }

  @Test func `random labels keep order, gap and range`() {
    var generator = SystemRandomNumberGenerator()
    for count in 1...12 {
      let wanted = (0..<count).map { _ in Double.random(in: -20...220, using: &generator) }
      let placed = LabelSpread.positions(wanted, gap: 15, within: 0...200)
      let byWish = wanted.indices.sorted { wanted[$0] < wanted[$1] }.map { placed[$0] }
      // Sums of a dozen numbers below 300 round by far less.
      #expect(zip(byWish, byWish.dropFirst()).allSatisfy { $1 - $0 >= 15 - 1e-9 })
      #expect(placed.allSatisfy { $0 >= -1e-9 && $0 <= 200 + 1e-9 })
    }
  }
}
