import Testing

@testable import RNNReport

@Suite("Proportions")
struct ProportionTests {
  /// Where none or all succeed, Wilson's interval has a closed form: its open end is z²/(n + z²) away.
  @Test("The interval of none and of all", arguments: [3, 5, 10, 1000])
  func closedForm(_ trials: Int) {
    let z2 = 1.959964 * 1.959964
    let edge = z2 / (Double(trials) + z2)
    let none = Proportion(0, of: trials).interval
    #expect(none.lowerBound == 0)
    #expect(abs(none.upperBound - edge) < 1e-12)
    let all = Proportion(trials, of: trials).interval
    #expect(all.upperBound == 1)
    #expect(abs(all.lowerBound - (1 - edge)) < 1e-12)
  }

  @Test("Both ends solve (p − share)² = z² p (1 − p) / n", arguments: [1, 2, 3, 4])
  func equation(_ successes: Int) {
    let proportion = Proportion(successes, of: 5)
    for p in [proportion.interval.lowerBound, proportion.interval.upperBound] {
      let distance = (p - proportion.share) * (p - proportion.share)
      // Rounding of a few Double operations on numbers below 1.
      #expect(abs(distance - 1.959964 * 1.959964 * p * (1 - p) / 5) < 1e-12)
    }
  }

  @Test("Without trials anything is possible")
  func empty() {
    #expect(Proportion(0, of: 0).interval == 0...1)
    #expect(Proportion(0, of: 0).share == 0)
    #expect(Proportion(2, of: 3).label == "2 of 3")
  }
}
